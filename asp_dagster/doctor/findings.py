"""What one look of the connection check found.

Here belongs the value, and how it reads in a line.
"""

from dataclasses import dataclass
from typing import Literal

Status = Literal["ok", "warning", "failed", "skipped"]
"""All is well; worth a thought; a run would fail; not looked at, for the reason it says."""


@dataclass(frozen=True)
class Finding:
    """One line of the connection check.

    Attributes:
        check: What was looked at: `token`.
        status: What came of it.
        says: What was found, and what is to be done if anything.
        account: The selling partner's name; empty for the one of the settings, and for places.
    """

    check: str
    status: Status
    says: str
    account: str = ""

    @property
    def line(self) -> str:
        """The finding as one line of text."""
        whose = f"{self.account}: " if self.account else ""
        return f"{self.status:<8} {whose}{self.check}: {' '.join(self.says.split())}"
