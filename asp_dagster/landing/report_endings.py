"""How a report ends, and whether that will last.

Here belong: a finished report as a value, and what Amazon's explanations mean. What a run does then
is said in `report_runs`.
"""

import re
from dataclasses import dataclass

from asp_dagster.spapi import ReportFatalError

# What Amazon's explanations of a fatal report speak of when asking again cannot help.
_PERMANENT = re.compile(
    r"option|parameter|\bdates?\b|date ?range|(?:start|end)date|data(?:start|end)|period|granularit"
    r"|\branges?\b|\broles?\b|permission|authori[sz]|access denied|marketplace|invalid|supported"
    r"|\bformat|eligib|brand",
    re.IGNORECASE,
)
# What they speak of when it is Amazon's own trouble, whatever else they say.
_PASSING = re.compile(
    r"internal (?:server |service )?(?:error|failure)|temporar|timed? ?out|(?:again|try) later"
    r"|unavailable",
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
    text = error.explanation
    return bool(_PERMANENT.search(text)) and not _PASSING.search(text)
