"""The door to what runs remember: `StateResource`, which hands out the parts of the state."""

from typing import TYPE_CHECKING

import dagster as dg
from pydantic import Field, PrivateAttr

from asp_dagster import state

if TYPE_CHECKING:  # only who uses the state pays for loading it
    from asp_dagster.state import Cursors, Erasures, ReportLedger, State

DEFAULT_STATE = "sqlite:///data/state.db"


class StateResource(dg.ConfigurableResource):  # type: ignore[type-arg] # it stands for itself
    """What runs remember from one to the next: how far feeds have come, and reports asked for."""

    url: str = Field(
        repr=False,
        description="sqlite:///relative/path, sqlite:////absolute/path or postgresql://…",
    )

    _state: "State | None" = PrivateAttr(default=None)

    def get_cursors(self) -> "Cursors":
        """Hand out the cursors; the state is made when one is first asked for.

        Raises:
            StateError: When the URL is none of the two databases'.
        """
        return self._opened().cursors

    @property
    def is_there(self) -> bool:
        """Whether there is a state yet; handing out what is in it makes none before it is used."""
        return self._opened().is_there

    def get_reports(self) -> "ReportLedger":
        """Hand out the ledger of reports; the state is made when one is first asked for.

        Raises:
            StateError: When the URL is none of the two databases'.
        """
        return self._opened().reports

    def get_erasures(self) -> "Erasures":
        """Hand out what is known of raw files that were searched for personal data.

        Raises:
            StateError: When the URL is none of the two databases'.
        """
        return self._opened().erasures

    def get_notifications(self) -> "state.Notifications":
        """Hand out what came from queues; the state is made when it is first asked for.

        Raises:
            StateError: When the URL is none of the two databases'.
        """
        return self._opened().notifications

    def _opened(self) -> "State":
        if self._state is None:
            self._state = state.State.from_url(self.url)
        return self._state

    def teardown_after_execution(self, context: dg.InitResourceContext) -> None:  # noqa: ARG002 - Dagster passes it
        """Close the connections at the end of the run."""
        if self._state is not None:
            self._state.close()
