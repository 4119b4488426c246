"""What is remembered of a report that was asked for, so that no run asks for it twice.

Here belong: the values. Where they are kept is `state`'s business, what follows from them
`landing`'s.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

ReportStatus = Literal["REQUESTED", "OPEN", "DONE", "CANCELLED", "EMPTY", "FATAL"]
"""About to be asked for, so that Amazon may or may not have it; in the queue or being made; and
Amazon's three ways to end, of which a cancelled one is empty where it means that there are no
data."""


@dataclass(frozen=True, kw_only=True)
class ReportRecord:
    """One report, as far as it is known.

    Attributes:
        number: Its number in the memory.
        key: Stands for what was asked for, by whom and where: type, options, marketplaces, window.
        status: How far it is.
        requested_at: When it was about to be asked for, aware, in UTC; of a report that somebody
            else had made, when Amazon was asked for it.
        report_id: Amazon's id; none until Amazon has named it.
        document_id: The id of its document; none until it is done.
        landed_at: When its document was in its place as a raw file; none if it never was.
        reason: Amazon's explanation of an end without a document.
        run_id: The run that asked for it.
    """

    number: int
    key: str
    status: ReportStatus
    requested_at: datetime
    report_id: str | None = None
    document_id: str | None = None
    landed_at: datetime | None = None
    reason: str = ""
    run_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class WaitingReport:
    """A report that a run has left to a sensor, and that no run has taken over yet.

    Attributes:
        number: Its number in the memory.
        report_id: Amazon's id.
        report_type: `GET_…`.
        requested_at: When it was about to be asked for, aware, in UTC.
        asset: The asset that waits for it: `acme/raw_listings`.
        partition_key: The asset's partition; empty if it has none.
        asked_at: Up to when the run that left it asked for data, aware, in UTC.
        ended_at: When it was seen to have ended, in whatever way; none as long as it is not.
    """

    number: int
    report_id: str
    report_type: str
    requested_at: datetime
    asset: str
    partition_key: str
    asked_at: datetime
    ended_at: datetime | None = None
