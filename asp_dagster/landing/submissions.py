"""What became of the reports that a run asked for without waiting for them.

Here belong the values; asking is `report_runs`' work, and what a run does then is decided above.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from asp_dagster.landing.report_endings import FinishedReport


@dataclass(frozen=True, kw_only=True)
class SubmittedReport:
    """One report of a run.

    Attributes:
        key: Stands for what is asked for.
        window: The name of the window it is for: a partition's key.
        number: Its number in the memory.
        report_id: Amazon's id.
        finished: What it ended as; none as long as it is being made.
    """

    key: str
    window: str
    number: int
    report_id: str
    finished: FinishedReport | None


@dataclass(frozen=True)
class Submission:
    """All reports of a run."""

    reports: Sequence[SubmittedReport]

    @property
    def is_finished(self) -> bool:
        """Whether no report is still being made."""
        return all(report.finished for report in self.reports)

    @property
    def finished(self) -> Mapping[str, FinishedReport]:
        """The finished reports by what is asked for."""
        return {report.key: report.finished for report in self.reports if report.finished}

    @property
    def ended_by_window(self) -> Mapping[str, Mapping[int, bool]]:
        """Whether each report has ended, by its number, by its window's name."""
        ended: dict[str, dict[int, bool]] = {}
        for report in self.reports:
            ended.setdefault(report.window, {})[report.number] = report.finished is not None
        return ended
