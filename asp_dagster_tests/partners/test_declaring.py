"""What a declaration of several selling partners becomes, before anything runs."""

import dagster as dg
import pytest

from asp_dagster.catalog.declarations import DeclarationWarning
from asp_dagster.declared import feeds_of
from asp_dagster.report_schedules.declared import listed_reports
from asp_dagster_tests.partners.several import declared

FEEDS = [
    "orders",
    {"feed": "fba_inventory", "group": "stock"},
    {"type": "asp_dagster.AmazonSPReport", "feed": "all_orders", "cron_schedule": "none"},
]


def test_each_partner_has_each_feed() -> None:
    """Assets, groups, jobs and schedules carry the account's name; one can go without a feed."""
    accounts = [{"name": "acme"}, {"name": "globex", "without": ["fba_inventory"]}]

    with declared({"accounts": accounts, "feeds": FEEDS}) as (defs, _):
        specs = {
            spec.key.to_user_string(): spec.group_name for spec in defs.resolve_all_asset_specs()
        }
        jobs = {job.name for job in defs.jobs or ()}
        schedules = {each.name for each in defs.schedules or ()}

    names = ("raw_orders", "orders", "order_items", "raw_all_orders", "all_orders")
    assert specs == {
        **{f"{account}/{name}": account for account in ("acme", "globex") for name in names},
        "acme/raw_fba_inventory": "acme_stock",
        "acme/fba_inventory": "acme_stock",
    }
    of_both = {
        f"{account}_{feed}_job"
        for account in ("acme", "globex")
        for feed in ("orders", "all_orders")
    }
    assert jobs == {*of_both, "acme_fba_inventory_job"}
    assert schedules == {f"{job}_schedule" for job in jobs if "all_orders" not in job}


def test_shared_tables_say_whose_rows_they_have() -> None:
    """The asset of a shared table names its account, and the schema that was given."""
    attributes = {"accounts": [{"name": "acme"}], "feeds": ["orders"], "shared_tables": "agency"}

    with declared(attributes) as (defs, _):
        [orders] = [
            spec
            for spec in defs.resolve_all_asset_specs()
            if spec.key == dg.AssetKey(["acme", "orders"])
        ]

    assert orders.metadata["asp_dagster/account"] == "acme"
    assert orders.metadata["asp_dagster/schema"] == "agency"


def test_commands_see_the_feeds_of_all() -> None:
    """The doctor, retention and report schedules know every selling partner's feeds."""
    accounts = [{"name": "acme"}, {"name": "globex"}]

    with declared({"accounts": accounts, "feeds": ["orders", "settlements"]}) as (_, folder):
        feeds = feeds_of(folder)
        listed = listed_reports(folder)

    assert {(feed.account.name, feed.stem) for feed in feeds} == {
        (account, feed) for account in ("acme", "globex") for feed in ("orders", "settlements")
    }
    assert [each.account for each in listed] == ["acme", "globex"]


def test_doubt_is_told_once() -> None:
    """What Amazon removes is told of a feed, not of each selling partner that has it."""
    attributes = {"accounts": [{"name": "acme"}, {"name": "globex"}], "feeds": ["orders_v0"]}

    with pytest.warns(match="Amazon removes") as told, declared(attributes):
        pass

    doubts = [str(each.message) for each in told if each.category is DeclarationWarning]
    assert [each[:40] for each in doubts] == ["accounts.0 (acme), feeds.0 (orders_v0): "] * 2
    assert "orderItems" not in doubts[0]
    assert "orderItems" in doubts[1]


def test_literal_secret_is_told_without_it() -> None:
    """A secret in the declaration itself is warned of by its place, and not shown."""
    secret = {"client_id": "x", "client_secret": "hidden", "refresh_token": "hidden"}
    attributes = {"accounts": [{"name": "acme", "credentials": secret}], "feeds": ["orders"]}

    places = r"accounts\.0\.credentials\.client_secret"
    with pytest.warns(match=places) as told, declared(attributes):
        pass

    assert "hidden" not in str(told[0].message)
