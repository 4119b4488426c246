"""The daily partition of the orders finds what notifications lost, and both agree."""

from asp_dagster.simulator.notifications import Delivery
from asp_dagster_tests.notifications.ticking import Location


def test_lost_notifications_are_healed_by_the_day(location: Location) -> None:
    """A change that Amazon told nobody of is loaded by the day in which it lies."""
    changed = location.change(fraction=0.3)
    location.notify(Delivery(seed=5, losses=0.5))
    location.tick()
    told = {row["order_id"] for row in location.orders()}
    assert told < changed

    location.run_days()

    truth = location.truth({row["order_id"] for row in location.orders()})
    assert changed <= {row["order_id"] for row in truth}
    rows = location.orders()
    assert [{name: row[name] for name in truth[0]} for row in rows] == truth


def test_both_roads_leave_the_same_tables(location: Location) -> None:
    """With notifications before, between and after the days, no row is doubled or other."""
    location.run_days()
    location.change(seed=1, fraction=0.3)
    location.notify(Delivery(seed=1, duplicates=0.5, is_in_order=False))
    location.tick()
    by_notifications = location.orders(), location.order_items()

    location.run_days()

    assert (location.orders(), location.order_items()) == by_notifications
    ids = [row["order_id"] for row in location.orders()]
    assert len(ids) == len(set(ids)) == len(location.amazon.partner.order_rows())


def test_older_notification_does_not_take_a_row_back(location: Location) -> None:
    """A message that comes after the day fetches the order as it is, not as it was."""
    changed = location.change(seed=1)
    location.notify()
    location.run_days()
    newest = location.orders()

    assert location.tick() == 1

    assert location.orders() == newest
    assert changed <= {row["order_id"] for row in newest}
