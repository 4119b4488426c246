"""JSON Lines become rows by paths and measures; a line that is something else is refused."""

import gzip
import json
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from asp_dagster.catalog.tables import ColumnSpec, TableSpec
from asp_dagster.warehouse import RawFileError, TableSpecError, WarehouseError

Read = Callable[..., list[dict[str, Any]]]
Write = Callable[[str, Sequence[Any]], Path]


def table(rows: str | None = None, **columns: ColumnSpec) -> TableSpec:
    """Return a table of records with the columns."""
    return TableSpec(name="records", rows=rows, columns=columns)


@pytest.mark.parametrize(
    ("column", "record", "value"),
    [
        pytest.param(ColumnSpec(path="a.b"), {"a": {"b": "x"}}, "x", id="value"),
        pytest.param(ColumnSpec(path="a.b"), {}, None, id="missing"),
        pytest.param(ColumnSpec(path="a.b"), {"a": None}, None, id="null"),
        pytest.param(ColumnSpec(path="a.b"), {"a": {"b": ""}}, None, id="empty-text"),
        pytest.param(ColumnSpec(path=("a", "b")), {"a": "", "b": "x"}, "x", id="first-with-value"),
        pytest.param(ColumnSpec(path="a"), {"a": {"b": [1]}}, '{"b":[1]}', id="object-as-text"),
        pytest.param(
            ColumnSpec(path="a", type="decimal"), {"a": 238.44}, Decimal("238.4400"), id="number"
        ),
        pytest.param(
            ColumnSpec(path="a", words={"Shipped": "SHIPPED"}),
            {"a": "Shipped"},
            "SHIPPED",
            id="word",
        ),
        pytest.param(
            ColumnSpec(path="a", words={"x": "y"}), {"a": "O'Neill"}, "O'Neill", id="other-word"
        ),
        pytest.param(
            ColumnSpec(path="a", words={"it's": "'; DROP"}), {"a": "it's"}, "'; DROP", id="quotes"
        ),
        pytest.param(
            ColumnSpec(path="a", measure="count", type="integer"), {"a": [1, {}]}, 2, id="count"
        ),
        pytest.param(
            ColumnSpec(path="a", measure="count", type="integer"), {}, 0, id="count-of-nothing"
        ),
        pytest.param(
            ColumnSpec(path="a.n", measure="sum", type="integer"),
            {"a": [{"n": 1}, {"n": "2"}, {}]},
            3,
            id="sum",
        ),
        pytest.param(
            ColumnSpec(path="a.n", measure="sum", type="decimal"),
            {"a": [{"n": "0.1"}, {"n": "0.2"}]},
            Decimal("0.3000"),
            id="sum-of-money",
        ),
        pytest.param(
            ColumnSpec(path="a.n", measure="sum", type="integer"), {"a": []}, 0, id="sum-of-nothing"
        ),
        pytest.param(
            ColumnSpec(path="a", measure="contains", contains="P", type="boolean"),
            {"a": ["Q", "P"]},
            True,
            id="contains",
        ),
        pytest.param(
            ColumnSpec(path="a", measure="contains", contains="P", type="boolean"),
            {"a": ["Q"]},
            False,
            id="contains-not",
        ),
        pytest.param(
            ColumnSpec(path="a", measure="contains", contains="P", type="boolean"),
            {},
            False,
            id="nothing-contains",
        ),
    ],
)
def test_column_of_record(
    read: Read, write_records: Write, column: ColumnSpec, record: dict[str, Any], value: Any
) -> None:
    """A column takes its value or its measure from the record, and NULL where there is nothing."""
    file = write_records("records", [record])

    assert read(table(column=column), "jsonl", file) == [{"column": value}]


def test_nested_rows(read: Read, write_records: Write) -> None:
    """The entries of a list are rows, with their record as parent, numbered through the file."""
    spec = table(
        rows="package.items",
        id=ColumnSpec(path="^.id"),
        item=ColumnSpec(path="id"),
        line=ColumnSpec(measure="line_number", type="integer"),
    )
    records = [
        {"id": "A", "package": {"items": [{"id": "1"}, {"id": "2"}]}},
        {"id": "B", "package": {"items": []}},
        {"id": "C"},
        {"id": "D", "package": {"items": [{"id": "3"}]}},
    ]

    rows = read(spec, "jsonl", write_records("records", records))

    assert [tuple(row.values()) for row in rows] == [("A", "1", 1), ("A", "2", 2), ("D", "3", 3)]


def test_line_numbers_begin_anew(read: Read, write_records: Write) -> None:
    """The rows of each raw file are numbered from 1."""
    spec = table(line=ColumnSpec(measure="line_number", type="integer"))
    files = [write_records("one", [{}, {}]), write_records("two", [{}])]

    assert [row["line"] for row in read(spec, "jsonl", *files)] == [1, 2, 1]


@pytest.mark.parametrize(
    "name", ["plain.jsonl.gz", "[a]*?.jsonl", "{a,b}.jsonl", "entry=b/it's.jsonl"]
)
def test_any_file_name(read: Read, tmp_path: Path, name: str) -> None:
    """A file is read whatever its name says: compression, a pattern, a partition."""
    file = tmp_path / name
    file.parent.mkdir(exist_ok=True)
    file.write_text('{"a": "x"}\n')

    assert read(table(b=ColumnSpec(path="a")), "jsonl", file) == [{"b": "x"}]


def test_compressed_whatever_its_name(read: Read, tmp_path: Path) -> None:
    """A file that is compressed is read without the ending .gz."""
    file = tmp_path / "records.jsonl"
    file.write_bytes(gzip.compress(b'{"a": "x"}\n'))

    assert read(table(a=ColumnSpec(path="a")), "jsonl", file) == [{"a": "x"}]


def test_empty_file(read: Read, write_records: Write) -> None:
    """A file without records has no rows."""
    assert read(table(a=ColumnSpec(path="a")), "jsonl", write_records("none", [])) == []


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        pytest.param('{"a": {"b": ', "line 2 is no JSON object", id="broken-off"),
        pytest.param("<html>", "line 2 is no JSON object", id="no-json"),
        pytest.param(
            "[1]", "line 2 holds a list where the columns' paths expect an object", id="list"
        ),
        pytest.param(
            '{"a": "secret"}',
            "line 2 holds a single value where the columns' paths expect an object",
            id="other-shape",
        ),
    ],
)
def test_line_that_is_no_record(read: Read, tmp_path: Path, line: str, reason: str) -> None:
    """A line that cannot be read by the paths is refused with its number, without its values."""
    file = tmp_path / "records.jsonl"
    file.write_text(f'{{"a": {{"b": "x"}}}}\n{line}\n')

    with pytest.raises(RawFileError) as refused:
        read(table(b=ColumnSpec(path="a.b")), "jsonl", file)

    assert str(refused.value) == (
        f"records.jsonl, {reason}: correct the table's declaration, or extract the file again."
    )


def test_text_duckdb_cannot_read(read: Read, tmp_path: Path) -> None:
    """Half a character, which Python would let pass, is refused with DuckDB's reason."""
    file = tmp_path / "records.jsonl"
    file.write_text('{"a": "\\ud83d"}\n')

    with pytest.raises(WarehouseError, match=r"records\.jsonl cannot be read: .* no low surrogate"):
        read(table(a=ColumnSpec(path="a")), "jsonl", file)


def test_misfit_far_down(read: Read, write_records: Write) -> None:
    """The line of a value that does not fit is right in a long file too."""
    records = [{"a": str(number), "filler": "x" * 500} for number in range(30_000)]
    records[25_000]["a"] = "misfit"

    with pytest.raises(RawFileError, match="line 25001: column a of table records holds 'misfit'"):
        read(table(a=ColumnSpec(path="a", type="integer")), "jsonl", write_records("long", records))


def test_truncated_gzip(read: Read, tmp_path: Path) -> None:
    """A compressed file that breaks off is refused."""
    whole = gzip.compress("".join(json.dumps({"a": str(n)}) + "\n" for n in range(9999)).encode())
    file = tmp_path / "records.jsonl.gz"
    file.write_bytes(whole[: len(whole) // 2])

    with pytest.raises(RawFileError, match="compressed with gzip, but damaged or broken off"):
        read(table(a=ColumnSpec(path="a")), "jsonl", file)


def test_missing_file(read: Read, tmp_path: Path) -> None:
    """A raw file that is not there is named."""
    with pytest.raises(RawFileError, match=r"none\.jsonl is not there: extract it first"):
        read(table(a=ColumnSpec(path="a")), "jsonl", tmp_path / "none.jsonl")


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        pytest.param(table(a=ColumnSpec()), "has no path", id="no-path"),
        pytest.param(table(a=ColumnSpec(path="^.a")), "they have no parent", id="no-parent"),
        pytest.param(
            table(rows="a[0].b", c=ColumnSpec(path="c")), "takes its rows at", id="rows-of-an-entry"
        ),
        pytest.param(
            table(a=ColumnSpec(path="a", measure="contains")),
            "does not say what its list should contain",
            id="contains-what",
        ),
        pytest.param(
            table(a=ColumnSpec(path="a", measure="sum", type="integer")),
            "cannot be summed",
            id="sum-of-no-field",
        ),
        pytest.param(
            table(a=ColumnSpec(path="a.b", measure="sum")), "cannot be summed", id="sum-of-texts"
        ),
    ],
)
def test_unreadable_declaration(
    read: Read, write_records: Write, spec: TableSpec, words: str
) -> None:
    """A declaration that no record can be read by is refused."""
    file = write_records("records", [{"a": "x"}])

    with pytest.raises(TableSpecError, match=words):
        read(spec, "jsonl", file)
