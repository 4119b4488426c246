"""Looks how far the reports are that runs have left to a sensor.

Here belong: which pages of getReports are asked for, and how many in one look. Ten types go into
one question, so what it costs depends on how many reports Amazon has made meanwhile, not on how
many are waited for. The pages are paid back at the pace of Amazon's quota before the next look; a
look that does not come to the end is continued there by the next.

https://developer-docs.amazon.com/sp-api/reference/getreports
"""

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from asp_dagster.catalog.report_records import WaitingReport
from asp_dagster.landing.made_reports import MOST_TYPES, PAGE_SIZE, REPORTS
from asp_dagster.landing.report_memory import WaitingMemory
from asp_dagster.landing.report_runs import CLOCK_SKEW, LONGEST_LIFE
from asp_dagster.spapi import SellingPartnerClient, SellingPartnerError

_log = logging.getLogger(__name__)

# Half of the requests that may be saved up: others list reports too.
_MOST_PAGES = 5
_ENDINGS = ("DONE", "CANCELLED", "FATAL")


@dataclass(frozen=True)
class _Place:
    """Where a look goes on.

    Attributes:
        types: The report types still to be asked for, those of the next question first.
        token: The next page of that question; empty before its first.
    """

    types: Sequence[str]
    token: str = ""

    @property
    def of_question(self) -> Sequence[str]:
        return self.types[:MOST_TYPES]

    def after(self, token: str | None) -> "_Place":
        """Return the place after a page that ends in a token, or in none."""
        return _Place(self.types, token) if token else _Place(self.types[MOST_TYPES:])

    @classmethod
    def parse(cls, text: str, waiting: Sequence[WaitingReport]) -> "_Place":
        """Return the place that was noted, or the beginning."""
        noted = json.loads(text) if text else {}
        if noted.get("types"):
            return cls(noted["types"], noted["token"])
        return cls(sorted({report.report_type for report in waiting}))

    def __str__(self) -> str:
        return json.dumps({"types": list(self.types), "token": self.token})


@dataclass(frozen=True)
class OpenReports:
    """The reports that one selling partner's runs have left to a sensor.

    Attributes:
        client: Asks Amazon.
        memory: Where they are.
    """

    client: SellingPartnerClient
    memory: WaitingMemory

    def look(self) -> int:
        """Note which of them have ended, if it is time to look, and return how many.

        One that has been under way for so long that it will not end any more counts too: the run
        that takes it over asks for another.

        Raises:
            ApiError: When Amazon refuses, or does not answer; the next look begins anew.
        """
        whose, ended = self.client.identity, 0
        noted = self.memory.begin_look(whose, _MOST_PAGES * self._pause)
        if noted is None:
            return 0
        pages, place = 0, _Place([])
        try:
            waiting = self._living(self.memory.open(whose))
            place = _Place.parse(noted, list(waiting.values())) if waiting else place
            while place.types and pages < _MOST_PAGES:
                pages += 1
                page = self._page(place, waiting.values())
                ended += self._note(page.get("reports", ()), waiting)
                place = place.after(page.get("nextToken"))
        except SellingPartnerError:
            place = _Place([])  # what was refused may be the token
            raise
        finally:
            self.memory.end_look(whose, max(pages, 1) * self._pause, str(place))
        _log.info("Looked at %d pages of reports; %d have ended.", pages, ended)
        return ended

    @property
    def _pause(self) -> timedelta:
        """How long it takes until one page more may be asked for."""
        return timedelta(seconds=1 / self.client.usage_plans.operation("GET", REPORTS).rate)

    def _living(self, reports: Sequence[WaitingReport]) -> dict[str, WaitingReport]:
        """Return the reports that may still end, by their ids; the others count as ended."""
        oldest = self.client.clock.now() - LONGEST_LIFE
        if dead := {report.number: None for report in reports if report.requested_at < oldest}:
            self.memory.ended(dead)
        return {report.report_id: report for report in reports if report.number not in dead}

    def _page(self, place: _Place, waiting: Any) -> Mapping[str, Any]:
        """Ask for one page; a token stands alone."""
        asked = [
            report.requested_at for report in waiting if report.report_type in place.of_question
        ]
        params: dict[str, Any] = {
            "reportTypes": place.of_question,
            "processingStatuses": _ENDINGS,
            "createdSince": min(asked, default=self.client.clock.now()) - CLOCK_SKEW,
            "pageSize": PAGE_SIZE,
        }
        if place.token:
            params = {"nextToken": place.token}
        return self.client.request("GET", REPORTS, params=params).body

    def _note(self, reports: Sequence[Mapping[str, Any]], waiting: dict[str, WaitingReport]) -> int:
        """Note which of the reports of a page were waited for."""
        documents = {
            waiting[report_id].number: _document(report)
            for report in reports
            if (report_id := str(report.get("reportId"))) in waiting
        }
        if documents:
            self.memory.ended(documents)
        return len(documents)


def _document(report: Mapping[str, Any]) -> str | None:
    """Return a report's document if it is done; of a fatal one it would be Amazon's reason."""
    return report.get("reportDocumentId") if report.get("processingStatus") == "DONE" else None
