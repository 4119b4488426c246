"""The reports that were asked for, so that a run which dies is continued by the next.

A report is written down before Amazon is asked for it, and its id before it is first asked after.
So whatever happens in between, the next run knows that there may be one, or which one it is. Here
belongs keeping that; what a run does with it is decided above.
"""

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import insert, select, update

from asp_dagster.catalog.report_records import ReportRecord, ReportStatus
from asp_dagster.spapi import Clock
from asp_dagster.state.databases import Database
from asp_dagster.state.tables import REPORTS

_REMEMBERED = tuple(REPORTS.c[name] for name in ReportRecord.__dataclass_fields__)


class ReportLedger:
    """The reports in a shared state. Each call is one transaction.

    Raises:
        StateError: From every method, when the state cannot be used.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

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
        self, key: str, request: Mapping[str, Any], run_id: str | None = None
    ) -> ReportRecord:
        """Note that a report is about to be asked for.

        Args:
            key: What is asked for, by whom and where.
            request: The body of createReport, for people.
            run_id: The run that asks.
        """
        now = self._clock.now()
        row = {
            "key": key,
            "report_type": str(request.get("reportType", "")),
            "request": json.dumps(request, sort_keys=True),
            "status": "REQUESTED",
            "requested_at": now,
            "updated_at": now,
            "run_id": run_id,
        }
        with self._database.transaction() as connection:
            [number] = connection.execute(
                insert(REPORTS).values(row).returning(REPORTS.c.number)
            ).one()
        return ReportRecord(number=number, key=key, status="REQUESTED", requested_at=now)

    def is_known(self, report_id: str) -> bool:
        """Tell whether a report of Amazon's is remembered."""
        found = select(REPORTS.c.number).where(REPORTS.c.report_id == report_id).limit(1)
        with self._database.transaction() as connection:
            return connection.execute(found).first() is not None

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
