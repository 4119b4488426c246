"""Checks of tables pass on what is healthy, and fire on what is spoilt, in both databases."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import dagster as dg
import pytest

from asp_dagster.assets import raw_key
from asp_dagster.catalog.tables import InferredTable, TableSpec
from asp_dagster.checks import completeness, last_modified, order_items, order_totals, unique_keys
from asp_dagster.checks.row_counts import NAME as ROWS_AS_USUAL
from asp_dagster.simulator import Partner
from asp_dagster.warehouse import Warehouse
from asp_dagster_tests.checks.conftest import DAY, KEY, WINDOW, Checked, load_orders, shipped

Recorded = Callable[..., None]
BEFORE = [(DAY - timedelta(weeks=week)).date().isoformat() for week in range(1, 9)]


def items_of(orders: str) -> str:
    """The table of the items of a table of orders."""
    return orders.replace("orders", "order_items")


@pytest.mark.parametrize("orders", ["orders", "orders_v0"], indirect=True)
def test_healthy_orders_pass(checked: Checked, orders: str, recorded: Recorded) -> None:
    """What the simulator tells of a day passes every check; without a report one cannot judge."""
    recorded(raw_key(checked.feed), {KEY: WINDOW.end.timestamp()}, "window_end")
    recorded(dg.AssetKey(orders), dict.fromkeys(BEFORE, 100), "dagster/partition_row_count")

    verdicts = checked.verdicts(now=WINDOW.end + timedelta(hours=1))

    unjudged = [name for name, check in verdicts.items() if "not_judged" in check.metadata]
    assert [name for name, check in verdicts.items() if not check.passed] == []
    assert unjudged == [(orders, "orders_match_report")]
    assert len(verdicts) == 8


def test_key_that_is_not_unique_is_an_error(checked: Checked, orders: str) -> None:
    """A table that somebody made anew, with a row twice, is an error that names the key."""
    checked.execute(
        f"CREATE TABLE copied AS SELECT * FROM amazon.{orders}",
        "INSERT INTO copied SELECT * FROM copied ORDER BY order_id LIMIT 1",
        f"DROP TABLE amazon.{orders}",
        f"CREATE TABLE amazon.{orders} AS SELECT * FROM copied",
    )

    check = checked.verdicts()[orders, unique_keys.NAME]

    assert not check.passed
    assert check.severity is dg.AssetCheckSeverity.ERROR
    assert check.metadata["duplicate_keys"].value == 1
    assert check.metadata["null_keys"].value == 0
    assert "load its partitions again" in (check.description or "")


def test_key_that_is_null_is_an_error(checked: Checked, orders: str) -> None:
    """A row without a key is an error, and a table without a primary key alone is none."""
    items = items_of(orders)
    checked.execute(
        f"CREATE TABLE copied AS SELECT * FROM amazon.{items}",
        f"DROP TABLE amazon.{items}",
        f"CREATE TABLE amazon.{items} AS SELECT * FROM copied",
    )
    assert checked.verdicts()[items, unique_keys.NAME].passed
    checked.execute(f"UPDATE amazon.{items} SET order_item_id = NULL WHERE sku IS NOT NULL")

    check = checked.verdicts()[items, unique_keys.NAME]

    assert not check.passed
    assert check.metadata["null_keys"].value > 0


@pytest.mark.parametrize(
    ("moved", "count"),
    [
        pytest.param("last_updated_at - INTERVAL '2 days'", "rows_before_window", id="before"),
        pytest.param("last_updated_at + INTERVAL '2 days'", "rows_after_window", id="after"),
    ],
)
def test_row_that_changed_outside_of_the_window_warns(
    checked: Checked, orders: str, moved: str, count: str
) -> None:
    """Rows whose last change lies outside of their window are counted and named."""
    checked.execute(f"UPDATE amazon.{orders} SET last_updated_at = {moved}")

    check = checked.verdicts()[orders, last_modified.NAME]

    assert not check.passed
    assert check.severity is dg.AssetCheckSeverity.WARN
    assert check.metadata[count].value == check.metadata["rows"].value > 100
    assert len(check.metadata["examples"].value) == 5


def test_lookback_belongs_to_the_window(checked: Checked, orders: str) -> None:
    """What a feed asks for again, because it still changes, is within its window."""
    checked.execute(
        f"UPDATE amazon.{orders} SET last_updated_at = last_updated_at - INTERVAL '1 day'"
    )
    checked.feed = replace(checked.feed, lookback=timedelta(days=1))

    assert checked.verdicts()[orders, last_modified.NAME].passed


def test_orders_asked_for_by_id_have_no_window(checked: Checked, orders: str) -> None:
    """A run that asks for single orders brings them whenever they changed."""
    check = checked.verdicts(has_single_orders=True)[orders, last_modified.NAME]

    assert "by their ids" in check.metadata["not_judged"].value


def test_order_without_its_items_warns(checked: Checked, orders: str) -> None:
    """Orders that say more items than there are rows of theirs are named."""
    checked.execute(
        f"DELETE FROM amazon.{items_of(orders)} WHERE order_id IN (SELECT order_id FROM"
        f" amazon.{orders} WHERE status = 'SHIPPED' ORDER BY order_id LIMIT 3)"
    )

    check = checked.verdicts()[orders, order_items.NAME]

    assert not check.passed
    assert check.metadata["orders_without_items"].value == 3
    assert len(check.metadata["examples"].value) == 3


@pytest.mark.parametrize(
    ("status", "total", "passed"),
    [
        pytest.param("SHIPPED", "10", False, id="shipped"),
        pytest.param("UNSHIPPED", "NULL", False, id="without-total"),
        pytest.param("PENDING", "NULL", True, id="pending"),
        pytest.param("CANCELLED", "NULL", True, id="cancelled"),
        pytest.param("UNSHIPPED", "0", True, id="all-taken-away"),
    ],
)
def test_order_of_no_items_is_judged_by_its_status(
    checked: Checked, orders: str, status: str, total: str, *, passed: bool
) -> None:
    """An order that Amazon told without items is a surprise, unless it may have none."""
    one = f"(SELECT min(order_id) FROM amazon.{orders})"
    checked.execute(
        f"DELETE FROM amazon.{items_of(orders)} WHERE order_id = {one}",
        f"UPDATE amazon.{orders} SET items_count = 0, status = '{status}', total_amount = {total}"
        f" WHERE order_id = {one}",
    )

    assert checked.verdicts()[orders, order_items.NAME].passed is passed


@pytest.mark.parametrize("orders", ["orders", "orders_v0"], indirect=True)
@pytest.mark.parametrize("factor", ["0.4", "3"], ids=["less", "more"])
def test_items_that_do_not_sum_to_the_total_warn(
    checked: Checked, orders: str, factor: str
) -> None:
    """Items whose prices are other than the totals of their orders say are told, with numbers."""
    checked.execute(f"UPDATE amazon.{orders} SET total_amount = total_amount * {factor}")

    check = checked.verdicts()[orders, order_totals.NAME]

    assert not check.passed
    assert check.metadata["orders_that_differ"].value == check.metadata["orders_compared"].value
    assert check.metadata["orders_compared"].value > 50


def test_prices_that_include_their_tax_sum_too(checked: Checked, orders: str) -> None:
    """Where tax is a part of the price, as in Europe, the total is the sum without it."""
    checked.execute(
        f"UPDATE amazon.{orders} AS o SET total_amount = (SELECT sum(item_price +"
        " coalesce(shipping_price, 0) + coalesce(gift_wrap_price, 0)"
        f" - coalesce(promotion_discount, 0)) FROM amazon.{items_of(orders)} AS i"
        " WHERE i.order_id = o.order_id) WHERE total_amount IS NOT NULL"
    )

    assert checked.verdicts()[orders, order_totals.NAME].passed


def test_fewer_rows_than_on_such_days_warn(
    checked: Checked, orders: str, recorded: Recorded
) -> None:
    """A day with less than half the rows of the same weekday's median is told, with both."""
    counts = dict(zip(BEFORE, [900, 10, 800, 1000], strict=False))
    recorded(dg.AssetKey(orders), counts, "dagster/partition_row_count")

    check = checked.verdicts()[orders, ROWS_AS_USUAL]

    assert not check.passed
    assert check.metadata["rows"].value == 120
    assert check.metadata["usual_rows"].value == 850


@pytest.mark.parametrize(
    ("counts", "hours"),
    [
        pytest.param([900, 900], 1, id="two-weeks"),
        pytest.param([900, 900, 900], -12, id="day-is-not-over"),
    ],
)
def test_rows_are_not_judged_too_early(
    checked: Checked, orders: str, recorded: Recorded, counts: list[int], hours: int
) -> None:
    """Two weeks tell nothing yet, nor does half a day."""
    recorded(
        dg.AssetKey(orders),
        dict(zip(BEFORE, counts, strict=False)),
        "dagster/partition_row_count",
    )

    check = checked.verdicts(now=WINDOW.end + timedelta(hours=hours))[orders, ROWS_AS_USUAL]

    assert check.passed
    assert "not_judged" in check.metadata


def test_partition_that_was_not_over_warns(
    checked: Checked, orders: str, recorded: Recorded
) -> None:
    """A partition that was asked for on its own day is told, until it is asked for again."""
    noon = (DAY + timedelta(hours=12)).timestamp()
    recorded(raw_key(checked.feed), {KEY: noon}, "window_end")

    check = checked.verdicts()[orders, completeness.NAME]

    assert not check.passed
    assert check.metadata["open_partitions"].value == [KEY]

    recorded(raw_key(checked.feed), {KEY: WINDOW.end.timestamp()}, "window_end")
    assert checked.verdicts()[orders, completeness.NAME].passed


@pytest.mark.parametrize("behind", [0, 1], ids=["at-the-end", "before-it"])
def test_cursor_must_be_past_the_window(checked: Checked, orders: str, behind: int) -> None:
    """Of a feed without partitions, the cursor tells whether the window is done with."""
    checked.feed = replace(checked.feed, partitions=None)
    until = WINDOW.end - timedelta(hours=behind)

    check = checked.verdicts(loaded_until=until)[orders, completeness.NAME]

    assert check.passed is (behind == 0)


def test_refused_question_fails_nothing(checked: Checked, orders: str) -> None:
    """A check whose columns somebody dropped passes, says why, and keeps no other from judging."""
    checked.execute(f"ALTER TABLE amazon.{orders} DROP COLUMN last_updated_at")

    verdicts = checked.verdicts()

    assert verdicts[orders, last_modified.NAME].passed
    assert "refused" in verdicts[orders, last_modified.NAME].metadata["not_judged"].value
    assert "not_judged" not in verdicts[orders, order_items.NAME].metadata


def test_warehouse_that_cannot_be_opened_fails_nothing(checked: Checked, orders: str) -> None:
    """If the warehouse is not to be had, what asks it is not judged, and says why."""
    nowhere = Warehouse.from_url("postgresql://127.0.0.1:1/none")

    verdicts = checked.verdicts(warehouse=nowhere)

    assert all(check.passed for check in verdicts.values())
    reason = verdicts[orders, unique_keys.NAME].metadata["not_judged"].value
    assert "Cannot connect" in str(reason)


def test_table_by_itself_is_checked_alike(checked: Checked, partner: Partner) -> None:
    """A table that was found in the data has the checks of its key and its last change."""
    table = InferredTable(name="found", key=("orderId",), newest_by="lastUpdatedTime")
    feed = replace(shipped("orders"), tables=(table,), backfill=None)
    load_orders(checked, partner, "orders")
    content = (checked.folder / "raw_orders.jsonl").read_text()
    checked.load(feed, content)
    assert all(check.passed for check in checked.verdicts().values())
    checked.execute(
        "UPDATE amazon.found SET last_updated_time = last_updated_time - INTERVAL '9 days'"
    )

    verdicts = checked.verdicts()

    assert not verdicts["found", last_modified.NAME].passed
    assert verdicts["found", unique_keys.NAME].passed


def test_columns_of_ones_own_names_are_found(checked: Checked, partner: Partner) -> None:
    """A user's own table of orders has the checks, whatever its columns are called."""
    feed = shipped("orders")
    orders, items = (table for table in feed.tables if isinstance(table, TableSpec))
    renamed = {"total_amount": "worth", "status": "state"}
    columns = {renamed.get(name, name): column for name, column in orders.columns.items()}
    mine = replace(orders, name="mine", columns=columns, preview=())
    load_orders(checked, partner, "orders")
    content = (checked.folder / "raw_orders.jsonl").read_text()
    checked.load(replace(feed, tables=(mine, replace(items, parent="mine"))), content)
    checked.execute("UPDATE amazon.mine SET worth = worth * 2")

    verdicts = checked.verdicts()

    assert verdicts["mine", order_items.NAME].passed
    assert not verdicts["mine", order_totals.NAME].passed
