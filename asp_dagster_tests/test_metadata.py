"""What a materialization shows, which cannot be steered by what Amazon sends."""

import dagster as dg

from asp_dagster.catalog.tables import ColumnSpec, TableSpec
from asp_dagster.metadata import _preview, table_metadata


def test_preview_is_a_table() -> None:
    """A preview is a Markdown table with one line a row; what is left out is empty."""
    preview = _preview([{"a": 1, "b": None}, {"a": "x", "b": "y"}])

    assert preview.value == "| a | b |\n| --- | --- |\n| 1 |  |\n| x | y |"


def test_preview_shows_text_as_text() -> None:
    """Markup in a value is shown, not obeyed."""
    preview = _preview([{"a": "1 | <img src=x>\n2 \\| 3"}])

    assert str(preview.value).splitlines()[-1] == r"| 1 \| &lt;img src=x&gt; 2 \\\| 3 |"


def test_preview_of_nothing_says_so() -> None:
    """A preview of no rows is a sentence."""
    assert _preview([]).value == "No rows."


def test_column_tells_its_field() -> None:
    """A column's description ends in the fields that it is read from; a counted one has none."""
    columns = {
        "sku": ColumnSpec(path=("sku", "asin"), description="The product."),
        "price": ColumnSpec(path="price.amount"),
        "line": ColumnSpec(measure="line_number"),
    }
    table = TableSpec(name="items", columns=columns)

    schema = table_metadata(table, None, dg.AssetKey("raw_items"))["dagster/column_schema"]

    assert [column.description for column in schema.columns] == [
        "The product. From sku or asin.",
        "From price.amount.",
        None,
    ]
