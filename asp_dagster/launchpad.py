"""What a person may choose for one run that lands raw files, in Dagster's launchpad.

Here belong the choices, their defaults and their limits. What is not chosen is as it is declared;
what is chosen is forgotten with the run.

https://docs.dagster.io/guides/operate/configuration/run-configuration
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import dagster as dg
from pydantic import Field

from asp_dagster.catalog.durations import duration
from asp_dagster.catalog.feeds import Feed, ReportSpec
from asp_dagster.chosen_windows import ChosenWindow
from asp_dagster.landing import SettingError
from asp_dagster.resources import AmazonSPResource


class Choices(dg.Config):
    """What is chosen for a run."""

    from_: str = Field(
        default="",
        alias="from",
        description="For a feed without partitions that goes on from its cursor: ask for what"
        " changed from this day or time on. 2026-11-01, or 2026-11-01T08:00:00+01:00; UTC without a"
        " zone. Empty: from the cursor.",
    )
    to: str = Field(
        default="",
        description="For the same feeds: the last day, which belongs to it, or the time at which"
        " it ends. 2026-11-05, or 2026-11-05T08:00:00+01:00. Empty: all up to now. The cursor is"
        " never set back, and moves on only if nothing is left out before it.",
    )
    marketplaces: list[str] = Field(
        default_factory=list,
        description="Only these of the feed's marketplaces, by their ids: A1PA6795UKMFR9. For"
        " reports of which each marketplace has one of its own; the files of the others stay.",
    )
    reuse_age: str = Field(
        default="",
        description="How old a finished report may be to be fetched rather than asked for:"
        " 30 minutes, 6 hours; 0 minutes to ask in any case. Empty: as declared.",
    )
    max_wait: str = Field(
        default="",
        description="The longest that a request waits for quota: 30 minutes. A step that would"
        " have to wait longer stops, and is tried again when the quota is back. Empty: as"
        " ASP_MAX_WAIT says.",
    )

    @property
    def window(self) -> ChosenWindow:
        """The window that is named, if one is."""
        return ChosenWindow(self.from_.strip(), self.to.strip())

    @property
    def longest_wait(self) -> timedelta | None:
        """The longest that a request waits, if it is chosen.

        Raises:
            SettingError: When it is no length of time.
        """
        return _length("max_wait", self.max_wait)

    def applied(self, feed: Feed, amazon: AmazonSPResource) -> Feed:
        """Return a feed as it is to be landed in this run.

        Args:
            feed: The feed, as it is declared.
            amazon: What knows the marketplaces of feeds that name none.

        Raises:
            SettingError: When a choice cannot be meant.
            ConfigurationError: When there are no marketplaces to choose from.
        """
        if self.window:
            self.window.check(feed)
        reuse_age = _length("reuse_age", self.reuse_age)
        if self.reuse_age and not isinstance(feed.source, ReportSpec):
            raise SettingError(
                f"reuse_age: {feed.name} asks for no reports; leave it empty for this run."
            )
        if self.marketplaces:
            _check_marketplaces(feed, self.marketplaces, amazon)
            account = replace(feed.account, marketplaces=tuple(self.marketplaces))
            feed = replace(feed, account=account)
        return feed if reuse_age is None else replace(feed, reuse_age=reuse_age)


def _check_marketplaces(feed: Feed, chosen: Sequence[str], amazon: AmazonSPResource) -> None:
    """Refuse marketplaces that are none of the feed's, and those whose choice would lose rows."""
    if not (feed.one_marketplace_per_report and feed.asks_for_marketplaces):
        raise SettingError(
            f"marketplaces: {feed.name} lands all marketplaces in one file, which a run with some"
            " of them would put in the place of the whole; leave it empty, or declare a feed of"
            " these marketplaces."
        )
    if feed.wait == "sensor":
        raise SettingError(
            f"marketplaces: the reports of {feed.name} are landed by a run that its sensor starts,"
            " which knows nothing of the choice; leave it empty."
        )
    known = amazon.marketplaces_of(feed.account)
    if strange := [each for each in chosen if each not in known]:
        raise SettingError(
            f"marketplaces: {', '.join(strange)} is none of {feed.name}'s: choose of"
            f" {', '.join(known)}."
        )


def _length(name: str, text: str) -> timedelta | None:
    try:
        return duration(text) if text else None
    except ValueError as error:
        raise SettingError(f"{name}: {error}.") from None
