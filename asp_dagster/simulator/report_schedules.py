"""Report schedules of the Reports API 2021-06-30: Amazon makes a report again and again.

Here belong: the four operations, what Amazon refuses, and the reports that schedules make as time
goes by. How reports are listed is `reports`, what they contain `report_types`.

https://developer-docs.amazon.com/sp-api/docs/reports-api-v2021-06-30-reference
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from threading import Lock
from typing import Any

from asp_dagster.simulator.operations import Operation, OperationRequest, UsagePlan
from asp_dagster.simulator.parameters import read_parameters, words
from asp_dagster.simulator.partner import Partner
from asp_dagster.simulator.report_ledger import ReportLedger
from asp_dagster.simulator.report_types import ReportRequest, outcome_of
from asp_dagster.simulator.schedule_requests import ScheduleRequest, following, schedule_request
from asp_dagster.simulator.search import refuse_foreign_marketplaces
from asp_dagster.simulator.wire import Answer, instant, invalid_input, not_found, ok, present

_PATH = "/reports/2021-06-30/schedules"
_RETENTION = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class ReportSchedule:
    """A schedule that Amazon has.

    Attributes:
        schedule_id: Amazon's id.
        asked: What it makes, and how often.
        last_at: When it made its last report; before the first, when that one's data begin.
        next_at: When it makes its next.
    """

    schedule_id: str
    asked: ScheduleRequest
    last_at: datetime
    next_at: datetime

    def gone_on(self) -> "ReportSchedule":
        """Return the schedule as it is once it has made its next report."""
        return replace(
            self, last_at=self.next_at, next_at=following(self.next_at, self.asked.period)
        )

    def report_request(self) -> ReportRequest:
        """Return what its next report is about: all since the one before."""
        asked = self.asked
        return ReportRequest(
            asked.report_type, asked.marketplace_ids, asked.options, self.last_at, self.next_at
        )

    def render(self) -> dict[str, Any]:
        """Write the schedule down as getReportSchedule does."""
        return present(
            {
                "reportScheduleId": self.schedule_id,
                "reportType": self.asked.report_type,
                "marketplaceIds": list(self.asked.marketplace_ids),
                "reportOptions": dict(self.asked.options) or None,
                "period": self.asked.period,
                "nextReportCreationTime": instant(self.next_at),
            }
        )


@dataclass
class ReportSchedules:
    """The schedules of one partner, and the operations over them.

    Attributes:
        partner: Whose they are.
        ledger: Where their reports are put.
    """

    partner: Partner
    ledger: ReportLedger
    _by_id: dict[str, ReportSchedule] = field(default_factory=dict, repr=False)
    _count: int = 0
    _lock: Lock = field(default_factory=Lock, repr=False)

    def operations(self) -> Iterator[Operation]:
        """Yield the operations."""
        one, plan = f"{_PATH}/{{reportScheduleId}}", UsagePlan(0.0222, 10)
        yield Operation("getReportSchedules", "GET", _PATH, plan, self.get_report_schedules)
        yield Operation("createReportSchedule", "POST", _PATH, plan, self.create_report_schedule)
        yield Operation("getReportSchedule", "GET", one, plan, self.get_report_schedule)
        yield Operation("cancelReportSchedule", "DELETE", one, plan, self.cancel_report_schedule)

    def get_report_schedules(self, request: OperationRequest) -> Answer:
        """Return the schedules of some types."""
        types = read_parameters(request.query, {"reportTypes": words(most=10)}).get("reportTypes")
        if types is None:
            raise invalid_input("reportTypes is required.")
        found = [each for each in self.all(request.now) if each.asked.report_type in types]
        return ok({"reportSchedules": [schedule.render() for schedule in found]})

    def create_report_schedule(self, request: OperationRequest) -> Answer:
        """Begin a schedule; it takes the place of the one of this type and these marketplaces."""
        asked = schedule_request(request.body, request.now)
        refuse_foreign_marketplaces(asked.marketplace_ids, self.partner.region)
        return ok({"reportScheduleId": self.add(asked, request.now)}, 201)

    def get_report_schedule(self, request: OperationRequest) -> Answer:
        """Return one schedule."""
        read_parameters(request.query, {})
        return ok(self._schedule(request).render())

    def cancel_report_schedule(self, request: OperationRequest) -> Answer:
        """End a schedule; what it has made stays."""
        read_parameters(request.query, {})
        schedule = self._schedule(request)
        with self._lock:
            del self._by_id[schedule.schedule_id]
        return Answer(200)

    def all(self, now: datetime) -> Sequence[ReportSchedule]:
        """Return the truth: all schedules as they are by now."""
        self.appear(now)
        return tuple(self._by_id.values())

    def add(self, asked: ScheduleRequest, now: datetime) -> str:
        """Begin a schedule, as by createReportSchedule or in Seller Central; return its id."""
        self.appear(now)
        with self._lock:
            for schedule in list(self._by_id.values()):
                if schedule.asked.is_for_the_same_as(asked):
                    del self._by_id[schedule.schedule_id]
            self._count += 1
            schedule_id = f"{70_000_000_000 + self._count}"
            next_at = asked.next_at or following(now, asked.period)
            self._by_id[schedule_id] = ReportSchedule(schedule_id, asked, now, next_at)
        return schedule_id

    def appear(self, now: datetime) -> None:
        """Put in the ledger what the schedules have made by now and Amazon has not forgotten."""
        with self._lock:
            for schedule_id in self._by_id:
                self._go_on(schedule_id, now)

    def _go_on(self, schedule_id: str, now: datetime) -> None:
        while (schedule := self._by_id[schedule_id]).next_at <= now:
            if schedule.next_at > now - _RETENTION:
                self._make(schedule)
            self._by_id[schedule_id] = schedule.gone_on()

    def _make(self, schedule: ReportSchedule) -> None:
        request = schedule.report_request()
        outcome = outcome_of(request, self.partner, schedule.next_at)
        report = self.ledger.make(request, outcome, schedule.next_at)
        self.ledger.appear(replace(report, schedule_id=schedule.schedule_id))

    def _schedule(self, request: OperationRequest) -> ReportSchedule:
        self.appear(request.now)
        schedule_id = request.path["reportScheduleId"]
        schedule = self._by_id.get(schedule_id)
        if schedule is None:
            raise not_found(f"Report schedule {schedule_id} does not exist.")
        return schedule
