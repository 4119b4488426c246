"""What the demonstration says at its end: what landed, how much, and what to type next.

Here belong: words and tables for a terminal.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import requests

from asp_dagster.warehouse import Warehouse

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


def summary(folder: Path, warehouse_url: str, endpoint: str, first_day: date) -> str:
    """Return the closing words: raw files, row counts, a first look, calls, next steps."""
    warehouse = Warehouse.from_url(warehouse_url)
    counts = [{"table": f"amazon.{table}", "rows": _count(warehouse, table)} for table in _TABLES]
    parts = [
        f"\nRaw files, as Amazon sent them, in {folder / 'raw'}:",
        *_grid(_raw_files(folder / "raw")),
        f"\nTables, in {folder / 'warehouse.duckdb'}:",
        *_grid(counts),
        "\nA first look at amazon.orders:",
        *_grid(warehouse.query(_FIRST_LOOK).to_pylist()),
        f"\n{_calls(endpoint)}",
        "\nThe sales of these days as a picture, with its figures; open it in a browser:",
        f"  {folder / 'overview' / 'sales_overview.html'}",
        "\nNext:",
        "  make ui                      the same assets in Dagster's UI, the simulator running",
        f"  ls {folder / 'raw'}",
        "  make test                    the whole test suite",
        f"  README.md                    your own account, schedules, backfills since {first_day}",
    ]
    return "\n".join(parts)


def _count(warehouse: Warehouse, table: str) -> int:
    count: int = warehouse.query(f"select count(*) as n from amazon.{table}").to_pylist()[0]["n"]  # noqa: S608 - the names above
    return count


def _raw_files(folder: Path) -> list[dict[str, Any]]:
    found = {path.relative_to(folder): path for path in sorted(folder.rglob("*"))}
    return [
        {"file": name, "bytes": path.stat().st_size}
        for name, path in found.items()
        if path.is_file() and not any(part.startswith(".") for part in name.parts)
    ]


def _calls(endpoint: str) -> str:
    """Tell what the runs cost, as the simulator counted it."""
    counts = requests.get(f"{endpoint}/simulator/calls", timeout=10).json()
    total = sum(sum(statuses.values()) for statuses in counts.values())
    throttled = sum(statuses.get("429", 0) for statuses in counts.values())
    return f"It took {total} calls, of which {throttled} were throttled."


def _grid(rows: Sequence[dict[str, Any]]) -> Iterator[str]:
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
