"""An asset is called after its job, in snake_case."""

import pytest

from asp_dagster.mitto.names import asset_name, table_name

NAMES = [
    ("orders", "orders"),
    ("[ASP] Orders v0", "asp_orders_v0"),
    ("AmazonOrders", "amazon_orders"),
    ("amazon-orders.daily", "amazon_orders_daily"),
    ("  Bestellungen  für Österreich ", "bestellungen_fur_osterreich"),
    ("2026 orders", "job_2026_orders"),
    ("import", "job_import"),
    ("注文", ""),
    ("---", ""),
]


@pytest.mark.parametrize(("called", "name"), NAMES)
def test_name(called: str, name: str) -> None:
    """Whatever a job is called becomes a name that Dagster and a database both take."""
    assert asset_name(called) == name


TABLES = [
    ("orders", "orders"),
    ("AmazonOrders", "amazonorders"),
    ("Amazon Orders", "amazon_orders"),
    ("orders__items", "orders__items"),
    ("import", "import"),
    ("2026_orders", "table_2026_orders"),
    ("_orders", "table_orders"),
    ("Verkäufe", "verkaufe"),
    ("注文", ""),
]


@pytest.mark.parametrize(("called", "name"), TABLES)
def test_table_name(called: str, name: str) -> None:
    """A table is called as a database reads its name without quotes."""
    assert table_name(called) == name
