"""A JSON document's list becomes rows, whatever stands around it; anything else is refused."""

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from asp_dagster.catalog.tables import ColumnSpec, TableSpec
from asp_dagster.warehouse import RawFileError

Read = Callable[..., list[dict[str, Any]]]

REPORT = """
{
  "specification": {"day": "2026-11-01", "ids": ["M1", "M2"]},
  "others": [{"asin": "B9"}],
  "sales": {"byAsin": [
    {"asin": "B1", "amount": 238.44, "exact": 12345678901234.5678},
    {"asin": "B2", "amount": null},
    {"asin": "B3", "amount": 1}
  ]}
}
"""
TABLE = TableSpec(
    name="by_asin",
    rows="sales.byAsin",
    columns={
        "day": ColumnSpec(path="^.specification.day", type="date"),
        "marketplace": ColumnSpec(path="^.specification.ids[0]"),
        "asin": ColumnSpec(path="asin"),
        "amount": ColumnSpec(path="amount", type="decimal"),
    },
)


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str], Path]:
    """Write a document."""

    def run(text: str) -> Path:
        file = tmp_path / "report.json"
        file.write_text(text)
        return file

    return run


def test_rows_of_a_document(read: Read, write: Callable[[str], Path]) -> None:
    """The entries of the list are rows; what stands around it is reached through ^."""
    rows = read(TABLE, "json", write(REPORT))

    assert [(str(row["day"]), *list(row.values())[1:]) for row in rows] == [
        ("2026-11-01", "M1", "B1", Decimal("238.4400")),
        ("2026-11-01", "M1", "B2", None),
        ("2026-11-01", "M1", "B3", Decimal("1.0000")),
    ]


def test_numbers_keep_their_digits(read: Read, write: Callable[[str], Path]) -> None:
    """A number of the document has all its digits in a decimal column."""
    columns = {"exact": ColumnSpec(path="exact", type="decimal")}
    table = TableSpec(name="exact", rows="sales.byAsin", columns=columns)

    assert read(table, "json", write(REPORT))[0] == {"exact": Decimal("12345678901234.5678")}


def test_nothing_around(read: Read, write: Callable[[str], Path]) -> None:
    """What is not there around the list is NULL."""
    (row,) = read(TABLE, "json", write('{"sales": {"byAsin": [{"asin": "B1"}]}}'))

    assert (row["day"], row["marketplace"], row["asin"]) == (None, None, "B1")


def test_empty_list(read: Read, write: Callable[[str], Path]) -> None:
    """A document with an empty list has no rows."""
    assert read(TABLE, "json", write('{"sales": {"byAsin": []}}')) == []


@pytest.mark.parametrize(
    ("document", "values"),
    [
        pytest.param({"a": "x", "list": [1]}, ["x"], id="object"),
        pytest.param([{"a": "x"}, {"a": "y"}], ["x", "y"], id="list"),
    ],
)
def test_document_as_rows(
    read: Read, write: Callable[[str], Path], document: Any, values: list[str]
) -> None:
    """Without a place of rows an object is one row, and a list as many as it has entries."""
    table = TableSpec(name="documents", columns={"a": ColumnSpec(path="a")})

    assert [row["a"] for row in read(table, "json", write(json.dumps(document)))] == values


def test_byte_order_mark(read: Read, write: Callable[[str], Path]) -> None:
    """A byte order mark before the document is passed over."""
    assert len(read(TABLE, "json", write("\ufeff" + REPORT))) == 3


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param("", "is no JSON document, or breaks off", id="empty"),
        pytest.param("Not found", "is no JSON document, or breaks off", id="text"),
        pytest.param(REPORT[:-20], "is no JSON document, or breaks off", id="broken-off"),
        pytest.param(REPORT + "x", "is no JSON document, or breaks off", id="garbage-after"),
        pytest.param(
            '{"errors": [], "code": 1}',
            "has no list at sales.byAsin: there it has no keys at all",
            id="other-document",
        ),
        pytest.param(
            '{"sales": {"byDate": [], "byAsin": null}}',
            "has no list at sales.byAsin: there it has byDate, byAsin",
            id="no-list",
        ),
    ],
)
def test_not_the_document(read: Read, write: Callable[[str], Path], text: str, reason: str) -> None:
    """What is not the promised document is refused with what was found."""
    with pytest.raises(RawFileError, match=rf"report\.json {reason}"):
        read(TABLE, "json", write(text))


def test_misfit_in_a_document(read: Read, write: Callable[[str], Path]) -> None:
    """A value that does not fit is refused with the number of its entry."""
    text = REPORT.replace("238.44", '"much"')

    with pytest.raises(RawFileError, match="entry 1: column amount of table by_asin holds 'much'"):
        read(TABLE, "json", write(text))


def test_shape_in_a_document(read: Read, write: Callable[[str], Path]) -> None:
    """An entry of another shape is refused with its number."""
    text = REPORT.replace('{"asin": "B2", "amount": null}', '"B2"')

    with pytest.raises(RawFileError, match="entry 2 holds a single value where the columns' paths"):
        read(TABLE, "json", write(text))


def test_half_a_character_keeps_no_row_back(read: Read, write: Callable[[str], Path]) -> None:
    """Another character stands for half of a surrogate pair; a whole pair is what it means."""
    table = TableSpec(name="t", rows="rows", columns={"a": ColumnSpec(path="a")})
    file = write(r'{"rows": [{"a": "x\ud800y"}, {"a": "\ud83d\ude00"}, {"a": "\\ud800"}]}')

    half, *others = (row["a"] for row in read(table, "json", file))

    assert half in {"x?y", "x\ufffdy"}
    assert others == ["\U0001f600", r"\ud800"]
