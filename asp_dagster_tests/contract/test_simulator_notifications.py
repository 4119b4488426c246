"""The simulator's notifications against Amazon's model and its schemas of what they say.

The directory of the models is named by the variable `ASP_MODELS`.
"""

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from asp_dagster.simulator import Partner
from asp_dagster.simulator.documents import Documents
from asp_dagster.simulator.notification_messages import VERSIONS, order_change, report_finished
from asp_dagster.simulator.operations import OperationRequest
from asp_dagster.simulator.report_ledger import ReportLedger
from asp_dagster.simulator.report_types import Outcome, ReportRequest
from asp_dagster.simulator.subscriptions import Subscriptions

MODELS = Path(os.environ["ASP_MODELS"])
SCHEMAS = MODELS / "schemas" / "notifications"
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
ARN = "arn:aws:sqs:us-east-1:123456789012:amazon"


@pytest.fixture
def model() -> Any:
    """Amazon's model, with unknown fields forbidden."""
    path = MODELS / "notifications-api-model" / "notifications.json"
    model = json.loads(path.read_text(encoding="utf-8"))
    for definition in model["definitions"].values():
        if "properties" in definition:
            definition["additionalProperties"] = False
    return model


def _asked(path: dict[str, str] | None = None, body: Any = None) -> OperationRequest:
    return OperationRequest(path or {}, [], json.dumps(body).encode(), NOW, "http://127.0.0.1")


def _check(answer: Any, model: Any, definition: str) -> Any:
    schema = {"$ref": f"#/definitions/{definition}", "definitions": model["definitions"]}
    told = json.loads(answer.content)
    jsonschema.Draft4Validator(schema).validate(told)
    return told.get("payload")


def test_answers_satisfy_the_model(model: Any) -> None:
    """Whatever an operation answers is as Amazon defines it."""
    api = Subscriptions()
    body = {"name": "ours", "resourceSpecification": {"sqs": {"arn": ARN}}}
    made = _check(api.create_destination(_asked(body=body)), model, "CreateDestinationResponse")
    destination = {"destinationId": made["destinationId"]}
    _check(api.get_destinations(_asked()), model, "GetDestinationsResponse")
    _check(api.get_destination(_asked(destination)), model, "GetDestinationResponse")
    for name, version in VERSIONS.items():
        body = {"payloadVersion": version, **destination}
        path = {"notificationType": name}
        begun = _check(
            api.create_subscription(_asked(path, body)), model, "CreateSubscriptionResponse"
        )
        one = {**path, "subscriptionId": begun["subscriptionId"]}
        _check(api.get_subscription(_asked(path)), model, "GetSubscriptionResponse")
        _check(api.get_subscription_by_id(_asked(one)), model, "GetSubscriptionByIdResponse")
        deleted = api.delete_subscription_by_id(_asked(one))
        _check(deleted, model, "DeleteSubscriptionByIdResponse")

    _check(api.delete_destination(_asked(destination)), model, "DeleteDestinationResponse")


def test_operations_are_amazons(model: Any) -> None:
    """Each operation has the name, method and path of the model."""
    known = {
        (operation["operationId"], method.upper(), path)
        for path, operations in model["paths"].items()
        for method, operation in operations.items()
        if method in {"get", "post", "delete"}
    }

    assert {
        (each.name, each.method, each.template) for each in Subscriptions().operations()
    } < known


def test_order_changes_satisfy_the_schema() -> None:
    """A changed order of any status is told of as Amazon's schema says."""
    schema = json.loads((SCHEMAS / "OrderChangeNotification.json").read_text(encoding="utf-8"))
    partner = Partner.generate(seed=4, orders=200, until=NOW, days=1)

    messages = [order_change(each, "A1", "s-1", NOW) for each in partner.books.orders]

    assert {each.status for each in partner.books.orders} > {"PENDING", "SHIPPED", "CANCELLED"}
    for message in messages:
        jsonschema.Draft7Validator(schema).validate(message)


@pytest.mark.parametrize(
    "outcome", [Outcome("DONE", b"a\n"), Outcome("FATAL"), Outcome("CANCELLED")]
)
def test_ended_reports_satisfy_the_schema(outcome: Outcome) -> None:
    """A report that has ended, in whatever way, is told of as Amazon's schema says."""
    path = SCHEMAS / "ReportProcessingFinishedNotification.json"
    request = ReportRequest("GET_X", ("ATVPDKIKX0DER",), {}, NOW, NOW)
    report = ReportLedger(Documents(b"secret", 300), 0).make(request, outcome, NOW)

    message = report_finished(report, "A1", "s-1", NOW)

    schema = json.loads(path.read_text(encoding="utf-8"))
    jsonschema.Draft7Validator(schema).validate(message)
