"""Each column type takes what `columns`' docstring says, and refuses all else by name and place."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from asp_dagster.catalog.tables import ColumnSpec, ColumnType, TableSpec
from asp_dagster.warehouse import RawFileError

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)


@pytest.fixture
def typed(
    read: Callable[..., list[dict[str, Any]]], tmp_path: Path
) -> Callable[[ColumnType, str], Any]:
    """Return a text as the value of a column."""

    def run(column_type: ColumnType, text: str) -> Any:
        file = tmp_path / "report.tsv"
        file.write_text(f"other\tvalue\nsecret\t{text}\n")
        columns = {"column": ColumnSpec(path="value", type=column_type)}
        (row,) = read(TableSpec(name="report", columns=columns), "tsv", file)
        return row["column"]

    return run


@pytest.mark.parametrize(
    ("column_type", "text", "value"),
    [
        ("text", " as it stands ", " as it stands "),
        ("text", "", None),
        ("integer", "-12", -12),
        ("integer", " 3.0 ", 3),
        ("integer", "", None),
        ("integer", "  ", None),
        ("decimal", "238.44", Decimal("238.4400")),
        ("decimal", "99999999999999.9999", Decimal("99999999999999.9999")),
        ("decimal", "1.00005", Decimal("1.0001")),
        ("decimal", ".5", Decimal("0.5000")),
        ("decimal", "1e3", Decimal("1000.0000")),
        ("double", "12.5", 12.5),
        ("boolean", "true", True),
        ("boolean", "Yes", True),
        ("boolean", "N", False),
        ("boolean", "0", False),
        ("timestamp", "2026-11-01T12:00:00Z", NOON),
        ("timestamp", "2026-11-01T05:00:00-07:00", NOON),
        ("timestamp", "2026-11-01 12:00:00 UTC", NOON),
        ("timestamp", "2026-11-01T12:00:00", NOON),
        ("date", "2026-11-01", date(2026, 11, 1)),
        ("date", "2026-11-01T23:00:00-07:00", date(2026, 11, 1)),
    ],
)
def test_fitting_text(
    typed: Callable[[ColumnType, str], Any], column_type: ColumnType, text: str, value: Any
) -> None:
    """A text that fits its column's type becomes a value of that type."""
    assert typed(column_type, text) == value


@pytest.mark.parametrize(
    ("column_type", "text"),
    [
        ("integer", "1.5"),
        ("integer", "1_000"),
        ("integer", "99999999999999999999"),
        ("decimal", "1,50"),
        ("decimal", "nan"),
        ("decimal", "999999999999999.5"),
        ("double", "infinity"),
        ("boolean", "maybe"),
        ("timestamp", "infinity"),
        ("timestamp", "01.11.2026 12:00:00 UTC"),
        ("date", "2026-11-31"),
    ],
)
def test_misfitting_text(
    typed: Callable[[ColumnType, str], Any], column_type: ColumnType, text: str
) -> None:
    """A text that does not fit is refused with its file, line, column and table, and no more."""
    with pytest.raises(RawFileError) as refused:
        typed(column_type, text)

    assert str(refused.value) == (
        f"report.tsv, line 2: column column of table report holds '{text}', which is not of type "
        f"{column_type}: correct the table's declaration, or extract the file again."
    )


def test_long_misfit(typed: Callable[[ColumnType, str], Any]) -> None:
    """Of a long text that does not fit only the beginning is shown."""
    with pytest.raises(RawFileError, match=f"holds '{'x' * 40}', which"):
        typed("integer", "x" * 1000)


def test_key_without_value(read: Callable[..., list[dict[str, Any]]], tmp_path: Path) -> None:
    """A row without a value in a key column is refused with its line."""
    file = tmp_path / "report.tsv"
    file.write_text("id\nA\n\t\n")
    table = TableSpec(name="report", columns={"id": ColumnSpec(path="id")}, key=("id",))

    with pytest.raises(
        RawFileError, match="line 3: column id of table report holds nothing, although it is part"
    ):
        read(table, "tsv", file)
