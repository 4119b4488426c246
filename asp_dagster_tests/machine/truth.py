"""What the warehouse must hold after all: the selling partner's orders.

Here belong: that truth, what is stored, and which files lie where.
"""

from pathlib import Path

from asp_dagster.simulator import Partner
from asp_dagster.warehouse import Warehouse

Rows = list[tuple[object, ...]]


def stored(url: str, table: str, key: str) -> Rows:
    """Return the order, the key and the last change of a table's rows."""
    return rows(url, f"SELECT order_id AS a, {key} AS b, last_updated_at AS c FROM amazon.{table}")


def rows(url: str, sql: str) -> Rows:
    """Return what a query finds, in order."""
    return sorted(tuple(row.values()) for row in Warehouse.from_url(url).query(sql).to_pylist())


def assert_truth(url: str, partner: Partner, suffix: str = "") -> None:
    """Assert that orders and their items are those of the selling partner."""
    for table, key, truth in (
        (f"orders{suffix}", "order_id", partner.order_rows()),
        (f"order_items{suffix}", "order_item_id", partner.order_item_rows()),
    ):
        wanted = [(row["order_id"], row[key], row["last_updated_at"]) for row in truth]
        assert stored(url, table, key) == sorted(wanted)


def files(folder: Path) -> set[str]:
    """Return the names of all files below a folder."""
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
