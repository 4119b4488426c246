"""The reports that were asked for, so that a run which dies is continued by the next.

A report is written down before Amazon is asked for it, and its id before it is first asked after.
So whatever happens in between, the next run knows that there may be one, or which one it is. Here
belongs keeping that; what a run does with it is decided above.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.sql.dml import ReturningInsert

from asp_dagster.catalog.report_records import ReportRecord, ReportStatus
from asp_dagster.spapi import Clock
from asp_dagster.state.databases import Database
from asp_dagster.state.tables import REPORTS
from asp_dagster.state.waiting_reports import WaitingReports

_REMEMBERED = tuple(REPORTS.c[name] for name in ReportRecord.__dataclass_fields__)


class ReportLedger:
    """The reports in a shared state. Each call is one transaction.

    Attributes:
        waiting: Those that runs have left to a sensor.

    Raises:
        StateError: From every method, when the state cannot be used.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self.waiting = WaitingReports(database, clock)

    def latest(self, key: str) -> ReportRecord | None:
        """Return the last report that was asked for under a key, if any was."""
        found = (
            select(*_REMEMBERED)
            .where(REPORTS.c.key == key)
            .order_by(REPORTS.c.number.desc())
            .limit(1)
        )
        with self._database.transaction() as connection:
            row = connection.execute(found).one_or_none()
        return ReportRecord(**row._mapping) if row else None  # noqa: SLF001 - SQLAlchemy's public name

    def requested(
        self,
        key: str,
        request: Mapping[str, Any],
        run_id: str | None = None,
        *,
        after: int | None = None,
    ) -> ReportRecord | None:
        """Note that a report is about to be asked for, unless another run was quicker.

        Args:
            key: What is asked for, by whom and where.
            request: The body of createReport, for people.
            run_id: The run that asks.
            after: The number of the last report that the run knows of under the key; if there is
                a later one by now, nothing is noted.

        Returns:
            What is noted; none if another run was quicker.
        """
        now = self._clock.now()
        row = {**_asked(key, request, now, run_id), "status": "REQUESTED"}
        last = select(func.max(REPORTS.c.number)).where(REPORTS.c.key == key)
        with self._database.transaction() as connection:
            self._database.keep_others_out(connection, key)
            if connection.execute(last).scalar() != after:
                return None
            number = connection.execute(_inserted(row)).scalar_one()
        return ReportRecord(
            number=number, key=key, status="REQUESTED", requested_at=now, run_id=run_id
        )

    def adopted(
        self,
        key: str,
        request: Mapping[str, Any],
        report_id: str,
        document_id: str,
        *,
        made_at: datetime,
        run_id: str | None = None,
    ) -> int:
        """Note a finished report that somebody else had made, and return its number.

        Args:
            key: What is asked for, by whom and where.
            request: What createReport would have been asked for, for people.
            report_id: Amazon's id.
            document_id: The id of its document.
            made_at: When Amazon was asked for it, aware.
            run_id: The run that found it.
        """
        row = {
            **_asked(key, request, made_at, run_id),
            "status": "DONE",
            "report_id": report_id,
            "document_id": document_id,
            "updated_at": self._clock.now(),
        }
        with self._database.transaction() as connection:
            return connection.execute(_inserted(row)).scalar_one()

    def key_of(self, report_id: str) -> str | None:
        """Return the key that a report of Amazon's was asked for under; none if it is unknown."""
        found = select(REPORTS.c.key).where(REPORTS.c.report_id == report_id).limit(1)
        with self._database.transaction() as connection:
            return connection.execute(found).scalar()

    def rows_landed(self, key: str) -> int:
        """Return how many rows the last report had that landed under a key; 0 if none did."""
        found = (
            select(REPORTS.c.rows)
            .where(REPORTS.c.key == key, REPORTS.c.landed_at.is_not(None))
            .order_by(REPORTS.c.number.desc())
            .limit(1)
        )
        with self._database.transaction() as connection:
            return connection.execute(found).scalar() or 0

    def created(self, number: int, report_id: str) -> None:
        """Note the id by which Amazon knows a report."""
        self._update(number, status="OPEN", report_id=report_id)

    def ended(
        self, number: int, status: ReportStatus, *, document_id: str | None = None, reason: str = ""
    ) -> None:
        """Note how a report ended at Amazon."""
        self._update(number, status=status, document_id=document_id, reason=reason)

    def landed(self, number: int, rows: int) -> None:
        """Note that a report's document is in its place as a raw file."""
        self._update(number, landed_at=self._clock.now(), rows=rows)

    def _update(self, number: int, **values: Any) -> None:
        row = {**values, "updated_at": self._clock.now()}
        with self._database.transaction() as connection:
            connection.execute(update(REPORTS).where(REPORTS.c.number == number).values(row))


def _asked(
    key: str, request: Mapping[str, Any], asked_at: datetime, run_id: str | None
) -> dict[str, Any]:
    """Return what is noted of every report."""
    return {
        "key": key,
        "report_type": str(request.get("reportType", "")),
        "request": json.dumps(request, sort_keys=True),
        "requested_at": asked_at,
        "updated_at": asked_at,
        "run_id": run_id,
    }


def _inserted(row: Mapping[str, Any]) -> ReturningInsert[int]:
    return insert(REPORTS).values(row).returning(REPORTS.c.number)
