"""Each column of a declared table tells which field of the raw file it is read from."""

import dagster as dg
import pytest

from asp_dagster.catalog.tables import ColumnSpec, TableSpec
from asp_dagster.lineage import column_lineage

RAW = dg.AssetKey("raw_orders")


@pytest.mark.parametrize(
    ("rows", "path", "fields"),
    [
        pytest.param(None, "fulfillment.status", ["fulfillment.status"], id="record"),
        pytest.param(None, "order-id", ["order-id"], id="header"),
        pytest.param("items", "product.asin", ["items[].product.asin"], id="row of a list"),
        pytest.param("items", "^.orderId", ["orderId"], id="record around the row"),
        pytest.param("items[].taxes[]", "rate", ["items[].taxes[].rate"], id="list in a list"),
        pytest.param("items[].taxes", "^.id", ["items[].id"], id="entry around"),
        pytest.param("items[].taxes", "^.^.orderId", ["orderId"], id="record around both"),
        pytest.param("items", ("a", "^.b"), ["b", "items[].a"], id="several places"),
    ],
)
def test_field_is_named_by_its_place_in_the_record(
    rows: str | None, path: str | tuple[str, ...], fields: list[str]
) -> None:
    """A path that starts at the row is told as one that starts at the record."""
    table = TableSpec(name="orders", rows=rows, columns={"value": ColumnSpec(path=path)})

    lineage = column_lineage(table, RAW)

    assert [each.column_name for each in lineage.deps_by_column["value"]] == fields
    assert {each.asset_key for each in lineage.deps_by_column["value"]} == {RAW}


@pytest.mark.parametrize("path", [(), "^"], ids=["line number", "position around"])
def test_number_of_a_row_is_read_from_nowhere(path: str | tuple[str, ...]) -> None:
    """A column that is counted has no field to name."""
    column = ColumnSpec(path=path, measure="position")
    table = TableSpec(name="orders", rows="items", columns={"place": column})

    assert column_lineage(table, RAW).deps_by_column == {}
