"""The reports that runs have left to a sensor, and when Amazon may next be asked after them.

A run that does not wait leaves its reports here; a sensor sees that they have ended, and starts the
run that takes them over. As long as a report is here, no run is responsible for it. Here belongs
keeping that; how Amazon is asked, and what a run does, is decided above.

Several sensors may watch over the reports of one selling partner, and one look is enough for all.
So whoever looks says so before, and nobody else looks until the time that is noted.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, delete, select, update

from asp_dagster.catalog.report_records import WaitingReport
from asp_dagster.spapi import Clock
from asp_dagster.state.databases import Database
from asp_dagster.state.tables import REPORT_LOOKS, REPORTS, WAITING_REPORTS

_OF_REPORTS = {"number", "report_id", "report_type", "requested_at"}
_TOLD = tuple(
    (REPORTS if name in _OF_REPORTS else WAITING_REPORTS).c[name]
    for name in WaitingReport.__dataclass_fields__
)


class WaitingReports:
    """The reports that wait for a run. Each call is one transaction.

    Raises:
        StateError: From every method, when the state cannot be used.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def leave(
        self,
        whose: str,
        asset: str,
        reports: Mapping[str, Mapping[int, bool]],
        *,
        asked_at: datetime,
    ) -> None:
        """Leave reports to a sensor.

        Args:
            whose: The selling partner, application and endpoint.
            asset: The asset that waits for them.
            reports: Whether each has ended already, by its number, by the asset's partition.
            asked_at: Up to when the run asks for data, aware.
        """
        now = self._clock.now()
        rows = [
            {
                "number": number,
                "whose": whose,
                "asset": asset,
                "partition_key": partition_key,
                "asked_at": asked_at,
                "ended_at": now if has_ended else None,
            }
            for partition_key, of_partition in reports.items()
            for number, has_ended in of_partition.items()
        ]
        with self._database.transaction() as connection:
            for row in rows:
                connection.execute(
                    self._database.insert(WAITING_REPORTS)
                    .values(row)
                    .on_conflict_do_update(index_elements=["number"], set_=row)
                )

    def take(self, asset: str, partition_keys: Collection[str]) -> None:
        """Take over what waits for partitions of an asset: from now on a run is responsible."""
        taken = WAITING_REPORTS.c.partition_key.in_(partition_keys)
        with self._database.transaction() as connection:
            connection.execute(
                delete(WAITING_REPORTS).where(WAITING_REPORTS.c.asset == asset, taken)
            )

    def of_asset(self, asset: str) -> Sequence[WaitingReport]:
        """Return what waits for an asset, in the order it was asked for."""
        return self._found(WAITING_REPORTS.c.asset == asset)

    def open(self, whose: str) -> Sequence[WaitingReport]:
        """Return what a selling partner waits for and has not been seen to have ended."""
        return self._found(WAITING_REPORTS.c.whose == whose, WAITING_REPORTS.c.ended_at.is_(None))

    def ended(self, documents: Mapping[int, str | None]) -> None:
        """Note that reports have ended.

        Of those that are done it is remembered; how any other ended, the run finds out that takes
        it over.

        Args:
            documents: The ids of their documents, by their numbers; none of those not done.
        """
        now = self._clock.now()
        ended = [{"of": number, "ended_at": now} for number in documents]
        done = [
            {"of": number, "status": "DONE", "document_id": document_id, "updated_at": now}
            for number, document_id in documents.items()
            if document_id
        ]
        with self._database.transaction() as connection:
            for table, rows in ((WAITING_REPORTS, ended), (REPORTS, done)):
                if rows:
                    of_number = table.c.number == bindparam("of")
                    connection.execute(update(table).where(of_number), rows)

    def begin_look(self, whose: str, lasting: timedelta) -> str | None:
        """Return where the last look ended, if it is time for another, and keep others from it.

        Args:
            whose: The selling partner, application and endpoint.
            lasting: How long nobody else looks, unless the look ends before.

        Returns:
            The place that `end_look` was told; empty at the beginning, none if it is not time.
        """
        now = self._clock.now()
        found = select(REPORT_LOOKS.c.due_at, REPORT_LOOKS.c.place).where(
            REPORT_LOOKS.c.whose == whose
        )
        with self._database.transaction() as connection:
            self._database.keep_others_out(connection, f"look {whose}")
            last = connection.execute(found).one_or_none()
            if last and last.due_at > now:
                return None
            place = last.place if last else ""
            connection.execute(self._look(whose, now + lasting, place))
        return place

    def end_look(self, whose: str, pause: timedelta, place: str) -> None:
        """Note where a look has ended, and when it is time for the next."""
        with self._database.transaction() as connection:
            connection.execute(self._look(whose, self._clock.now() + pause, place))

    def _look(self, whose: str, due_at: datetime, place: str) -> Any:
        row = {"whose": whose, "due_at": due_at, "place": place}
        return (
            self._database.insert(REPORT_LOOKS)
            .values(row)
            .on_conflict_do_update(index_elements=["whose"], set_=row)
        )

    def _found(self, *conditions: Any) -> Sequence[WaitingReport]:
        found = (
            select(*_TOLD)
            .join(REPORTS, REPORTS.c.number == WAITING_REPORTS.c.number)
            .where(*conditions)
            .order_by(WAITING_REPORTS.c.number)
        )
        with self._database.transaction() as connection:
            rows = connection.execute(found).all()
        return [WaitingReport(**row._mapping) for row in rows]  # noqa: SLF001 - SQLAlchemy's public name
