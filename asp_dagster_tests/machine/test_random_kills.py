"""Runs that are killed at random moments; the nightly size of the same: `make nightly`."""

import pytest

from asp_dagster_tests.machine.__main__ import DAY, main


def test_random_kills_leave_whole_files_and_true_tables(capsys: pytest.CaptureFixture[str]) -> None:
    """After some kills one more run of each job ends well, and nothing unfinished is kept."""
    assert main(["--kills", "3", "--seed", "2", "--orders", "300"]) == 0

    said, *landed = capsys.readouterr().out.splitlines()
    assert "of 3 runs killed" in said
    assert [name for name in landed if ".partial" in name] == []
    assert f"raw_orders_v0/{DAY}.jsonl.gz" in landed
