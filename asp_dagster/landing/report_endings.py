"""How a report ends, and whether that will last.

Here belong: a finished report as a value, and what Amazon's explanations mean. What a run does then
is said in `report_runs`.
"""

import re
from dataclasses import dataclass

from asp_dagster.spapi import ReportFatalError

# What Amazon's explanations of a fatal report speak of when asking again cannot help.
_PERMANENT = re.compile(
    r"option|parameter|date|data(?:start|end)time|range|period|role|permission|authoriz|access|marketplace|invalid"
    r"|support|format|seller|vendor|brand",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class FinishedReport:
    """A report with its document, or one that is empty by Amazon's word.

    Attributes:
        number: Its number in the memory.
        report_id: Amazon's id.
        document_id: The id of its document; None if Amazon says that there are no data.
    """

    number: int
    report_id: str
    document_id: str | None


def will_last(error: ReportFatalError) -> bool:
    """Tell whether the reason of a fatal report is one that asking again cannot help."""
    return bool(_PERMANENT.search(error.explanation))
