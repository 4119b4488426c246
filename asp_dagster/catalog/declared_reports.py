"""One declared report, together with what is known of its type.

Here belongs the value that the rules of `report_checks` and `report_dates` look at.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from asp_dagster.catalog.feeds import PartitionsSpec, ReportSpec
from asp_dagster.catalog.moments import moment
from asp_dagster.catalog.report_types import Period, ReportType

_EVERY_MARKETPLACE = "{marketplace_ids}"


@dataclass(frozen=True, kw_only=True)
class DeclaredReport:
    """A report as a feed declares it.

    Attributes:
        spec: What is asked for.
        known: What is known of its type.
        file_format: What its document is said to be, in upper case.
        partitions: Into which stretches of time it is cut, if it is.
        one_marketplace_per_report: Whether each marketplace has a report of its own.
        account_marketplace_ids: The account's marketplaces; empty where only the environment knows.
        today: The day that limits in time are held against.
    """

    spec: ReportSpec
    known: ReportType
    file_format: str
    partitions: PartitionsSpec | None
    one_marketplace_per_report: bool
    account_marketplace_ids: Sequence[str]
    today: date

    @property
    def name(self) -> str:
        """Amazon's name of the type."""
        return self.spec.report_type

    @property
    def period(self) -> Period | None:
        """The period that its windows are made of, or none if any will do."""
        return self.known.period(self.spec.report_options)

    @property
    def marketplace_ids(self) -> Sequence[str]:
        """The marketplaces asked for; empty where only the environment knows them."""
        declared = self.spec.marketplace_ids
        if not isinstance(declared, str):
            return declared
        if declared == _EVERY_MARKETPLACE:
            return self.account_marketplace_ids
        return [each.strip() for each in declared.split(",") if "{" not in each]

    @property
    def dates(self) -> dict[str, str]:
        """The dates that are declared, by their key; those of partitions are not."""
        declared = {
            "dataStartTime": self.spec.data_start_time,
            "dataEndTime": self.spec.data_end_time,
        }
        return {key: text for key, text in declared.items() if text}

    @property
    def fixed_dates(self) -> dict[str, str]:
        """The dates that are written out, by their key."""
        return {key: text for key, text in self.dates.items() if "{" not in text}

    @property
    def fixed_window(self) -> tuple[datetime, datetime] | None:
        """First and last moment of the data, where both are written out and can be read."""
        moments = [moment(text) for text in self.fixed_dates.values()]
        match moments:
            case [datetime() as start, datetime() as end]:
                return start, end
            case _:
                return None
