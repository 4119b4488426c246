"""A declared report that breaks a rule of its type is refused, naming the rule."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest

from asp_dagster.catalog.declarations import DeclarationError
from asp_dagster.catalog.feeds import PartitionsSpec, ReportSpec
from asp_dagster.catalog.report_checks import check_report
from asp_dagster.catalog.report_types import ReportType, ReportTypes

TODAY = date(2026, 11, 23)
DAILY = PartitionsSpec(every="daily")
US, DE, UK = "ATVPDKIKX0DER", "A1PA6795UKMFR9", "A1F83G8C2ARO7P"
SALES = "GET_SALES_AND_TRAFFIC_REPORT"
VENDOR = "GET_VENDOR_SALES_REPORT"
LISTINGS = "GET_MERCHANT_LISTINGS_ALL_DATA"
COUPONS = "GET_COUPON_PERFORMANCE_REPORT"
VENDOR_OPTIONS = {
    "reportPeriod": "DAY",
    "distributorView": "SOURCING",
    "sellingProgram": "RETAIL",
}
DATES = {"couponStartDateFrom": "2026-01-01", "couponStartDateTo": "2026-06-30"}


def _check(
    report_type: str,
    file_format: str = "TSV",
    *,
    partitions: PartitionsSpec | None = None,
    each: bool = False,
    marketplaces: Sequence[str] = (),
    **spec: Any,
) -> Sequence[str]:
    return check_report(
        ReportSpec(report_type=report_type, **spec),
        file_format=file_format,
        partitions=partitions,
        one_marketplace_per_report=each,
        marketplace_ids=marketplaces,
        today=TODAY,
    )


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "removed": (
        {"report_type": "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE"},
        (
            "report_spec.reportType: Amazon removed GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE on"
            " 2026-11-11; use GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2"
        ),
    ),
    "removed-without-successor": (
        {"report_type": "GET_PRODUCT_EXCHANGE_DATA"},
        "Amazon removed GET_PRODUCT_EXCHANGE_DATA on 2024-03-27",
    ),
    "made-by-amazon": (
        {"report_type": "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2"},
        (
            "cannot be requested: Amazon makes it by itself, and what was made is listed by"
            " getReports for 90 days"
        ),
    ),
    "made-by-a-schedule": (
        {"report_type": "GST_MTR_B2B", "file_format": "CSV"},
        "only a schedule at Amazon (createReportSchedule) makes it",
    ),
    "made-in-seller-central": (
        {"report_type": "GET_FLAT_FILE_SALES_TAX_DATA"},
        "it is asked for in Seller Central",
    ),
    "format": (
        {"report_type": LISTINGS, "file_format": "csv"},
        f"file_format: {LISTINGS} is made as TSV, not as CSV",
    ),
    "one-of-two-formats": (
        {"report_type": "GET_B2B_PRODUCT_OPPORTUNITIES_NOT_YET_ON_AMAZON"},
        "is made as CSV or JSON, not as TSV",
    ),
    "option-misspelt": (
        {"report_type": LISTINGS, "report_options": {"costum": "true"}},
        (
            f"report_spec.reportOptions.costum: {LISTINGS} takes no option 'costum'; did you mean"
            " 'custom'? known: custom, preferredReportDocumentLocale"
        ),
    ),
    "option-in-wrong-case": (
        {"report_type": LISTINGS, "report_options": {"Custom": "true"}},
        "did you mean 'custom'?",
    ),
    "value-in-wrong-case": (
        {
            "report_type": SALES,
            "file_format": "JSON",
            "partitions": DAILY,
            "report_options": {"dateGranularity": "day"},
        },
        (
            "report_spec.reportOptions.dateGranularity: takes no 'day'; did you mean 'DAY'? known:"
            " DAY, WEEK, MONTH"
        ),
    ),
    "value-too-long": (
        {
            "report_type": "GET_BRAND_ANALYTICS_SEARCH_QUERY_PERFORMANCE_REPORT",
            "file_format": "JSON",
            "partitions": PartitionsSpec(every="weekly"),
            "report_options": {"reportPeriod": "WEEK", "asin": "B000000001 " * 20},
        },
        "reportOptions.asin: takes at most 200 characters, found 220; declare several feeds",
    ),
    "required-option": (
        {"report_type": VENDOR, "file_format": "JSON", "partitions": DAILY},
        (
            "report_spec.reportOptions: lacks sellingProgram (RETAIL, BUSINESS, FRESH), which"
            f" {VENDOR} requires"
        ),
    ),
    "required-option-without-values": (
        {
            "report_type": "GET_VENDOR_REAL_TIME_SALES_REPORT",
            "file_format": "JSON",
            "partitions": DAILY,
        },
        "lacks currencyCode, which",
    ),
    "one-of-two-options": (
        {"report_type": COUPONS, "file_format": "JSON"},
        "lacks campaignStartDateFrom or couponStartDateFrom, which",
    ),
    "both-of-two-options": (
        {
            "report_type": COUPONS,
            "file_format": "JSON",
            "report_options": {**DATES, "campaignStartDateTo": "2026-06-30"},
        },
        "campaignStartDateTo and couponStartDateTo exclude each other; keep one",
    ),
    "marketplaces-of-the-account": (
        {"report_type": LISTINGS, "marketplaces": [US, DE]},
        (
            f"one_marketplace_per_report: {LISTINGS} takes one marketplace and covers the first of"
            " them only with 2; write `one_marketplace_per_report: true`"
        ),
    ),
    "marketplaces-of-the-report": (
        {
            "report_type": SALES,
            "file_format": "JSON",
            "partitions": DAILY,
            "marketplace_ids": f"{DE}, {UK}",
        },
        f"{SALES} takes one marketplace and fails with 2",
    ),
}


@pytest.mark.parametrize(("declared", "words"), WRONG.values(), ids=WRONG)
def test_broken_rule_is_named(declared: dict[str, Any], words: str) -> None:
    """A declaration that breaks a rule of its type is refused, with the rule and the remedy."""
    with pytest.raises(DeclarationError) as refused:
        _check(**declared)

    assert words in str(refused.value)


def test_all_mistakes_are_told_once() -> None:
    """Every mistake is told at once, and none twice."""
    with pytest.raises(DeclarationError) as refused:
        _check(COUPONS, "XML", marketplace_ids=(US,))

    assert str(refused.value).count("couponStartDateFrom") == 1
    assert "file_format" in str(refused.value)


RIGHT: dict[str, dict[str, Any]] = {
    "unknown-type": {"report_type": "GET_X", "report_options": {"any": "thing"}},
    "snapshot": {"report_type": LISTINGS, "report_options": {"custom": "true"}},
    "format-in-lower-case": {"report_type": LISTINGS, "file_format": "tsv"},
    "each-marketplace-alone": {"report_type": LISTINGS, "marketplaces": [US, DE], "each": True},
    "one-fixed-marketplace": {
        "report_type": LISTINGS,
        "marketplaces": [US, DE],
        "marketplace_ids": (DE,),
    },
    "other-placeholder": {"report_type": LISTINGS, "marketplace_ids": "{marketplace_id}"},
    "several-marketplaces": {"report_type": "GET_AFN_INVENTORY_DATA", "marketplaces": [US, DE]},
    "vendor": {
        "report_type": VENDOR,
        "file_format": "JSON",
        "partitions": DAILY,
        "report_options": VENDOR_OPTIONS,
    },
    "one-of-two-options": {"report_type": COUPONS, "file_format": "JSON", "report_options": DATES},
    "option-as-in-amazons-examples": {
        "report_type": "GET_FLAT_FILE_VAT_INVOICE_DATA_REPORT",
        "report_options": {"ReportOption=pendingInvoices": "true"},
    },
    "country": {"report_type": "GET_PAN_EU_OFFER_STATUS", "marketplaces": [DE, UK]},
}


@pytest.mark.parametrize("declared", RIGHT.values(), ids=RIGHT)
def test_right_report_passes(declared: dict[str, Any]) -> None:
    """A report that keeps its type's rules passes, and there is nothing to say of it."""
    assert list(_check(**declared)) == []


DOUBTFUL: dict[str, tuple[dict[str, Any], str]] = {
    "misspelt-type": (
        {"report_type": "GET_MERCHANT_LISTING_ALL_DATA"},
        f"no table has heard of GET_MERCHANT_LISTING_ALL_DATA (did you mean {LISTINGS}?)",
    ),
    "legacy": (
        {"report_type": "GET_FBA_INVENTORY_AGED_DATA"},
        "is no longer in Amazon's list; use GET_FBA_INVENTORY_PLANNING_DATA",
    ),
    "legacy-without-successor": (
        {"report_type": "GET_FLAT_FILE_GEO_OPPORTUNITIES"},
        "GET_FLAT_FILE_GEO_OPPORTUNITIES is no longer in Amazon's list",
    ),
    "option-of-a-type-without": (
        {"report_type": "GET_AFN_INVENTORY_DATA", "report_options": {"sku": "1"}},
        "report_spec.reportOptions.sku: Amazon documents no option for GET_AFN_INVENTORY_DATA",
    ),
    "all-stores-for-each": (
        {
            "report_type": "GET_VAT_TRANSACTION_DATA",
            "partitions": PartitionsSpec(every="monthly"),
            "each": True,
            "marketplaces": [DE, UK],
        },
        "one_marketplace_per_report: GET_VAT_TRANSACTION_DATA holds all stores",
    ),
    "other-country": (
        {"report_type": "GET_PAN_EU_OFFER_STATUS", "marketplaces": [DE, US]},
        "marketplaces: GET_PAN_EU_OFFER_STATUS is for ES, UK, FR, DE, IT only, not for US",
    ),
}


@pytest.mark.parametrize(("declared", "words"), DOUBTFUL.values(), ids=DOUBTFUL)
def test_doubtful_report_is_told_of(declared: dict[str, Any], words: str) -> None:
    """What may be meant, but should be known, is told and not refused."""
    [warning] = _check(**declared)

    assert words in warning


def test_near_end_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    """A type that Amazon is about to remove is told of, with its day and successor."""
    ending = ReportType(
        name="GET_Y", formats=("TSV",), removed_on=date(2026, 12, 24), successor="GET_Z"
    )
    monkeypatch.setattr(ReportTypes.load(), "find", lambda _name: ending)

    [warning] = _check("GET_Y")

    assert warning == "report_spec.reportType: Amazon removes GET_Y on 2026-12-24; use GET_Z"
