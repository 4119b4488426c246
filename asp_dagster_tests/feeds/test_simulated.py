"""The ready feeds that Amazon publishes no example for, against the simulated partner's truth."""

import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from asp_dagster.simulator import Partner, Simulator
from asp_dagster.simulator.direct_fulfillment import direct_fulfillment_rows
from asp_dagster.simulator.outbound_orders import outbound_order_rows
from asp_dagster.simulator.stock import stock_rows

UNTIL = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
DAYS = [(UNTIL - timedelta(days=number)).date().isoformat() for number in (3, 2, 1)]
MARKETPLACES = ("ATVPDKIKX0DER", "A2EUQ1WTGCTBG2")
PERSONAL = ("Synthetic Buyer", "Synthetic Street", "synthetic-buyer")
"""By which the simulator's people are told from everything else."""

Feeds = Any
Row = dict[str, Any]


@pytest.fixture
def amazon() -> Iterator[Simulator]:
    """A partner in two marketplaces, shown in pages of seven."""
    partner = Partner.generate(
        seed=11, orders=120, until=UNTIL, days=len(DAYS), marketplaces=MARKETPLACES
    )
    with Simulator(partner, speed=1e6, page_size_limit=7) as running:
        yield running


@pytest.fixture
def in_both(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every feed ask for both marketplaces."""
    monkeypatch.setenv("ASP_MARKETPLACE_IDS", ",".join(MARKETPLACES))


def _sorted(rows: Sequence[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: [str(value) for value in row.values()])


def _change(amazon: Simulator) -> None:
    amazon.partner.update(seed=5, fraction=0.3, at=UNTIL)


def _wait_for_the_next_second() -> None:
    """Windows end at full seconds: let one begin."""
    now = datetime.now(UTC)
    time.sleep(1 - now.microsecond / 1e6)


FBA_INVENTORY = """
    select marketplace_id, sku as seller_sku, fnsku as fn_sku, asin,
        fulfillable_quantity as fulfillable, reserved_for_orders_quantity as pending,
        total_quantity as total
    from amazon.fba_inventory
"""
OUTBOUND_ORDERS = """
    select order_id, status, status_update_time,
        (select coalesce(sum(cast(amount__value as integer)), 0)
        from amazon.outbound_orders__line_items i where i.order_id = o.order_id) as units
    from amazon.outbound_orders o
"""
OUTBOUND_ORDERS_V2020 = """
    select seller_fulfillment_order_id as order_id,
        upper(fulfillment_order_status) as status, status_updated_date as status_update_time
    from amazon.outbound_orders_v2020
"""
DIRECT_FULFILLMENT = """
    select purchase_order_number, order_details__order_date as order_date,
        order_details__order_status as status,
        (select count(*) from amazon.vendor_direct_fulfillment_orders__order_details__items i
        where i.purchase_order_number = o.purchase_order_number) as items
    from amazon.vendor_direct_fulfillment_orders o
"""


@pytest.mark.usefixtures("in_both")
def test_fba_inventory_is_the_stock_of_each_marketplace(feeds: Feeds, amazon: Simulator) -> None:
    """Each run gives the stock of now: by marketplace, SKU and label, whatever it was before."""
    feeds.run(amazon, "fba_inventory")
    before = stock_rows(amazon.partner)
    assert _sorted(feeds.query(FBA_INVENTORY)) == _sorted(before)

    _change(amazon)
    feeds.run(amazon, "fba_inventory")

    assert stock_rows(amazon.partner) != before
    assert _sorted(feeds.query(FBA_INVENTORY)) == _sorted(stock_rows(amazon.partner))
    assert amazon.count("getInventorySummaries") > 4


@pytest.mark.usefixtures("in_both")
def test_fba_inventory_forgets_what_is_gone(feeds: Feeds, amazon: Simulator) -> None:
    """A SKU that Amazon no longer names is no longer in the table."""
    feeds.run(amazon, "fba_inventory")
    amazon.partner.products = amazon.partner.products[5:]

    feeds.run(amazon, "fba_inventory")

    assert _sorted(feeds.query(FBA_INVENTORY)) == _sorted(stock_rows(amazon.partner))


def test_outbound_orders_go_on_where_they_ended(feeds: Feeds, amazon: Simulator) -> None:
    """The second run brings what changed since the first; items and shipments come inside."""
    feeds.run(amazon, "outbound_orders")
    assert _sorted(feeds.query(OUTBOUND_ORDERS)) == _sorted(outbound_order_rows(amazon.partner))
    first = amazon.count("listOrders")

    amazon.partner.update(seed=5, fraction=0.3, at=UNTIL + timedelta(hours=23))
    _wait_for_the_next_second()
    feeds.run(amazon, "outbound_orders")

    assert first > 4
    assert amazon.count("listOrders") - first < first
    assert _sorted(feeds.query(OUTBOUND_ORDERS)) == _sorted(outbound_order_rows(amazon.partner))


def test_outbound_orders_v2020_are_the_same_orders(feeds: Feeds, amazon: Simulator) -> None:
    """The older version brings the same orders, without their items."""
    feeds.run(amazon, "outbound_orders_v2020")

    truth = [
        {name: value for name, value in row.items() if name != "units"}
        for row in outbound_order_rows(amazon.partner)
    ]
    assert _sorted(feeds.query(OUTBOUND_ORDERS_V2020)) == _sorted(truth)


def test_direct_fulfillment_orders_are_complete_and_current(
    feeds: Feeds, amazon: Simulator
) -> None:
    """Day by day, and again after changes, every order is there once, with its items."""
    for day in DAYS:
        feeds.run(amazon, "vendor_direct_fulfillment_orders", day, pii="include")
    _change(amazon)

    for day in reversed(DAYS):
        feeds.run(amazon, "vendor_direct_fulfillment_orders", day, pii="include")

    created = [
        row
        for row in direct_fulfillment_rows(amazon.partner)
        if row["order_date"] >= UNTIL - timedelta(days=len(DAYS) + 6)
    ]
    assert _sorted(feeds.query(DIRECT_FULFILLMENT)) == _sorted(created)


@pytest.mark.parametrize(
    ("name", "day"),
    [
        pytest.param("outbound_orders", None, id="outbound_orders"),
        pytest.param("outbound_orders_v2020", None, id="outbound_orders_v2020"),
        pytest.param("vendor_direct_fulfillment_orders", DAYS[-1], id="direct_fulfillment"),
    ],
)
def test_no_table_holds_the_customer(
    feeds: Feeds, amazon: Simulator, name: str, day: str | None
) -> None:
    """What Amazon sends of the customer stays in the raw file: no table has it."""
    wanted = {"pii": "include", "personal_columns": "drop"} if day else {}
    feeds.run(amazon, name, day, **wanted)

    tables = feeds.query(
        "select table_name from information_schema.tables where table_schema = 'amazon'"
    )
    stored = [feeds.query(f'select * from amazon."{row["table_name"]}"') for row in tables]
    assert any(word in str(feeds.landed(name)) for word in PERSONAL)
    assert not any(word in str(stored) for word in PERSONAL)
