"""Whatever comes in at a door is taken, or refused in words of ours; what went wrong once is kept.

The nightly size of the same: `make nightly`.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from asp_dagster_tests.fuzz import __main__ as command
from asp_dagster_tests.fuzz.doors import Door, doors
from asp_dagster_tests.fuzz.inputs import CORPUS, corpus

NAMES = sorted(folder.name for folder in CORPUS.iterdir())


@pytest.fixture(scope="module")
def ways_in(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Door]]:
    """The doors by name."""
    with doors(tmp_path_factory.mktemp("doors")) as opened:
        yield {door.name: door for door in opened}


def test_each_door_has_a_corpus(ways_in: dict[str, Door]) -> None:
    """No door is without inputs that are kept for it."""
    assert sorted(ways_in) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_what_comes_in_is_taken_or_refused(name: str, ways_in: dict[str, Door]) -> None:
    """The whole corpus of a door, and what comes of it by edits, ends in no mistake of Python's."""
    inputs, find = command.fuzz(ways_in[name], inputs=30, number=1)

    assert find is None
    assert inputs > len(corpus(name))


def test_an_input_that_goes_wrong_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What goes wrong is made small, kept in the corpus, and told."""
    (tmp_path / "door").mkdir()
    (tmp_path / "door" / "right").write_bytes(b"a right input")
    monkeypatch.setattr("asp_dagster_tests.fuzz.inputs.CORPUS", tmp_path)

    def enter(content: bytes) -> None:
        assert b"NaN" not in content

    inputs, find = command.fuzz(Door("door", enter), inputs=2000, number=1)

    (kept,) = (tmp_path / "door").glob("found-*")
    assert find == f"AssertionError, kept as {kept.name}"
    assert b"NaN" in kept.read_bytes()
    assert inputs > 1


def test_the_command_counts_inputs(capsys: pytest.CaptureFixture[str]) -> None:
    """The nightly command tells how many inputs each door was given, and that none went wrong."""
    assert command.main(["--inputs", "20"]) == 0

    told = dict(line.rsplit(maxsplit=1) for line in capsys.readouterr().out.splitlines())
    assert {*NAMES, "inputs fuzzed"} <= set(told)
    assert told["gone wrong"] == "0"
