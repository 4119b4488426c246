"""The simulator as Python sees it: start it, look at it, make things go wrong.

Here belongs: putting the parts together. Each part is a file of its own.
"""

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from pathlib import Path
from typing import Self

from asp_dagster.simulator import lwa
from asp_dagster.simulator.app import Application
from asp_dagster.simulator.calls import Call, CallLog
from asp_dagster.simulator.clock import Clock, SystemClock
from asp_dagster.simulator.control import Control
from asp_dagster.simulator.direct_fulfillment import DirectFulfillment
from asp_dagster.simulator.documents import Documents
from asp_dagster.simulator.faults import Body, Fault, Faults
from asp_dagster.simulator.fba_inventory import FbaInventory
from asp_dagster.simulator.lwa import LoginWithAmazon, credentials_from
from asp_dagster.simulator.notifications import Notifications
from asp_dagster.simulator.operations import Operation, Operations
from asp_dagster.simulator.orders_v0 import OrdersV0
from asp_dagster.simulator.orders_v2026 import OrdersV2026
from asp_dagster.simulator.outbound_orders import OutboundOrders
from asp_dagster.simulator.paging import PageTokens
from asp_dagster.simulator.partner import Partner
from asp_dagster.simulator.quota import Quota, speed_from
from asp_dagster.simulator.report_ledger import ReportLedger
from asp_dagster.simulator.report_schedules import ReportSchedules
from asp_dagster.simulator.report_types import (
    FinalStatus,
    Outcome,
    ReportRequest,
    can_be_requested,
    outcome_of,
)
from asp_dagster.simulator.reports import Reports
from asp_dagster.simulator.restricted import RESTRICTED_REPORT_TYPES, RestrictedData
from asp_dagster.simulator.sandbox import Match, published_operations
from asp_dagster.simulator.sellers import Sellers
from asp_dagster.simulator.server import ServerThread
from asp_dagster.simulator.settlements import Settlements
from asp_dagster.simulator.signatures import Signatures
from asp_dagster.simulator.storms import Storms
from asp_dagster.simulator.wire import Pieces

_AMAZONS_PAGE_SIZE = 100


@dataclass
class Simulator:
    """A Selling Partner API of our own, over one simulated selling partner.

    Enter it to start it: `with Simulator(partner) as simulator: ...`. It listens on loopback only.

    Attributes:
        partner: Whose data it serves.
        speed: How many times faster than Amazon's the quota comes back; 0 or `inf`: no quota.
        page_size_limit: The most that any page holds, to see many pages of few orders.
        report_seconds: How long a report takes to be made.
        report_cool_downs: For how many seconds after one no other of a type is made; who asks
            then gets a cancelled one, as of Amazon's FBA reports.
        document_seconds: How long a presigned URL opens its document.
        token_seconds: How long an access token or a restricted data token lives.
        has_restricted_roles: Whether the application may see personal data.
        restricted_report_types: The types whose documents need a restricted data token.
        models: The directory of Amazon's models; operations with published sandbox cases answer
            with them, the simulated partner answers the rest.
        match: Whether a request must equal a published case, or gets the nearest one.
        signatures: Whether requests must be signed by AWS keys, as before 2023-10-02.
        operations: Further operations; one with the path of our own takes its place.
        clock: Tells the time; the machine's by default.
        host: The loopback address to listen on.
        port: The port to listen on; 0: any free one.
        settlements: The reports that Amazon makes by itself, and ways to let them go wrong.
        report_schedules: The schedules by which Amazon makes reports.
        notifications: What Amazon sends of itself, to whoever has subscribed.
        storms: Calls that go wrong at random.
    """

    partner: Partner
    _: KW_ONLY
    speed: float | str = 1.0
    page_size_limit: int | None = None
    report_seconds: float = 2.0
    report_cool_downs: Mapping[str, float] = field(default_factory=dict)
    document_seconds: float = 300
    token_seconds: float = 3600
    has_restricted_roles: bool = True
    restricted_report_types: Collection[str] = RESTRICTED_REPORT_TYPES
    models: Path | None = None
    match: Match = "nearest"
    signatures: Signatures = field(default_factory=Signatures)
    operations: Sequence[Operation] = ()
    clock: Clock = field(default_factory=SystemClock)
    host: str = "127.0.0.1"
    port: int = 0

    def __post_init__(self) -> None:
        secret = hashlib.sha256(f"simulator {self.partner.seed}".encode()).digest()
        self._calls, self._faults = CallLog(), Faults()
        self._tokens = PageTokens(secret)
        self._documents = Documents(secret, self.document_seconds)
        self._reports = ReportLedger(self._documents, self.report_seconds, self.report_cool_downs)
        self.storms = Storms(self.partner, self._tokens, self._reports.end_next)
        self.settlements = Settlements(self.partner, self._reports)
        self.report_schedules = ReportSchedules(self.partner, self._reports)
        self.notifications = Notifications(self.partner, self._reports)
        self._login = LoginWithAmazon(credentials_from(secret.hex()), self.token_seconds)
        self._restricted = RestrictedData(
            self._login,
            self._reports,
            self.restricted_report_types,
            has_role=self.has_restricted_roles,
            token_seconds=self.token_seconds,
        )
        self._quota = Quota(speed_from(self.speed))
        self._server: ServerThread | None = None
        self._operations = Operations(self._all_operations())

    def __enter__(self) -> Self:
        """Start serving."""
        self._server = ServerThread(self._application(), self.host, self.port)
        return self

    def __exit__(self, *_: object) -> None:
        """Stop serving."""
        if self._server is not None:
            self._server.stop()
            self._server = None

    @property
    def url(self) -> str:
        """The base URL of the API: what is `https://sellingpartnerapi-na.amazon.com` otherwise."""
        if self._server is None:
            raise RuntimeError("The simulator is not running: enter it by a with statement.")
        return self._server.url

    @property
    def lwa_url(self) -> str:
        """The URL of its Login with Amazon."""
        return self.url + lwa.PATH

    @property
    def client_id(self) -> str:
        """The application's client id."""
        return self._login.credentials.client_id

    @property
    def client_secret(self) -> str:
        """The application's client secret."""
        return self._login.credentials.client_secret

    @property
    def refresh_token(self) -> str:
        """The selling partner's refresh token."""
        return self._login.credentials.refresh_token

    @property
    def calls(self) -> Sequence[Call]:
        """Every call so far, with those to LWA and to presigned URLs."""
        return self._calls.all()

    def count(self, operation: str, status: int | None = None) -> int:
        """Return how many calls of an operation there were, or how many with this status."""
        return sum(
            call.operation == operation and status in {None, call.status} for call in self.calls
        )

    @property
    def requested_report_types(self) -> list[str]:
        """The types of the reports that createReport was asked for, in their order."""
        return self._reports.requested_types

    @property
    def tokens_seen_at_documents(self) -> list[str]:
        """Access tokens and Authorization headers that wrongly reached a presigned URL."""
        return self._documents.tokens_seen

    def expire_tokens(self) -> None:
        """Let every access token and restricted data token handed out so far be expired."""
        self._login.expire_tokens()
        self._restricted.expire_tokens()

    def expire_documents(self) -> None:
        """Let every presigned URL handed out so far be expired."""
        self._documents.expire()

    def fault(  # noqa: PLR0913 - the fields of a fault, spelt out where tests write them
        self,
        operation: str,
        times: int = 1,
        *,
        status: int = 503,
        body: Body | None = None,
        headers: Mapping[str, str] | None = None,
        drop: bool = False,
        truncate: bool = False,
    ) -> None:
        """Let the next calls of an operation go wrong.

        Args:
            operation: Amazon's name of it, `requestToken` or `downloadDocument`.
            times: How many calls.
            status: The status to answer.
            body: The body to answer: bytes or text as they are, a mapping as JSON.
            headers: Headers to answer.
            drop: Close the connection without an answer.
            truncate: Send half of the usual answer, then close the connection.

        Raises:
            ValueError: When there is no such operation.
        """
        if operation not in {*self._operations.names, "requestToken", "downloadDocument"}:
            raise ValueError(f"The simulator has no operation {operation}.")
        fault = Fault(status=status, body=body, headers=headers or {}, drop=drop, truncate=truncate)
        self._faults.add(operation, fault, times)

    def let_reports_take(self, seconds: float) -> None:
        """Let reports that are asked for from now on take so long."""
        self._reports.seconds = seconds

    def finish_reports(self) -> None:
        """Let every report that is under way be finished now."""
        self._reports.finish(self.clock.now())

    def stick_next_report(self) -> None:
        """Let the next report that is asked for stay `IN_PROGRESS`, until `finish_reports`."""
        self._reports.stick_next()

    def make_report(self, report_type: str, marketplace_ids: Sequence[str] = ()) -> str:
        """Let Amazon, a schedule or Seller Central make a report just now, and return its id.

        Args:
            report_type: Any type but settlements, which appear by themselves.
            marketplace_ids: Its marketplaces; without them, the partner's first.

        Raises:
            ValueError: When there is no such type.
        """
        if can_be_requested(report_type) is None:
            raise ValueError(f"Nobody makes reports of the type {report_type!r}.")
        now, first = self.clock.now(), self.partner.marketplaces[0].marketplace_id
        request = ReportRequest(report_type, tuple(marketplace_ids) or (first,), {}, now, now)
        return self._reports.make(request, outcome_of(request, self.partner, now), now).report_id

    def end_next_report(
        self,
        status: FinalStatus,
        document: bytes | str | Pieces | None = None,
        *,
        media_type: str | None = None,
    ) -> None:
        """Let the next report that is asked for end in this status.

        Args:
            status: `DONE`, `CANCELLED` or `FATAL`.
            document: What its document holds, or what makes a large one piece by piece; without
                it the report has none.
            media_type: Its type, with the charset: `text/plain;charset=Cp1252`; by default as
                usual.
        """
        content = document.encode() if isinstance(document, str) else document
        self._reports.end_next(Outcome(status, content, media_type))

    def _application(self) -> Application:
        return Application(
            login=self._login,
            restricted=self._restricted,
            operations=self._operations,
            documents=self._documents,
            control=Control(self.partner, self._calls, self.storms, self.notifications),
            quota=self._quota,
            faults=self._faults,
            storms=self.storms,
            calls=self._calls,
            clock=self.clock,
            signatures=self.signatures,
        )

    def _all_operations(self) -> Iterator[Operation]:
        yield from self.operations
        yield from self._restricted.operations()  # a published token would open nothing
        if self.models is not None:
            yield from published_operations(self.models, self.match)
        limit, roles = self.page_size_limit or _AMAZONS_PAGE_SIZE, self.has_restricted_roles
        yield from OrdersV0(self.partner, self._tokens, limit).operations()
        yield from OrdersV2026(self.partner, self._tokens, limit, roles).operations()
        reports = self._reports, self.settlements, self.report_schedules
        yield from Reports(self.partner, *reports, self._tokens, limit).operations()
        yield from self.report_schedules.operations()
        yield from self.notifications.subscriptions.operations()
        yield from FbaInventory(self.partner, self._tokens, limit).operations()
        yield from OutboundOrders(self.partner, self._tokens, limit).operations()
        yield from DirectFulfillment(self.partner, self._tokens, limit).operations()
        yield from Sellers(self.partner).operations()
