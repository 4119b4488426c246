"""Row 21 of the pains of users of other extractors: a large report fills the memory.

The halves run as `make benchmark` runs them at a gigabyte, each in a process of its own, whose peak
memory the operating system tells: `benchmarks/RESULTS.md`.
"""

import pytest

from benchmarks.large_reports import measured

MOST_LANDING_MIB = 80
MOST_LOADING_MIB = 270


@pytest.mark.parametrize(("raw_format", "megabytes"), [("tsv", 100), ("json", 45)])
def test_row_21_memory_of_a_large_report_is_bounded(raw_format: str, megabytes: int) -> None:
    """Beyond what the programs take themselves, memory does not follow the size of a document."""
    figures = measured(raw_format, megabytes)

    landed, loaded = figures["land"], figures["load"]
    assert landed["rows"] == loaded["rows"] > 50_000
    assert landed["peak_mib"] - landed["started_mib"] < MOST_LANDING_MIB
    assert loaded["peak_mib"] - loaded["started_mib"] < MOST_LOADING_MIB
