"""The Orders API and the all-orders report are held against each other, as far as is fair."""

from datetime import timedelta

import pytest

from asp_dagster.checks.order_reports import NAME
from asp_dagster.landing import DataWindow
from asp_dagster.simulator import Partner
from asp_dagster_tests.checks.conftest import WINDOW, Checked, load_orders, load_report

BEYOND = (WINDOW.end + timedelta(hours=20)).isoformat()


@pytest.fixture
def both(checked: Checked, partner: Partner) -> Checked:
    """The orders of a day, and some hours later its report."""
    load_orders(checked, partner, "orders")
    checked.loaded_at += timedelta(hours=11)
    load_report(checked, partner)
    return checked


def test_report_of_the_same_orders_passes(both: Checked) -> None:
    """The report of a day tells of the orders that the API told of."""
    check = both.verdicts()["all_orders", NAME]

    assert check.passed
    assert check.metadata["orders_in_report"].value > 100
    assert check.metadata["missing_in_orders"].value == 0


def test_healthy_report_passes_every_check(both: Checked) -> None:
    """Nothing that is checked of the all-orders report is wrong of the simulator's."""
    assert all(check.passed for check in both.verdicts().values())


def test_orders_that_the_api_lost_warn(both: Checked) -> None:
    """Orders of the report that are no rows of the orders are counted, a few of them named."""
    both.execute(
        "DELETE FROM amazon.orders WHERE order_id IN"
        " (SELECT order_id FROM amazon.orders ORDER BY order_id LIMIT 7)"
    )

    check = both.verdicts()["all_orders", NAME]

    assert not check.passed
    assert check.metadata["missing_in_orders"].value == 7
    assert len(check.metadata["examples"].value) == 5


def test_orders_that_the_report_lost_warn_once_it_is_certain(
    both: Checked, partner: Partner
) -> None:
    """An order that no report has may have changed since; once orders are loaded on, it has not."""
    both.execute(
        "DELETE FROM amazon.all_orders WHERE amazon_order_id IN"
        " (SELECT order_id FROM amazon.orders ORDER BY order_id LIMIT 7)"
    )
    assert both.verdicts()["all_orders", NAME].passed
    load_orders(both, partner, "orders")
    both.execute(
        f"UPDATE amazon.orders SET last_updated_at = TIMESTAMPTZ '{BEYOND}'"
        " WHERE order_id = (SELECT max(order_id) FROM amazon.orders)"
    )

    check = both.verdicts()["orders", NAME]

    assert not check.passed
    assert check.metadata["missing_in_report"].value == 7


def test_window_before_is_compared_too(both: Checked, partner: Partner) -> None:
    """The next day's run of the orders makes the comparison of a day certain, and tells of it."""
    both.execute(
        "DELETE FROM amazon.all_orders WHERE amazon_order_id IN"
        " (SELECT order_id FROM amazon.orders ORDER BY order_id LIMIT 7)",
        f"UPDATE amazon.orders SET last_updated_at = TIMESTAMPTZ '{BEYOND}'"
        " WHERE order_id = (SELECT max(order_id) FROM amazon.orders)",
    )
    load_orders(both, partner, "orders")
    next_day = DataWindow(WINDOW.end, WINDOW.end + timedelta(days=1))

    check = both.verdicts({next_day.start.date().isoformat(): next_day})["orders", NAME]

    assert not check.passed
    assert check.metadata["missing_in_report"].value == 7


def test_order_that_the_report_tells_of_in_another_window_is_missing(
    both: Checked, partner: Partner
) -> None:
    """A line of the day before is no proof that the report of a day has the order."""
    both.execute(
        "UPDATE amazon.all_orders SET last_updated_date = last_updated_date - INTERVAL '1 day'"
        " WHERE amazon_order_id IN (SELECT order_id FROM amazon.orders WHERE items_count > 0"
        " ORDER BY order_id LIMIT 7)"
    )
    load_orders(both, partner, "orders")
    both.execute(
        f"UPDATE amazon.orders SET last_updated_at = TIMESTAMPTZ '{BEYOND}'"
        " WHERE order_id = (SELECT max(order_id) FROM amazon.orders)"
    )

    check = both.verdicts()["orders", NAME]

    assert not check.passed
    assert check.metadata["missing_in_report"].value == 7
    assert check.metadata["missing_in_orders"].value == 0


def test_report_alone_is_not_judged(checked: Checked, partner: Partner) -> None:
    """Where no orders have been loaded, there is nothing to compare."""
    load_report(checked, partner)

    check = checked.verdicts()["all_orders", NAME]

    assert check.passed
    assert "to compare" in check.metadata["not_judged"].value


def test_report_before_the_orders_is_not_judged(checked: Checked, partner: Partner) -> None:
    """Orders of a report may have changed before the API was asked, so they tell nothing yet."""
    load_report(checked, partner)
    checked.loaded_at += timedelta(hours=1)
    load_orders(checked, partner, "orders")

    check = checked.verdicts()["orders", NAME]

    assert "yet" in check.metadata["not_judged"].value


def test_marketplaces_that_are_not_loaded_are_left_out(both: Checked) -> None:
    """A report that tells of further marketplaces, as some do unasked, is compared without them."""
    both.execute(
        "UPDATE amazon.all_orders SET sales_channel = 'Amazon.ca', amazon_order_id ="
        " '999-' || substr(amazon_order_id, 5) WHERE quantity > 1"
    )

    assert both.verdicts()["all_orders", NAME].passed
