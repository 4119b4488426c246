"""What Arrow makes of plain texts, held against the expressions that say what texts mean."""

from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from asp_dagster.catalog.tables import ColumnSpec, ColumnType, TableSpec
from asp_dagster.warehouse import RawFileError
from asp_dagster.warehouse.reading.plain_values import plain_values
from asp_dagster.warehouse.reading.rows import raw_rows

DIGITS = "0123456789"
TEXTS = {
    "integer": st.text(f"{DIGITS}-", max_size=20),
    "decimal": st.text(f"{DIGITS}-.", max_size=20),
    "double": st.text(f"{DIGITS}-.", max_size=24),
    "boolean": st.sampled_from(["true", "FALSE", "True", "0", "1", "f", "truth", "10"]),
    "timestamp": st.from_regex(
        r"[012][0-9]{3}-[01][0-9]-[0-3][0-9]"
        r"([T ][012][0-9](:[0-6][0-9](:[0-6][0-9](\.[0-9]{1,7})?)?)?)?"
        r"(Z|[+-][012][0-9](:?[0-6][0-9])?)?",
        fullmatch=True,
    ),
    "date": st.from_regex(r"[012][0-9]{3}-[01][0-9]-[0-3][0-9]?", fullmatch=True),
}
PLAIN: dict[ColumnType, list[str | None]] = {
    "text": ["anything", None],
    "integer": ["007", "-5", None],
    "decimal": ["9.99", "-.5", "1.", "12345678901234.9999", None],
    "double": ["9.99", "-1", None],
    "boolean": ["true", "False", "1", "0", None],
    "timestamp": ["2026-11-01T10:20:30+00:00", "2026-11-01T10:20:30.5Z", None],
    "date": ["2026-11-01", None],
}
UNLIKE: dict[ColumnType, str] = {
    "integer": "0x1F",
    "decimal": "1.23456",
    "double": "nan",
    "boolean": "yes",
    "timestamp": "2026-11-01T10+00:00",
    "date": "01.11.2026",
    "list": "a",
    "json": "{}",
}


@pytest.mark.parametrize("type_", PLAIN)
def test_plain_texts_are_left_to_arrow(type_: ColumnType) -> None:
    """The commonest form of each type needs no closer look, and an empty field is NULL."""
    values = plain_values(pa.chunked_array([PLAIN[type_]], pa.string()), type_)

    assert values is not None
    assert values.null_count == 1


@pytest.mark.parametrize("type_", UNLIKE)
def test_other_texts_are_looked_at_more_closely(type_: ColumnType) -> None:
    """A text of any other form is left to the expressions, with all that are with it."""
    texts: list[str | None] = [*PLAIN.get(type_, []), UNLIKE[type_]]

    assert plain_values(pa.chunked_array([texts], pa.string()), type_) is None


def test_a_part_of_an_array_is_judged_by_itself() -> None:
    """What stands before and behind a slice of texts does not count."""
    texts = pa.array(["no number", "5", "no number"])

    values = plain_values(pa.chunked_array([texts.slice(1, 1)]), "integer")

    assert values is not None
    assert values.to_pylist() == [5]


@pytest.mark.parametrize("type_", TEXTS)
@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_arrow_agrees_with_what_texts_mean(
    type_: ColumnType, data: st.DataObject, tmp_path: Path
) -> None:
    """Whatever Arrow makes of a text is what the column's expression makes of it."""
    text = data.draw(TEXTS[type_])
    values = plain_values(pa.chunked_array([[text or None]], pa.string()), type_)
    if values is None:
        return

    assert values == _by_expression(text, type_, tmp_path)


def _by_expression(text: str, type_: ColumnType, folder: Path) -> pa.ChunkedArray | None:
    """The value of a text in a file, found by the column's expression: with words it needs one."""
    file = folder / "file.tsv"
    file.write_text(f"a\tb\nx\t{text}\n")
    column = ColumnSpec(path="b", type=type_, words={"no such word": "none"})
    table = TableSpec(name="t", columns={"a": ColumnSpec(path="a"), "b": column})
    try:
        with raw_rows(table, [file], "tsv") as rows:
            return pa.Table.from_batches(rows.batches).column("b")
    except RawFileError:
        return None
