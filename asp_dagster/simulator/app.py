"""The simulator as an ASGI application: one request in, one answer out.

Here belong: the order of Amazon's checks (user agent, path, access token, quota, parameters), the headers
on every answer, and the record of every call. What an operation answers is written where its API is.

https://developer-docs.amazon.com/sp-api/docs/connect-to-the-selling-partner-api
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.types import Message, Receive, Scope, Send

from asp_dagster.simulator import documents, lwa
from asp_dagster.simulator.calls import Call, CallLog
from asp_dagster.simulator.clock import Clock
from asp_dagster.simulator.control import Control
from asp_dagster.simulator.documents import Documents
from asp_dagster.simulator.faults import Fault, Faults
from asp_dagster.simulator.lwa import LoginWithAmazon
from asp_dagster.simulator.operations import Operation, OperationRequest, Operations
from asp_dagster.simulator.quota import Quota
from asp_dagster.simulator.wire import Answer, Refusal, invalid_input, unauthorized

MAX_USER_AGENT = 500

_WITH_RATE = frozenset({200, 201, 202, 203, 204, 207, 400, 404})
"""The statuses on which Amazon states the rate: 20x, 400 and 404, never 429, 401 or 403."""


@dataclass(frozen=True)
class Application:
    """Answers requests.

    Attributes:
        login: Login with Amazon.
        operations: The API.
        documents: Report documents behind presigned URLs.
        control: The simulator's own endpoints.
        quota: The usage plans' buckets.
        faults: What is to go wrong.
        calls: Where calls are remembered.
        clock: Tells the time.
    """

    login: LoginWithAmazon
    operations: Operations
    documents: Documents
    control: Control
    quota: Quota
    faults: Faults
    calls: CallLog
    clock: Clock
