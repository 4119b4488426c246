"""The shared state: one door to all that is kept in it.

Here belongs opening and closing. What is kept is defined by the modules of the tables.
"""

from datetime import timedelta
from types import TracebackType
from typing import Self

from asp_dagster.spapi import Clock, SystemClock
from asp_dagster.state.cursors import Cursors
from asp_dagster.state.databases import Database, open_database
from asp_dagster.state.erasures import Erasures
from asp_dagster.state.notifications import Notifications
from asp_dagster.state.quota import SharedQuota
from asp_dagster.state.reports import ReportLedger


class State:
    """What runs know of each other. It may be used by many threads; each process opens its own.

    Attributes:
        name: Its URL without user, password and query, for messages.
        cursors: How far each feed without partitions has come.
        reports: The reports that were asked for.
        erasures: The raw files that were searched for personal data.
        notifications: What came from queues.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self.name = database.name
        self.cursors = Cursors(database, clock)
        self.reports = ReportLedger(database, clock)
        self.erasures = Erasures(database)
        self.notifications = Notifications(database, clock)

    @classmethod
    def from_url(cls, url: str, *, clock: Clock | None = None) -> "State":
        """Return the state at a URL; it connects, and makes its tables, when it is first used.

        Args:
            url: `sqlite:///relative/path`, `sqlite:////absolute/path` or
                `postgresql://user:password@host:5432/database`.
            clock: What tells the time; by default the computer's.

        Raises:
            StateURLError: When the URL is none of these.
        """
        return cls(open_database(url), clock or SystemClock())

    def quota(self, max_wait: timedelta | None = None) -> SharedQuota:
        """Return the quota that all who use this state share.

        Args:
            max_wait: The longest that a request waits; longer waits are refused.
        """
        return SharedQuota(self._database, self._clock, max_wait)

    @property
    def is_there(self) -> bool:
        """Whether there is a state yet; using it makes a file that is not there."""
        return self._database.is_there

    def close(self) -> None:
        """Close the connections; they are opened again when needed."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()
