"""What is known of a report type is found by its name."""

import csv
from datetime import date, timedelta
from importlib.resources import files
from typing import Any, get_args

import pytest

from asp_dagster.catalog import report_types
from asp_dagster.catalog.report_types import ReportOption, ReportType, ReportTypes

TABLE = (files("asp_dagster.catalog") / "report_types.csv").read_text(encoding="utf-8")
ROWS = list(csv.DictReader(TABLE.splitlines()))

WORDS = {
    "audience": report_types.Audience,
    "status": report_types.Status,
    "made_by": report_types.MadeBy,
    "requestable": report_types.Requestable,
    "restricted": report_types.Restriction,
    "marketplaces": report_types.MarketplaceRule,
    "dates": report_types.DateRule,
    "clock": report_types.Clock,
    "misaligned": report_types.Misalignment,
}


@pytest.fixture(scope="module")
def types() -> ReportTypes:
    """The table that comes with the package."""
    return ReportTypes.load()


def test_every_row_is_read_once(types: ReportTypes) -> None:
    """Each type of the table is found under its name, and no name stands twice."""
    names = [row["report_type"] for row in ROWS]

    assert len(set(names)) == len(names) > 130
    assert [types.find(name).name for name in names] == names
    assert all(each.is_known for each in types.all)


@pytest.mark.parametrize("column", WORDS)
def test_cells_hold_known_words(types: ReportTypes, column: str) -> None:
    """A column with a choice of words holds none but those."""
    assert {getattr(each, column) for each in types.all} <= set(get_args(WORDS[column]))


def test_table_is_consistent(types: ReportTypes) -> None:
    """What one column says, another does not deny."""
    for each in types.all:
        assert set(each.formats) <= set(get_args(report_types.Format))
        assert each.formats
        assert (each.requestable == "no") == (each.made_by != "request")
        assert (each.status == "removed") == (each.removed_on is not None)
        assert each.page.startswith("https://developer-docs.amazon.com/sp-api/docs/report-type-")
        assert set(filter(None, each.keys)) <= set(each.rows)
        assert each.alignment in {"", "HOUR", "MONTH", *each.options}
        for option in each.options.values():
            assert option.default is None or option.default in option.values


def test_type_of_the_table(types: ReportTypes) -> None:
    """A type says how its windows are made, what it takes, and what its rows are."""
    found = types.find("GET_VENDOR_SALES_REPORT")

    assert found.audience == "vendor"
    assert found.formats == ("JSON",)
    assert found.requestable == "yes"
    assert found.marketplaces == "one"
    assert found.clock == "days"
    assert found.options["sellingProgram"] == ReportOption(
        name="sellingProgram", values=("RETAIL", "BUSINESS", "FRESH"), is_required=True
    )
    assert found.keys["salesByAsin"] == ("startDate", "endDate", "asin")
    assert found.longest is not None
    assert found.longest.periods("DAY") == 15
    assert not found.longest.is_documented


def test_unknown_type_has_the_defaults(types: ReportTypes) -> None:
    """Of a type that is not in the table nothing is known, and nothing is forbidden."""
    found = types.find("GET_SOMETHING_NEW")

    assert found == ReportType(name="GET_SOMETHING_NEW", is_known=False)
    assert found.restricted == "doubtful"
    assert found.period({"reportPeriod": "WEEK"}) is None
    assert found.hold_back.of(None) is None
    assert not found.is_removed
    assert not found.is_ending(date(2026, 11, 23))


@pytest.mark.parametrize(
    ("name", "options", "period"),
    [
        pytest.param("GET_SALES_AND_TRAFFIC_REPORT", {}, "DAY", id="default"),
        pytest.param(
            "GET_SALES_AND_TRAFFIC_REPORT", {"dateGranularity": "WEEK"}, "WEEK", id="option"
        ),
        pytest.param("GET_VENDOR_SALES_REPORT", {}, None, id="required-option-missing"),
        pytest.param("GET_VENDOR_SALES_REPORT", {"reportPeriod": "HOURLY"}, None, id="no-period"),
        pytest.param("GET_VENDOR_REAL_TIME_SALES_REPORT", {}, "HOUR", id="always"),
        pytest.param("MARKETPLACE_ASIN_PAGE_VIEW_METRICS", {}, "DAY", id="dates-alone"),
        pytest.param("GET_FBA_REIMBURSEMENTS_DATA", {}, None, id="any"),
    ],
)
def test_period_of_a_report(
    types: ReportTypes, name: str, options: dict[str, str], period: str | None
) -> None:
    """The period of a report's windows follows from its options or its type."""
    assert types.find(name).period(options) == period


def test_data_come_late_and_change_by_type(types: ReportTypes) -> None:
    """Vendor data appear after 72 hours; sales and traffic still change for two weeks."""
    vendor = types.find("GET_VENDOR_SALES_REPORT")
    margin = types.find("GET_VENDOR_NET_PURE_PRODUCT_MARGIN_REPORT")
    sales = types.find("GET_SALES_AND_TRAFFIC_REPORT")

    assert vendor.hold_back.of("DAY") == timedelta(hours=72)
    assert vendor.hold_back.of("WEEK") == timedelta(hours=48)
    assert margin.hold_back.of("DAY") == timedelta(hours=168)
    assert margin.history.of(None) is None
    assert sales.look_back == timedelta(days=14)


@pytest.mark.parametrize(
    ("name", "cool_down"),
    [
        pytest.param("GET_AFN_INVENTORY_DATA", timedelta(minutes=30), id="near-real-time"),
        pytest.param("GET_FBA_REIMBURSEMENTS_DATA", timedelta(hours=4), id="daily"),
        pytest.param("FEE_DISCOUNTS_REPORT", timedelta(hours=24), id="once-a-day"),
        pytest.param(
            "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL", timedelta(0), id="exempt"
        ),
        pytest.param("GET_SALES_AND_TRAFFIC_REPORT", None, id="not-known"),
    ],
)
def test_earliest_repetition(types: ReportTypes, name: str, cool_down: timedelta | None) -> None:
    """A type says after which time Amazon makes a newer report."""
    assert types.find(name).cool_down == cool_down


@pytest.mark.parametrize(
    ("name", "restricted"),
    [
        pytest.param("SC_VAT_TAX_REPORT", "yes", id="documented"),
        pytest.param("GET_FLAT_FILE_VAT_INVOICE_DATA_REPORT", "role", id="role-only"),
        pytest.param("END_USER_DATA_REPORT", "doubtful", id="doubtful"),
        pytest.param("GET_MERCHANT_LISTINGS_ALL_DATA", "no", id="no"),
    ],
)
def test_restriction(types: ReportTypes, name: str, restricted: str) -> None:
    """A type says whether its document needs a restricted token, doubts included."""
    assert types.find(name).restricted == restricted


def test_keyless_is_told_from_not_known(types: ReportTypes) -> None:
    """All-orders reports have no key; of others the key is not known, which is another thing."""
    orders = types.find("GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL")
    planning = types.find("GET_FBA_INVENTORY_PLANNING_DATA")

    assert (orders.is_keyless, orders.keys) == (True, {})
    assert (planning.is_keyless, planning.keys) == (False, {})


def test_options_that_exclude_each_other(types: ReportTypes) -> None:
    """Two options that exclude each other are two options, each naming the other."""
    options: Any = types.find("FBA_BULK_INVOICE").options

    assert options["orderIds"].instead == "shipmentIds"
    assert options["shipmentIds"].instead == "orderIds"
    assert options["shipmentIds"].most_characters == 200
    assert not options["shipmentIds"].is_required


def test_settlements_are_made_by_amazon(types: ReportTypes) -> None:
    """Settlements cannot be requested; the old types are gone, with their day and successor."""
    new = types.find("GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2")
    old = types.find("GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE")

    assert (new.made_by, new.is_removed) == ("amazon", False)
    assert (old.is_removed, old.removed_on) == (True, date(2026, 11, 11))
    assert old.successor == new.name


@pytest.mark.parametrize(
    ("today", "is_ending"),
    [
        pytest.param(date(2026, 12, 1), False, id="far"),
        pytest.param(date(2027, 5, 1), True, id="near"),
        pytest.param(date(2027, 7, 1), True, id="over-since-the-table"),
    ],
)
def test_end_is_near(today: date, *, is_ending: bool) -> None:
    """An end to come is near for ninety days, and never refuses what the table still had."""
    known = ReportType(name="GET_X", removed_on=date(2027, 6, 1))

    assert known.is_ending(today) is is_ending
    assert not known.is_removed
