"""The shop's own table: how many orders came each day."""

from pathlib import Path

import dagster as dg

from asp_dagster import WarehouseResource

SQL = Path(__file__).with_suffix(".sql")


@dg.asset(deps=["orders"], group_name="shop", kinds={"sql", "table"})
def sales_by_day(warehouse: WarehouseResource) -> None:
    """Orders of each day, by the time they were placed."""
    warehouse.get_warehouse().execute(*SQL.read_text(encoding="utf-8").split(";"))
