"""The shared state: the little that runs must know of each other, in one database for all of them.

    with State.from_url("sqlite:///data/state.db") as state:
        state.cursors.get("raw_orders")

A file for one machine, PostgreSQL for several; the same statements in both. Any number of processes
may use it at once. What is in it can be lost without losing data: the next run then asks Amazon for
what it has had before.

This floor knows nothing of Dagster.

    state            the door
    cursors          how far each feed without partitions has come
    reports          the reports that were asked for, and what became of them
    waiting_reports  those that runs have left to a sensor
    erasures         the raw files that were searched for personal data
    notifications    what came from queues, until what follows from it is under way
    changed_orders   the orders that it told of, until they are fetched
    quota            where requests of all processes wait for their turn
    buckets          the mathematics of the quota
    tables           the tables, and how times are written in them
    databases        SQLite and PostgreSQL, and all in which they differ
    errors           what can go wrong, by what to do about it
"""

from typing import TYPE_CHECKING

from asp_dagster.on_demand import on_demand
from asp_dagster.state.errors import StateError, StateUnavailableError, StateURLError

if TYPE_CHECKING:
    from asp_dagster.state.changed_orders import AskedRun, ChangedOrder, ChangedOrders
    from asp_dagster.state.cursors import Cursor, Cursors
    from asp_dagster.state.erasures import Erasures, SearchedFile
    from asp_dagster.state.notifications import Notifications, SetAside, Unserved
    from asp_dagster.state.quota import SharedQuota
    from asp_dagster.state.reports import ReportLedger
    from asp_dagster.state.state import State
else:  # only who opens the state pays for loading SQLAlchemy
    __getattr__ = on_demand(
        __name__,
        {
            "changed_orders": ["AskedRun", "ChangedOrder", "ChangedOrders"],
            "cursors": ["Cursor", "Cursors"],
            "erasures": ["Erasures", "SearchedFile"],
            "notifications": ["Notifications", "SetAside", "Unserved"],
            "quota": ["SharedQuota"],
            "reports": ["ReportLedger"],
            "state": ["State"],
        },
    )

__all__ = [
    "AskedRun",
    "ChangedOrder",
    "ChangedOrders",
    "Cursor",
    "Cursors",
    "Erasures",
    "Notifications",
    "ReportLedger",
    "SearchedFile",
    "SetAside",
    "SharedQuota",
    "State",
    "StateError",
    "StateURLError",
    "StateUnavailableError",
    "Unserved",
]
