"""Tab-delimited text becomes rows, as many as it has lines, whatever its characters."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from asp_dagster.catalog.tables import ColumnSpec, TableSpec
from asp_dagster.warehouse import RawFileError, TableSpecError
from asp_dagster.warehouse.reading.delimited import DelimitedFile

Read = Callable[..., list[dict[str, Any]]]

TABLE = TableSpec(
    name="report", columns={"sku": ColumnSpec(path="sku"), "title": ColumnSpec(path="item-title")}
)
ALL = TableSpec(name="report", columns={"sku": ColumnSpec(path="sku")}, other_columns="text")


@pytest.fixture
def titles(read: Read, tmp_path: Path) -> Callable[[bytes], list[str | None]]:
    """Return the titles in a document."""

    def run(document: bytes) -> list[str | None]:
        file = tmp_path / "report.txt"
        file.write_bytes(document)
        return [row["title"] for row in read(TABLE, "tsv", file)]

    return run


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        pytest.param(b"sku\titem-title\nA\tx\nB\ty\n", ["x", "y"], id="lines"),
        pytest.param(b"sku\titem-title\r\nA\tx\r\nB\ty\r\n", ["x", "y"], id="crlf"),
        pytest.param(b"sku\titem-title\nA\tx\nB\ty", ["x", "y"], id="no-last-line-end"),
        pytest.param(b"sku\titem-title\nA\tx\n\nB\ty\n\n", ["x", "y"], id="blank-lines"),
        pytest.param(b"sku\titem-title\t\nA\tx\t\nB\ty\n", ["x", "y"], id="trailing-tabs"),
        pytest.param(b"sku\titem-title\nA\tx\t\n", ["x"], id="trailing-tab-below"),
        pytest.param(b"sku\titem-title\nA\t\n", [None], id="empty-field"),
        pytest.param(b"sku\titem-title\n", [], id="header-only"),
        pytest.param(b"sku\nA\n", [None], id="no-such-column"),
        pytest.param(b'sku\titem-title\nA\t"TV 5"\nB\t6"\n', ['"TV 5"', '6"'], id="inch-signs"),
        pytest.param(b"sku\titem-title\nA\tx\ry\n", ["x\ry"], id="carriage-return-inside"),
        pytest.param(b'"sku"\t"item-title"\n"A"\t"5"" x\ty"\n', ['5" x\ty'], id="quoted"),
        pytest.param(b'"sku"\titem-title\n"A"\t"x"\n', ['"x"'], id="half-quoted-header"),
        pytest.param("sku\titem-title\nA\té\n".encode("utf-8-sig"), ["é"], id="byte-order-mark"),
        pytest.param("sku\titem-title\nA\té€\n".encode("cp1252"), ["é€"], id="windows-1252"),
        pytest.param(
            "sku\titem-title\nA\t文房具。\n".encode("cp932"), ["文房具。"], id="shift-jis"
        ),
    ],
)
def test_lines_become_rows(
    titles: Callable[[bytes], list[str | None]], document: bytes, expected: list[str | None]
) -> None:
    """Every line below the header is a row, with its fields as they stand."""
    assert titles(document) == expected


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        pytest.param(b"", "is empty where its header should be", id="empty"),
        pytest.param(b"\xef\xbb\xbf", "is empty where its header should be", id="mark-only"),
        pytest.param(b"sku\titem-title\nA\n", "line 2: there are 1 fields where", id="too-few"),
        pytest.param(b"sku\titem-title\nA\tx\ty\n", "line 2: there are 3 fields", id="too-many"),
        pytest.param(b"sku\titem-title\nA\tx\t\t\n", "line 2: there are 4 fields", id="two-tabs"),
        pytest.param(b'"sku"\t"item-title"\n"A"\t"x\n', "line 2: unexpected end", id="open-quote"),
        pytest.param(
            b'"sku"\t"item"title"\n', "line 1: .* in a file whose header", id="bad-header"
        ),
        pytest.param(
            b"a\tb\n1\t2\n", "has no column of table report, its header is a, b", id="other"
        ),
    ],
)
def test_not_the_document(
    titles: Callable[[bytes], list[str | None]], document: bytes, reason: str
) -> None:
    """What is not the promised document is refused with what was found."""
    with pytest.raises(RawFileError, match=rf"report\.txt,? {reason}"):
        titles(document)


def test_other_columns_as_text(read: Read, tmp_path: Path) -> None:
    """Undeclared columns are kept as text under their headers in snake_case, each its own."""
    file = tmp_path / "report.txt"
    file.write_text(
        "sku\tpurchase-order-number\torderId\t(Child) ASIN\torder id\tsku\t2nd\t数量\t\n"
        "A\tb\tc\td\te\tf\tg\th\t\n"
    )

    assert read(ALL, "tsv", file) == [
        {
            "sku": "A",
            "purchase_order_number": "b",
            "order_id": "c",
            "child_asin": "d",
            "order_id_2": "e",
            "sku_2": "f",
            "column_2nd": "g",
            "column_5e29d121": "h",
        }
    ]


def test_files_with_other_headers(read: Read, tmp_path: Path) -> None:
    """Of several files each row has the columns of all."""
    one, two = tmp_path / "one.txt", tmp_path / "two.txt"
    one.write_text("sku\ta\nA\t1\n")
    two.write_text("b\tsku\n2\tB\n")

    assert read(ALL, "tsv", one, two) == [
        {"sku": "A", "a": "1", "b": None},
        {"sku": "B", "a": None, "b": "2"},
    ]


def test_lines_are_numbered(read: Read, tmp_path: Path) -> None:
    """Rows are numbered from 1 on through all batches of a long file."""
    columns = {
        "sku": ColumnSpec(path="sku"),
        "line": ColumnSpec(measure="line_number", type="integer"),
    }
    file = tmp_path / "report.txt"
    file.write_text("sku\n" + "".join(f"{number}\n" for number in range(1, 20_001)))

    rows = read(TableSpec(name="report", columns=columns), "tsv", file)

    assert [(row["sku"], row["line"]) for row in rows] == [(str(n), n) for n in range(1, 20_001)]


def test_rows_are_counted_against_lines(
    titles: Callable[[bytes], list[str | None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file of which not every line becomes a row is refused."""
    whole = DelimitedFile.tables
    monkeypatch.setattr(
        DelimitedFile, "tables", lambda *args: (lines.slice(1) for lines in whole(*args))
    )

    with pytest.raises(RawFileError, match="has 2 lines below its header, but 1 rows were read"):
        titles(b"sku\titem-title\nA\tx\nB\ty\n")


def test_measure_of_a_field(read: Read, tmp_path: Path) -> None:
    """A measure of a list is refused, since there are no lists in a delimited file."""
    file = tmp_path / "report.txt"
    file.write_text("sku\nA\n")
    columns = {"sku": ColumnSpec(path="sku", measure="count")}

    with pytest.raises(TableSpecError, match="measures count, but the fields of a delimited file"):
        read(TableSpec(name="report", columns=columns), "tsv", file)


FIELD = st.text(st.characters(exclude_characters="\t\n\r\0", codec="utf-8"), max_size=8)


@settings(
    max_examples=40, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(fields=st.lists(FIELD, max_size=12))
def test_any_text_survives(titles: Callable[[bytes], list[str | None]], fields: list[str]) -> None:
    """Any text without tabs and line ends arrives as it was written."""
    document = "sku\titem-title\n" + "".join(f"A\t{field}\n" for field in fields)

    assert titles(document.encode()) == [field or None for field in fields]
