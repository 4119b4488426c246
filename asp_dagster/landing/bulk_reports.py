"""Lands windows of orders by the bulk road: one report for many, cut into a part for each.

A part is called `<partition>.report.tsv`, beside `<partition>.jsonl.gz`, which the API's road
makes. Here belong: which windows share a report, and the way from its document to their parts.
Which windows go by which road is decided above; getting a report is said in `report_runs`, cutting
it in `report_parts`.
"""

import os
import tempfile
import weakref
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import BinaryIO

from asp_dagster.catalog.bulk_orders import BulkReport
from asp_dagster.disks import clear_disk_errors
from asp_dagster.landing.extraction import Extraction, FileToLand, Landed
from asp_dagster.landing.raw_store import RawStore
from asp_dagster.landing.report_parts import Cut, ReportParts
from asp_dagster.landing.reports import ReportExtraction
from asp_dagster.landing.windows import DataWindow
from asp_dagster.spapi import SellingPartnerClient

PART = ".report.tsv"
"""The extension of a part of a report, by which it is told from what the API sent."""

LONGEST = timedelta(days=30)
"""How long a report's window may be: what was seen, Amazon's page does not say."""

_ORDER = "amazon-order-id"


def shared_reports(windows: Sequence[DataWindow]) -> list[tuple[DataWindow, ...]]:
    """Return which windows share a report: those that follow upon each other, up to 30 days.

    Args:
        windows: The windows, in order.
    """
    groups: list[tuple[DataWindow, ...]] = []
    for window in windows:
        last = groups[-1] if groups else ()
        if last and last[-1].end == window.start and window.end - last[0].start <= LONGEST:
            groups[-1] = (*last, window)
        else:
            groups.append((window,))
    return groups


def empty_parts(store: RawStore, stem: str) -> None:
    """Empty the report's part of a partition that has just come by the API, if there is one.

    Emptied, not deleted: who writes raw files may lack the right to delete any.
    """
    for name in store.names(f"{stem}{PART}"):
        with store.writing(name):
            pass


@dataclass(frozen=True)
class BulkExtraction:
    """Windows of orders, some by reports, the others by the API.

    Attributes:
        api: The API's road.
        report: What asks for the reports.
        kind: Which report it is.
        groups: The windows that go by a report, those together that share one.
    """

    api: Extraction
    report: ReportExtraction
    kind: BulkReport
    groups: Sequence[tuple[DataWindow, ...]]
    _shared: Mapping[DataWindow, "_SharedReport"] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        shared = [_SharedReport(self.report, self.kind, windows) for windows in self.groups]
        by_window = {window: each for each in shared for window in each.windows}
        object.__setattr__(self, "_shared", by_window)

    @property
    def client(self) -> SellingPartnerClient:
        """Who asks Amazon."""
        return self.api.client

    def files(self, window: DataWindow | None) -> Iterator[FileToLand]:
        """Yield the window's one file.

        The reports of all windows are asked for before the first is waited for.
        """
        shared = self._shared.get(window) if window else None
        if shared is None:
            yield from self.api.files(window)
            return
        if window == self.groups[0][0] and len(self.groups) > 1:
            self.report.submitted({_whole(each).name: _whole(each) for each in self.groups})
        yield shared.file(shared.windows.index(window))


@dataclass
class _SharedReport:
    """The one report of several windows.

    Attributes:
        extraction: What asks for it.
        kind: Which report it is.
        windows: The windows, in order.
    """

    extraction: ReportExtraction
    kind: BulkReport
    windows: tuple[DataWindow, ...]
    _fetched: "_Fetched | None" = None

    def file(self, number: int) -> FileToLand:
        """Return the part of the window with a number."""
        return FileToLand(
            None,
            partial(self._write, number),
            lambda _: self._tell_landed(number),
            extension=PART,
        )

    def _write(self, number: int, sink: BinaryIO) -> Landed:
        if self._fetched is None:
            self._fetched = self._fetch()
        landed, parts = self._fetched.landed, self._fetched.parts
        if parts is None:
            return Landed(0, landed.preview, is_empty=True)
        with self._fetched.document.open("rb") as document:
            rows = parts.write(number, document, sink)
        return Landed(rows, landed.preview if number == 0 else (), charset=landed.charset)

    def _fetch(self) -> "_Fetched":
        """Get the document once, for all of its windows."""
        (report,) = self.extraction.files(_whole(self.windows))
        handle, name = tempfile.mkstemp(prefix="asp_dagster_")
        # Whatever happens to the run, the document goes with what fetched it.
        weakref.finalize(self, Path(name).unlink, missing_ok=True)
        with clear_disk_errors(Path(name)), os.fdopen(handle, "w+b") as document:
            landed = report.write(document)
            parts = None if landed.is_empty else self._cut().parts(document)
        return _Fetched(report, Path(name), landed, parts)

    def _cut(self) -> Cut:
        label = f"{self.kind.report_type} from {self.windows[0].start:%Y-%m-%d}"
        return Cut(self.windows, self.kind.dated_by, _ORDER, label)

    def _tell_landed(self, number: int) -> None:
        """Remember that the document is in its place, once all of its parts are."""
        if number == len(self.windows) - 1 and self._fetched:
            self._fetched.report.landed(self._fetched.landed)
            self._fetched.document.unlink(missing_ok=True)


@dataclass(frozen=True)
class _Fetched:
    """A document that has come, in a temporary file, and its parts; none if it is empty."""

    report: FileToLand
    document: Path
    landed: Landed
    parts: ReportParts | None


def _whole(windows: Sequence[DataWindow]) -> DataWindow:
    return DataWindow(windows[0].start, windows[-1].end)
