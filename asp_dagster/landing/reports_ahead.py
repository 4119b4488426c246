"""Asks for a run's reports before they are waited for, so that Amazon makes them side by side.

Here belongs: how many are asked for ahead. Which reports a window needs is said in `reports`, how
one is asked for and gone on with in `report_runs`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from asp_dagster.landing.extraction import Extraction, FileToLand
from asp_dagster.landing.made_reports import REPORTS
from asp_dagster.landing.reports import ReportExtraction
from asp_dagster.landing.windows import DataWindow
from asp_dagster.spapi import ReportRequest, SellingPartnerClient


def asked_ahead(extraction: Extraction, windows: Sequence[DataWindow | None]) -> Extraction:
    """Return what lands the same files, having asked for reports before their turn.

    Args:
        extraction: What lands the files; only one of reports is changed.
        windows: The windows that it will be asked for, in their order.
    """
    if isinstance(extraction, ReportExtraction):
        return ReportsAhead(extraction, windows)
    return extraction


@dataclass
class ReportsAhead:
    """The reports of a run, some of them asked for while the ones before are being made.

    As many are under way as createReport's bucket holds: more would wait for its tokens, while a
    report that is made waits to be fetched.

    Attributes:
        extraction: What asks for the reports, and lands their documents.
        windows: The windows of the run, in the order in which they land.
    """

    extraction: ReportExtraction
    windows: Sequence[DataWindow | None]
    _asked: int = field(default=0, init=False)
    _landed: int = field(default=0, init=False)

    @property
    def client(self) -> SellingPartnerClient:
        """Who asks Amazon."""
        return self.extraction.client

    def files(self, window: DataWindow | None) -> Iterator[FileToLand]:
        """Yield the window's documents."""
        for file in self.extraction.files(window):
            self._ask_ahead()
            yield file
            self._landed += 1

    def _ask_ahead(self) -> None:
        """Ask for the next reports, unless there is but one, which is asked for in its turn."""
        if len(self._requests) == 1:
            return
        under_way = self.client.usage_plans.operation("POST", REPORTS).burst
        for request in self._requests[self._asked : self._landed + under_way]:
            self.extraction.submit(request)
            self._asked += 1

    @cached_property
    def _requests(self) -> Sequence[ReportRequest]:
        """What is asked for in this run, in its order."""
        each_of = self.extraction.requests
        return [request for window in self.windows for _, request in each_of(window)]
