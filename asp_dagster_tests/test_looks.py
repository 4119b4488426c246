"""What the UI shows of a feed's assets before anything is materialized."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import dagster as dg
import pytest

from asp_dagster.components import AmazonSPApi, AmazonSPListedReport, AmazonSPReport
from asp_dagster.simulator import Simulator
from asp_dagster_tests.declaring import code_location, definitions_of

RunFeed = Callable[..., dg.ExecuteInProcessResult]

ORDERS: Mapping[str, Any] = {
    "name": "fresh",
    "path": "/orders/2026-01-01/orders",
    "params": {"marketplaceIds": "{marketplace_ids}"},
    "results_key": "orders",
    "updated_at_param": "lastUpdatedAfter",
    "record_config": {"id_field": "orderId"},
    "partitions": "daily",
}
LISTINGS: Mapping[str, Any] = {
    "name": "listings",
    "report_spec": {"reportType": "GET_MERCHANT_LISTINGS_ALL_DATA"},
    "file_format": "TSV",
}


def _specs(
    component: type[dg.Component], attributes: Mapping[str, Any]
) -> Mapping[str, dg.AssetSpec]:
    defs = code_location(definitions_of(component, attributes))
    return {spec.key.to_user_string(): spec for spec in defs.resolve_all_asset_specs()}


def _own_tags(spec: dg.AssetSpec) -> Mapping[str, str]:
    return {name: tag for name, tag in spec.tags.items() if not name.startswith("dagster/kind")}


def test_feed_is_found_by_amazons_words() -> None:
    """Raw files and tables have the operation and its API version, or the report type, as tags."""
    orders, listings = _specs(AmazonSPApi, ORDERS), _specs(AmazonSPReport, LISTINGS)

    assert [_own_tags(orders[name]) for name in ("raw_fresh", "fresh")] == [
        {"asp_dagster/operation": "searchOrders", "asp_dagster/api_version": "2026-01-01"}
    ] * 2
    assert _own_tags(listings["listings"]) == {
        "asp_dagster/report_type": "GET_MERCHANT_LISTINGS_ALL_DATA"
    }


def test_declared_tags_go_first() -> None:
    """A tag of the declaration stands in place of ours of the same name."""
    tags = {"asp_dagster/api_version": "newest", "team": "sales"}

    assert tags.items() <= _own_tags(_specs(AmazonSPApi, {**ORDERS, "tags": tags})["fresh"]).items()


def test_word_that_is_no_tag_is_left_out() -> None:
    """A report type that Dagster could not take for a tag keeps no feed from loading."""
    odd = {**LISTINGS, "report_spec": {"reportType": "GET_" + "LONG_" * 15}}

    assert _own_tags(_specs(AmazonSPReport, odd)["listings"]) == {}


def test_kinds_have_icons() -> None:
    """JSON Lines go by JSON; a format without an icon of its own stands beside that of a file."""
    assert _specs(AmazonSPApi, ORDERS)["raw_fresh"].kinds == {"amazon", "json"}
    assert _specs(AmazonSPReport, LISTINGS)["raw_listings"].kinds == {"amazon", "file", "tsv"}
    assert _specs(AmazonSPReport, LISTINGS)["listings"].kinds == {"table"}


def test_description_leads_to_amazons_page() -> None:
    """Below the description of raw files and tables stands the link."""
    specs = _specs(AmazonSPApi, {**ORDERS, "description": "Fresh orders."})

    page = "https://developer-docs.amazon.com/sp-api/reference/searchorders"
    assert {specs[name].description for name in ("raw_fresh", "fresh")} == {
        f"Fresh orders.\n\n[Amazon's page on it]({page})"
    }


@pytest.mark.parametrize(
    ("change", "is_other"),
    [
        ({"params": {"marketplaceIds": "A1"}}, (True, False)),
        ({"lookback": "1 day"}, (True, False)),
        ({"marketplaces": ["A1PA6795UKMFR9"]}, (True, False)),
        ({"record_config": {"id_field": "id"}}, (True, True)),
        ({"columns": {"buyer": "drop"}}, (False, True)),
        ({"table": "other.fresh"}, (False, True)),
        ({"description": "New words.", "owners": ["team:x"], "group": "g"}, (False, False)),
        ({"credentials": "acme", "checks": False}, (False, False)),
    ],
    ids=lambda change: ", ".join(change) if isinstance(change, dict) else "",
)
def test_code_versions_follow_the_declaration(
    change: Mapping[str, Any], is_other: tuple[bool, bool]
) -> None:
    """That of raw files changes with what lands, that of a table with what it holds."""
    versions = [
        {
            name.rpartition("/")[2]: spec.code_version
            for name, spec in _specs(AmazonSPApi, of).items()
        }
        for of in (ORDERS, {**ORDERS, **change})
    ]

    changed = tuple(versions[0][name] != versions[1][name] for name in ("raw_fresh", "fresh"))
    assert changed == is_other


HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.mark.parametrize(
    ("change", "late"),
    [
        ({"partitions": "hourly"}, (HOUR * 1.25, HOUR * 2)),
        ({"partitions": "daily"}, (HOUR * 30, DAY * 2)),
        ({"partitions": "weekly"}, (DAY * 7 * 1.25, DAY * 14)),
        ({"partitions": "monthly"}, (DAY * 31 * 1.25, DAY * 62)),
        ({"freshness": "26 hours"}, (None, HOUR * 26)),
        ({"freshness": "none"}, None),
        ({"partitions": None}, None),
        ({"partitions": None, "freshness": "6 hours"}, (None, HOUR * 6)),
    ],
    ids=str,
)
def test_asset_is_late_as_its_feed_is_cut(
    change: Mapping[str, Any], late: tuple[timedelta | None, timedelta] | None
) -> None:
    """Raw files and tables are late two partitions after the last, or as declared, or never."""
    given = {name: value for name, value in {**ORDERS, **change}.items() if value is not None}
    specs = _specs(AmazonSPApi, given)

    assert [_late(specs[name]) for name in ("raw_fresh", "fresh")] == [late] * 2


def _late(spec: dg.AssetSpec) -> tuple[timedelta | None, timedelta] | None:
    policy: Any = spec.freshness_policy
    warns = policy and policy.warn_window
    return policy and (warns and warns.to_timedelta(), policy.fail_window.to_timedelta())


@pytest.mark.parametrize(
    ("declared", "late"),
    [
        ({}, (DAY * 45, DAY * 75)),
        ({"freshness": "20 days"}, (None, DAY * 20)),
        ({"freshness": "none"}, None),
    ],
    ids=["by its type", "declared", "never"],
)
def test_listed_reports_are_late_before_amazon_deletes_one(
    declared: Mapping[str, Any], late: tuple[timedelta | None, timedelta] | None
) -> None:
    """Without a declaration, what counts is how long Amazon keeps a report."""
    specs = _specs(AmazonSPListedReport, {"feed": "settlements", **declared})

    assert _late(specs["raw_settlements"]) == late


def test_freshness_that_is_no_length_of_time_is_refused() -> None:
    """What Dagster could not measure fails at load, with the words that would do."""
    for wrong, words in {"soon": "write 30 minutes", "5 seconds": "less than a minute"}.items():
        with pytest.raises(Exception, match=words):
            _specs(AmazonSPApi, {**ORDERS, "freshness": wrong})


def test_each_landing_is_a_new_data_version(simulator: Simulator, run_feed: RunFeed) -> None:
    """The code version stays, as the declaration does; the data may have changed at Amazon."""
    shops = {"name": "shops", "path": "/sellers/v1/marketplaceParticipations", "table": False}

    events = [
        run_feed(simulator, AmazonSPApi, shops).get_asset_materialization_events()[0]
        for _ in range(2)
    ]

    tags = [each.step_materialization_data.materialization.tags or {} for each in events]
    assert len({each["dagster/code_version"] for each in tags}) == 1
    assert len({each["dagster/data_version"] for each in tags}) == 2
