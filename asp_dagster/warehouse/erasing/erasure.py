"""Finds the rows of a table whose personal values are due, and sets these to NULL.

A row counts as its raw record does: from the latest delivery, else from the last change, else from
the end of its partition, else from when it was loaded. A child's row counts from its parent's. The
rows stay, and so does every other column. The same SQL runs in both databases. Here belong the
statements.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from adbc_driver_manager.dbapi import Cursor

from asp_dagster.warehouse.accounts import is_of, rows_of
from asp_dagster.warehouse.erasing.columns import ErasableTable
from asp_dagster.warehouse.origins import LOADED_AT, PARTITION
from asp_dagster.warehouse.sql import identifier, literal

# Texts that begin like 2026-11-01. Of all others nothing is to be said, and no cast may fail.
_ISO_DATE = r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01]).*$"


@dataclass(frozen=True)
class TableRule:
    """When rows of a feed's tables are due.

    Attributes:
        schema: The tables' schema.
        before: Personal values that count from this moment, or one before it, are due.
        partition_length: How long the partitions are, if they are named by the day they begin; to
            be counted from its end is for rows that tell no date.
        account: Whose rows are meant, in tables that are shared by several accounts.
    """

    schema: str
    before: datetime
    partition_length: timedelta | None = None
    account: str | None = None


@dataclass(frozen=True, kw_only=True)
class TableFinding:
    """What was found in a table, and done with it.

    Attributes:
        table: The table's name.
        rows: How many rows it has, of the account.
        erased: How many of them had personal values that were due.
        earliest: The earliest moment from which personal values count that are still there.
        kept: Columns of personal values that cannot be erased: they identify the rows.
    """

    table: str
    rows: int
    erased: int
    earliest: datetime | None = None
    kept: tuple[str, ...] = ()


class Erasure:
    """The statements that erase what is due in one table."""

    def __init__(self, cursor: Cursor, table: ErasableTable, rule: TableRule) -> None:
        self._cursor = cursor
        self._table = table
        self._rule = rule
        self._cutoff = _moment(rule.before)

    def find(self) -> TableFinding:
        """Return what there is, without changing it."""
        table = self._table
        if not table.personal:
            return TableFinding(table=table.name, rows=self._count(), erased=0, kept=table.kept)
        personal = self._is_personal()
        self._cursor.execute(
            f"SELECT count(*), count(CASE WHEN {personal} AND dated <= {self._cutoff} THEN 1 END),"
            f" min(CASE WHEN {personal} AND dated > {self._cutoff} THEN dated END)"
            f" FROM ({self._dated()}) AS t"
        )
        ((rows, due, earliest),) = self._cursor.fetchall()
        return TableFinding(
            table=table.name,
            rows=rows,
            erased=due,
            earliest=earliest and earliest.astimezone(UTC),
            kept=table.kept,
        )

    def run(self) -> None:
        """Set the personal values that are due to NULL."""
        nothing = ", ".join(f"{identifier(name)} = NULL" for name in self._table.personal)
        for condition in self._conditions() if nothing else ():
            self._cursor.execute(
                f"UPDATE {self._name} AS t SET {nothing}"
                f" WHERE {is_of(self._rule.account, 't.')}{self._is_personal()} AND {condition}"
            )

    def _conditions(self) -> Iterable[str]:
        """Yield under which conditions a row is due: by its parent's row, or by itself."""
        own = f"{self._date(self._table, 't')} <= {self._cutoff}"
        parent = self._table.parent
        if parent is None:
            yield own
            return
        above = f"SELECT 1 FROM {self._rows(parent)} AS p WHERE {self._same()}"
        yield f"EXISTS ({above} AND {self._date(parent, 'p')} <= {self._cutoff})"
        yield f"NOT EXISTS ({above}) AND {own}"

    def _dated(self) -> str:
        """Return the query of the rows with the moment from which they count."""
        table, parent = self._table, self._table.parent
        personal = ", ".join(f"t.{identifier(name)}" for name in table.personal)
        own = self._date(table, "t")
        if parent is None:
            return f"SELECT {personal}, {own} AS dated FROM {self._rows(table)} AS t"
        # Without a parent's row, that is all NULL, a row counts by itself.
        above = f"CASE WHEN p.{LOADED_AT} IS NULL THEN {own} ELSE {self._date(parent, 'p')} END"
        return (
            f"SELECT {personal}, {above} AS dated FROM {self._rows(table)} AS t"
            f" LEFT JOIN {self._rows(parent)} AS p ON {self._same()}"
        )

    def _date(self, table: ErasableTable, row: str) -> str:
        """Return the moment from which a row counts."""
        dated = [
            f"greatest({', '.join(_as_moment(f'{row}.{identifier(n)}', t) for n, t in found)})"
            for kind in ("delivered", "modified")
            if (found := list(table.dates[kind].items()))
        ]
        return f"coalesce({', '.join([*dated, *self._partition_end(row), f'{row}.{LOADED_AT}'])})"

    def _partition_end(self, row: str) -> Sequence[str]:
        length = self._rule.partition_length
        if length is None:
            return ()
        seconds = literal(f"{round(length.total_seconds())} seconds")
        return (f"({_as_moment(f'{row}.{PARTITION}', 'text')} + INTERVAL {seconds})",)

    def _is_personal(self) -> str:
        """Return the condition that a row holds a personal value."""
        values = (f"t.{identifier(name)} IS NOT NULL" for name in self._table.personal)
        return f"({' OR '.join(values)})"

    def _same(self) -> str:
        names = map(identifier, self._table.shared)
        return " AND ".join(f"p.{name} = t.{name}" for name in names)

    @property
    def _name(self) -> str:
        return f"{identifier(self._rule.schema)}.{identifier(self._table.name)}"

    def _rows(self, table: ErasableTable) -> str:
        return rows_of(self._rule.schema, table.name, self._rule.account)

    def _count(self) -> int:
        self._cursor.execute(f"SELECT count(*) FROM {self._rows(self._table)} AS t")
        ((count,),) = self._cursor.fetchall()
        return int(count)


def _moment(moment: datetime) -> str:
    text = literal(moment.astimezone(UTC).isoformat())
    return f"CAST({text} AS TIMESTAMP WITH TIME ZONE)"


def _as_moment(column: str, type_: str) -> str:
    """Return a column's value as a moment; NULL for a text that is none."""
    if type_ != "text":
        return f"CAST({column} AS TIMESTAMP WITH TIME ZONE)"
    month = f"CAST(substr({column}, 1, 7) || '-01' AS DATE)"
    day = f"({month} + (CAST(substr({column}, 9, 2) AS INTEGER) - 1))"
    return (
        f"CASE WHEN {column} ~ {literal(_ISO_DATE)}"
        f" THEN CAST({day} AS TIMESTAMP WITH TIME ZONE) END"
    )
