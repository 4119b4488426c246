"""What is remembered of a report that was asked for, so that no run asks for it twice.

Here belongs: the value. Where it is kept is `state`'s business, what follows from it `landing`'s.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

ReportStatus = Literal["REQUESTED", "OPEN", "DONE", "CANCELLED", "FATAL"]
"""About to be asked for, so that Amazon may or may not have it; in the queue or being made; and
Amazon's three ways to end."""


@dataclass(frozen=True, kw_only=True)
class ReportRecord:
    """One report, as far as it is known.

    Attributes:
        number: Its number in the memory.
        key: Stands for what was asked for, by whom and where: type, options, marketplaces, window.
        status: How far it is.
        requested_at: When it was about to be asked for, aware, in UTC.
        report_id: Amazon's id; none until Amazon has named it.
        document_id: The id of its document; none until it is done.
        landed_at: When its document was in its place as a raw file; none if it never was.
        reason: Amazon's explanation of an end without a document.
    """

    number: int
    key: str
    status: ReportStatus
    requested_at: datetime
    report_id: str | None = None
    document_id: str | None = None
    landed_at: datetime | None = None
    reason: str = ""
