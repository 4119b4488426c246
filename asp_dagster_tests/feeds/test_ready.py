"""Every ready feed is a declaration that stands on Amazon's models, found by its name."""

import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from asp_dagster.catalog.declarations import DeclarationError
from asp_dagster.catalog.endpoints import EndpointSpec, ExtensionSpec
from asp_dagster.catalog.feed_checks import check_feed
from asp_dagster.catalog.feeds import Feed, PartitionsSpec, ReportSpec
from asp_dagster.components import AmazonSPApi, AmazonSPReport
from asp_dagster.components.declared_feeds import TableComponent
from asp_dagster.declared import OWN_FEEDS, components_of
from asp_dagster.feeds import ready_feed, ready_feed_names, ready_feed_text
from asp_dagster.feeds.ready import component_of, default_feed_names
from asp_dagster.spapi.paging_rules import PagingRules
from asp_dagster.spapi.usage_plans import UsagePlans

WITHOUT_KEY = {"financial_events_v0"}
"""Feeds whose records Amazon gives no id: their rows are replaced by the partition."""

ANSWERED_ALONE = {
    "/awd/2024-05-09/inboundShipments/{}",
    "/inbound/fba/2024-03-20/inboundPlans/{}",
    "/inbound/fba/2024-03-20/inboundPlans/{}/shipments/{}",
}
"""Requests for one thing, which are no lists and so in no paging table."""

OF_CUSTOMERS = {"vendor_direct_fulfillment_orders"}
"""Feeds of personal data, which has to be wanted."""

Request = tuple[str, dict[str, Any]]


def _declared(name: str) -> Feed:
    pii = {"pii": "include"} if name in OF_CUSTOMERS else {}
    return AmazonSPApi.from_attributes_dict(attributes={"feed": name, **pii}).declared()


def _requests(spec: EndpointSpec | ExtensionSpec) -> Iterator[Request]:
    """Yield path and params of a list and of all its extensions."""
    yield spec.path, spec.params
    for extension in spec.extend_resources:
        yield from _requests(extension)


def _all_requests() -> list[Request]:
    sources = [_declared(name).source for name in ready_feed_names()]
    return [
        request
        for source in sources
        if isinstance(source, EndpointSpec)
        for request in _requests(source)
    ]


REQUESTS = _all_requests()


@pytest.mark.parametrize("name", ready_feed_names())
def test_a_name_is_all_a_feed_needs(name: str) -> None:
    """A ready feed declares a complete feed with a table, to which no check objects."""
    feed = _declared(name)

    warnings = list(check_feed(feed, today=datetime.now(UTC).date()))
    assert feed.name == f"raw_{name}"
    assert feed.description
    assert feed.tables[0].name == name
    assert all("removes" in warning for warning in warnings)


@pytest.mark.parametrize("name", ready_feed_names())
def test_records_have_a_key(name: str) -> None:
    """A feed's records are told apart by a key, and by the marketplace where it asks for each."""
    feed = _declared(name)

    assert bool(feed.tables[0].key) != (name in WITHOUT_KEY)


@pytest.mark.parametrize("name", ready_feed_names())
def test_file_says_why(name: str) -> None:
    """A declaration says what it is, with the link to Amazon's page, and fits a screen's width."""
    text = ready_feed_text(name)
    prose = [line for line in text.splitlines() if not re.search(r"https://|{path: ", line)]

    assert text.startswith("# ")
    page = r"https://developer-docs\.amazon\.com/sp-api/(docs|reference)/"
    assert re.search(page, text.partition("description:")[0])
    assert all(len(line) <= 100 for line in prose)


@pytest.mark.parametrize("path", sorted({path for path, _ in REQUESTS}))
def test_operation_is_known(path: str) -> None:
    """A feed asks for operations whose usage plan Amazon publishes, and whose paging is known."""
    operation = UsagePlans.load().operation("GET", path)

    assert operation.documented
    assert operation.model
    has_list = bool(PagingRules.load().rule("GET", path).results_key)
    assert has_list != (path in ANSWERED_ALONE)


@pytest.mark.parametrize("request_", REQUESTS, ids=[path for path, _ in REQUESTS])
def test_pages_are_as_large_as_amazon_allows(request_: Request) -> None:
    """Where the size of a page can be set, it is the largest."""
    path, params = request_
    rule = PagingRules.load().rule("GET", path)

    assert not rule.page_size_param or params[rule.page_size_param] == rule.max_page_size


def test_keys_beside_the_name_go_first() -> None:
    """What stands beside `feed` goes before the ready feed's own, and params are added."""
    attributes = {"feed": "inbound_plans", "name": "plans", "params": {"status": "ACTIVE"}}

    feed = AmazonSPApi.from_attributes_dict(attributes=attributes).declared()

    assert feed.name == "raw_plans"
    assert isinstance(feed.source, EndpointSpec)
    assert feed.source.params == {**ready_feed("inbound_plans")["params"], "status": "ACTIVE"}


def test_unknown_name_is_refused_with_those_there_are() -> None:
    """A misspelt name is refused, with the one that is meant and all that exist."""
    with pytest.raises(DeclarationError, match="did you mean fba_inventory") as refused:
        ready_feed("fba_inventry")

    assert all(name in str(refused.value) for name in ready_feed_names())


@pytest.mark.parametrize("name", ["../components", "", "/etc/hosts"])
def test_name_is_no_path(name: str) -> None:
    """A name that would lead out of the folder is unknown like any other."""
    with pytest.raises(DeclarationError, match=re.escape(repr(name))):
        ready_feed(name)


def test_feeds_are_cheap_to_import() -> None:
    """Reading a ready feed needs neither Dagster nor a database."""
    code = (
        "import sys; from asp_dagster.feeds import ready_feed; ready_feed('fba_inventory');"
        "sys.exit(bool({'dagster', 'duckdb', 'pandas'} & sys.modules.keys()))"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("name", sorted(OF_CUSTOMERS))
def test_feed_of_customers_says_what_it_needs(name: str) -> None:
    """A name is not enough for a feed of personal data: the refusal says what to write."""
    feed = AmazonSPApi.from_attributes_dict(attributes={"feed": name}).declared()

    with pytest.raises(DeclarationError, match="answers personal data; say `pii: include`"):
        check_feed(feed, today=datetime.now(UTC).date())
    assert "pii: include" in feed.description


@pytest.mark.parametrize("name", default_feed_names())
def test_default_feed_is_ready_too(name: str) -> None:
    """A default feed is to be had by its name, and is what the package itself declares."""
    packaged = components_of(OWN_FEEDS / name, TableComponent)
    component = {"AmazonSPApi": AmazonSPApi, "AmazonSPReport": AmazonSPReport}[component_of(name)]

    ready = component.from_attributes_dict(attributes={"feed": name})

    assert [ready.declared()] == [each.declared() for each in packaged]


def test_default_feed_can_be_changed() -> None:
    """What stands beside a default feed goes before its own keys, and the rest stays."""
    attributes = {"feed": "all_orders", "partitions": "weekly", "table": False}

    feed = AmazonSPReport.from_attributes_dict(attributes=attributes).declared()

    assert feed.partitions == PartitionsSpec(every="weekly")
    assert feed.tables == ()
    assert feed.source == ReportSpec(
        report_type="GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL"
    )


def test_feed_of_another_component_is_refused_with_those_of_this() -> None:
    """A default feed that is a report is none of the endpoints', whose names are listed."""
    with pytest.raises(DeclarationError, match=r"of asp_dagster\.AmazonSPReport; .*orders_v0"):
        ready_feed("sales_and_traffic")
