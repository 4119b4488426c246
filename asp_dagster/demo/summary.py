"""What the demonstration says at its end: what landed, how much, and what to type next.

Here belong: words and tables for a terminal.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import requests

from asp_dagster.warehouse import Warehouse

Row = Mapping[str, Any]

_README = "your own account, schedules, backfills since"

_TABLES = (
    "orders",
    "order_items",
    "orders_v0",
    "order_items_v0",
    "sales_and_traffic_by_date",
    "sales_and_traffic_by_asin",
    "all_orders",
)
_FIRST_LOOK = (
    "select order_id, status, fulfilled_by, units_ordered as units, total_amount as total, currency"
    " from amazon.orders order by created_at, order_id limit 5"
)


@dataclass(frozen=True)
class Summary:
    """What came of the demonstration.

    Attributes:
        folder: Where its data are.
        raw_files: The raw files, with their size.
        tables: The tables, with the number of their rows.
        first_look: A few rows of `amazon.orders`.
        calls: How many calls it took.
        calls_throttled: Those of them that were throttled.
        first_day: The first day of the simulated orders.
    """

    folder: Path
    raw_files: Sequence[Row]
    tables: Sequence[Row]
    first_look: Sequence[Row]
    calls: int
    calls_throttled: int
    first_day: date

    @classmethod
    def of(cls, folder: Path, warehouse_url: str, endpoint: str, first_day: date) -> "Summary":
        """Look at what there is, and at what the simulator counted."""
        warehouse = Warehouse.from_url(warehouse_url)
        counts = requests.get(f"{endpoint}/simulator/calls", timeout=10).json().values()
        return cls(
            folder,
            _raw_files(folder / "raw"),
            [{"table": f"amazon.{table}", "rows": _count(warehouse, table)} for table in _TABLES],
            warehouse.query(_FIRST_LOOK).to_pylist(),
            sum(sum(statuses.values()) for statuses in counts),
            sum(statuses.get("429", 0) for statuses in counts),
            first_day,
        )

    @property
    def picture(self) -> Path:
        """The sales as a picture."""
        return self.folder / "overview" / "sales_overview.html"

    @property
    def warehouse(self) -> Path:
        """The warehouse's file."""
        return self.folder / "warehouse.duckdb"

    def values(self) -> Mapping[str, Any]:
        """Return it for programs."""
        return {
            "raw_path": self.folder / "raw",
            "raw_files": self.raw_files,
            "warehouse": self.warehouse,
            "tables": self.tables,
            "calls": self.calls,
            "calls_throttled": self.calls_throttled,
            "sales_overview": self.picture,
        }

    def __str__(self) -> str:
        """Return the closing words: what landed, a first look, calls, what to type next."""
        parts = [
            f"\nRaw files, as Amazon sent them, in {self.folder / 'raw'}:",
            *_grid(self.raw_files),
            f"\nTables, in {self.warehouse}:",
            *_grid(self.tables),
            "\nA first look at amazon.orders:",
            *_grid(self.first_look),
            f"\nIt took {self.calls} calls, of which {self.calls_throttled} were throttled.",
            "\nThe sales of these days as a picture, with its figures; open it in a browser:",
            f"  {self.picture}",
            "\nNext:",
            "  make ui                      the same assets in Dagster's UI, the simulator running",
            f"  ls {self.folder / 'raw'}",
            "  make test                    the whole test suite",
            f"  README.md                    {_README} {self.first_day}",
        ]
        return "\n".join(parts)


def _count(warehouse: Warehouse, table: str) -> int:
    count: int = warehouse.query(f"select count(*) as n from amazon.{table}").to_pylist()[0]["n"]  # noqa: S608 - the names above
    return count


def _raw_files(folder: Path) -> Sequence[Row]:
    found = {path.relative_to(folder): path for path in sorted(folder.rglob("*"))}
    return [
        {"file": str(name), "bytes": path.stat().st_size}
        for name, path in found.items()
        if path.is_file() and not any(part.startswith(".") for part in name.parts)
    ]


def _grid(rows: Sequence[Row]) -> Iterator[str]:
    """Lay out rows in columns, numbers to the right."""
    if not rows:
        yield "  nothing"
        return
    columns = [_column(name, [row[name] for row in rows]) for name in rows[0]]
    for line in zip(*columns, strict=True):
        yield f"  {'  '.join(line)}".rstrip()


def _column(name: str, values: Sequence[object]) -> list[str]:
    cells = [name, *("" if value is None else str(value) for value in values)]
    width = max(map(len, cells))
    is_number = any(isinstance(value, int | Decimal) for value in values)
    return [cell.rjust(width) if is_number else cell.ljust(width) for cell in cells]
