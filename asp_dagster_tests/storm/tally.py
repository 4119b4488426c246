"""What came of a number of storms.

Here belongs: counting, and comparing tables with the truth.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from asp_dagster_tests.secret_search import SecretSearch

Row = Mapping[str, Any]


@dataclass
class Tally:
    """What came of a number of cases.

    Attributes:
        runs: How many jobs were run, repetitions included.
        failed: How many of them failed with a clear error.
        unclear: What else runs ended with.
        faults: How often calls met each kind of trouble.
        rows: How many rows were compared.
        lost: Rows of the truth that no table had.
        surplus: Rows that a table had once too often, or that are not the truth.
        slowest: The longest run in seconds.
        texts: How many log lines, events and files were looked through for secrets.
        secrets: Where one was found.
    """

    runs: int = 0
    failed: int = 0
    unclear: list[str] = field(default_factory=list)
    faults: Counter[str] = field(default_factory=Counter)
    rows: int = 0
    lost: list[str] = field(default_factory=list)
    surplus: list[str] = field(default_factory=list)
    slowest: float = 0.0
    texts: int = 0
    secrets: list[str] = field(default_factory=list)

    def add(self, table: str, truth: Sequence[Row], stored: Sequence[Row]) -> None:
        """Compare a table with the truth."""
        wanted, found = (Counter(map(_frozen, rows)) for rows in (truth, stored))
        self.rows += len(truth)
        self.lost += [f"{table}: {row}" for row in (wanted - found).elements()]
        self.surplus += [f"{table}: {row}" for row in (found - wanted).elements()]

    def searched(self, search: SecretSearch) -> None:
        """Count what a search for secrets looked through, and what it found."""
        self.texts += search.texts
        self.secrets += search.found

    @property
    def is_good(self) -> bool:
        """Whether nothing was lost, doubled or unclear, and no secret told."""
        return not (self.lost or self.surplus or self.unclear or self.secrets)


def _frozen(row: Row) -> tuple[tuple[str, Any], ...]:
    return tuple(sorted(row.items()))
