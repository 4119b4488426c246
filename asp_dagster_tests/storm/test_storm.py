"""Whatever goes wrong at Amazon, the tables end up equal to the truth.

The nightly size of the same: `make nightly`.
"""

from pathlib import Path

import pytest

from asp_dagster.simulator.storms import KINDS
from asp_dagster_tests.storm.__main__ import main
from asp_dagster_tests.storm.storm_case import StormCase
from asp_dagster_tests.storm.tally import Tally


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_storm_loses_nothing(tmp_path: Path, seed: int) -> None:
    """Every feed lands and loads in a storm: no row lost, doubled or stale, no secret told."""
    tally = Tally()

    StormCase(seed, tmp_path, tally).run()

    assert (tally.lost, tally.surplus, tally.unclear, tally.secrets) == ([], [], [], [])
    assert (tally.runs >= 13, tally.faults.total() > 5, tally.rows > 500) == (True, True, True)


def test_nightly_size_is_one_command(capsys: pytest.CaptureFixture[str]) -> None:
    """The command counts runs, faults by kind and rows, and says what was lost."""
    assert main(["--runs", "1", "--seed", "4"]) == 0

    said = capsys.readouterr().out
    assert "rows compared" in said
    assert {line.strip().rstrip("0123456789").strip() for line in said.splitlines()} & set(KINDS)


def test_tally_tells_what_is_lost_and_what_is_doubled() -> None:
    """A row that is missing, one that is there twice, and one that is stale are all found."""
    tally = Tally()

    tally.add("t", [{"a": 1}, {"a": 2}], [{"a": 2}, {"a": 2}, {"a": 3}])

    assert tally.lost == ["t: (('a', 1),)"]
    assert tally.surplus == ["t: (('a', 2),)", "t: (('a', 3),)"]
    assert not tally.is_good
