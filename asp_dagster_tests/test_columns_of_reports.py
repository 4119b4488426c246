"""Reports in other languages fill the same columns, and columns that come and go are warned of."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from asp_dagster.checks.columns import NAME as COLUMNS_UNCHANGED
from asp_dagster.components import AmazonSPReport
from asp_dagster.simulator import Partner, Simulator
from asp_dagster.warehouse import Warehouse

UNTIL = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
LISTINGS = {
    "report": "GET_MERCHANT_LISTINGS_ALL_DATA",
    "name": "listings",
    "one_marketplace_per_report": False,
}
BY_ITSELF = {**LISTINGS, "table": "listings"}
DECLARED = {
    **LISTINGS,
    "tables": [
        {
            "name": "listings",
            "key": ["sku"],
            "columns": {
                "sku": {"path": "seller-sku"},
                "title": {"path": "item-name"},
                "price": {"path": "price", "type": "decimal"},
                "opened_at": {"path": "open-date", "type": "timestamp", "zone": "Asia/Tokyo"},
                "status": {"path": "status"},
                "points": {"path": "ポイント", "optional": True},
            },
        }
    ],
}
ENGLISH = (
    "item-name\tseller-sku\tprice\topen-date\tstatus\n"
    "Kettle\tK-1\t1980\t2026-11-01 09:00:00\tActive\n"
)
GERMAN = (
    "Artikelbezeichnung\tHändler-SKU\tPreis\tErstellungsdatum\tStatus\n"
    "Kettle\tK-1\t1980\t2026-11-01 09:00:00\tActive\n"
)
JAPANESE = (
    "商品名\t出品者SKU\t価格\t出品日\tステータス\nKettle\tK-1\t1980\t2026-11-01 09:00:00\tActive\n"
)
RENAMED = ENGLISH.replace("status", "listing-state")
COLOURED = ENGLISH.replace("status", "status\tcolour").replace("Active", "Active\tred")

Load = Callable[..., dg.ExecuteInProcessResult]


@pytest.fixture
def load(run_feed: Callable[..., dg.ExecuteInProcessResult], tmp_path: Path) -> Load:
    """Run a feed to which Amazon answers with a document, or that there are no data."""
    partner = Partner.generate(seed=11, orders=1, until=UNTIL, days=1)
    numbers = count()

    def run(attributes: Mapping[str, Any], document: str | None) -> dg.ExecuteInProcessResult:
        # Each run has an Amazon and a state of its own: none has a report that is still new enough.
        state = f"sqlite:///{tmp_path / f'state_{next(numbers)}.db'}"
        with Simulator(partner, speed=1e6, report_seconds=0) as amazon:
            amazon.end_next_report("DONE" if document else "CANCELLED", document)
            return run_feed(amazon, AmazonSPReport, attributes, ASP_STATE=state)

    return run


def _rows(folder: Path, columns: str = "*") -> list[Mapping[str, Any]]:
    warehouse = Warehouse.from_url(f"duckdb:///{folder / 'warehouse.duckdb'}")
    return warehouse.query(f"select {columns} from amazon.listings").to_pylist()


def _check(result: dg.ExecuteInProcessResult) -> Any:
    """What the check of the columns says."""
    assert result.success
    checks = result.get_asset_check_evaluations()
    return next(check for check in checks if check.check_name == COLUMNS_UNCHANGED)


def _metadata(result: dg.ExecuteInProcessResult) -> Mapping[str, Any]:
    """What is recorded of the table."""
    events = result.get_asset_materialization_events()
    (loaded,) = (e for e in events if e.asset_key == dg.AssetKey("listings"))
    told = loaded.step_materialization_data.materialization.metadata
    return {name: entry.value for name, entry in told.items()}


@pytest.mark.parametrize("attributes", [BY_ITSELF, DECLARED], ids=["by itself", "declared"])
@pytest.mark.parametrize(
    ("document", "original"),
    [
        pytest.param(GERMAN, {"seller-sku": "Händler-SKU", "price": "Preis"}, id="german"),
        pytest.param(JAPANESE, {"seller-sku": "出品者SKU", "price": "価格"}, id="japanese"),
    ],
)
def test_row_22_headers_in_other_languages(
    load: Load,
    tmp_path: Path,
    attributes: Mapping[str, Any],
    document: str,
    original: Mapping[str, str],
) -> None:
    """Row 22: a German or a Japanese report fills the columns of the English one, and says so."""
    english = load(attributes, ENGLISH)
    columns = "* exclude (_loaded_at)"
    before = _rows(tmp_path, columns)

    other = load(attributes, document)

    assert _rows(tmp_path, columns) == before
    assert len(before) == 1
    assert "original_headers" not in _metadata(english)
    assert original.items() <= _metadata(other)["original_headers"].items()
    assert _check(other).passed


def test_row_22_column_that_is_renamed(load: Load, tmp_path: Path) -> None:
    """Row 22: a renamed column fails no load; the new name and the old one are warned of."""
    assert _check(load(BY_ITSELF, ENGLISH)).passed

    renamed = load(BY_ITSELF, RENAMED)

    check = _check(renamed)
    assert not check.passed
    assert check.severity is dg.AssetCheckSeverity.WARN
    assert not check.blocking
    assert check.description == (
        "The report brings new columns, which are loaded: listing_state. The report no longer has"
        " these columns, which are NULL now: status; if Amazon has renamed one, add the new name"
        " to its `path`; if it comes only at times, declare it `optional`; if it is gone for good,"
        " drop it."
    )
    assert _metadata(renamed)["columns_added"] == ["listing_state"]
    assert _metadata(renamed)["columns_missing"] == ["status"]
    (row,) = _rows(tmp_path)
    assert (row["status"], row["listing_state"]) == (None, "Active")


def test_row_22_column_that_nobody_declared(load: Load, tmp_path: Path) -> None:
    """Row 22: a column that a declaration leaves out is warned of when it is new, and only then."""
    first = _check(load(DECLARED, ENGLISH))
    second = _check(load(DECLARED, COLOURED))
    third = load(DECLARED, COLOURED)

    assert first.passed
    assert not second.passed
    assert second.metadata["columns_added"].value == ["colour"]
    assert second.description == (
        "The report brings new columns, which the table leaves out: colour; declare them, or let"
        " `other_columns: text` keep them."
    )
    assert _check(third).passed
    assert _metadata(third)["columns_left_out"] == ["colour"]
    assert "colour" not in _rows(tmp_path)[0]


def test_declared_column_that_has_gone(load: Load, tmp_path: Path) -> None:
    """A declared column that the report lacks is NULL and warned of, unless it is optional."""
    check = _check(load(DECLARED, RENAMED))

    assert not check.passed
    assert check.metadata["columns_missing"].value == ["status"]
    assert [(row["status"], row["points"]) for row in _rows(tmp_path)] == [(None, None)]


def test_empty_report_says_nothing_of_columns(load: Load) -> None:
    """A report that is empty by Amazon's word misses no column, and forgets none."""
    load(DECLARED, ENGLISH)

    assert _check(load(DECLARED, None)).passed
    assert _check(load(DECLARED, COLOURED)).metadata["columns_added"].value == ["colour"]


def test_times_are_read_in_the_declared_zone(load: Load, tmp_path: Path) -> None:
    """A time without a zone is of the zone that the declaration gives."""
    load(DECLARED, JAPANESE)

    (row,) = _rows(tmp_path)
    assert row["opened_at"].isoformat() == "2026-11-01T00:00:00+00:00"
