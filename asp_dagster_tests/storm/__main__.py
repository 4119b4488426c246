"""The storm in its nightly size: `python -m asp_dagster_tests.storm --runs 300 --seed 1`.

Here belong: arguments, and what is printed. Ends with 1 if anything was lost, doubled or
unclear, or a secret told.
"""

import argparse
import os
import sys
import time
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stderr
from pathlib import Path
from tempfile import TemporaryDirectory

from asp_dagster_tests.storm.storm_case import StormCase
from asp_dagster_tests.storm.tally import Tally


def main(arguments: Sequence[str] | None = None) -> int:
    """Run cases until there were so many runs, and print what came of them."""
    parser = argparse.ArgumentParser(prog="python -m asp_dagster_tests.storm", description=__doc__)
    parser.add_argument("--runs", type=int, default=300, help="how many runs at least (300)")
    parser.add_argument("--seed", type=int, default=1, help="the first case's seed (1)")
    asked = parser.parse_args(arguments)
    tally, seed, began = Tally(), asked.seed, time.monotonic()
    with _quiet():
        while tally.runs < asked.runs:
            with TemporaryDirectory() as folder:
                StormCase(seed, Path(folder), tally).run()
            seed += 1
    print("\n".join(_told(tally, seed - asked.seed, time.monotonic() - began)))  # noqa: T201 - what it is for
    return 0 if tally.is_good else 1


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the runs' own log lines, hundreds of each, off the screen."""
    with (
        Path(os.devnull).open("w") as nowhere,
        redirect_stderr(nowhere),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore")
        yield


def _told(tally: Tally, cases: int, seconds: float) -> Iterator[str]:
    yield f"{'runs':24}{tally.runs:>9,}  of {cases} selling partners, in {seconds:,.0f} s"
    yield f"{'failed, then healed':24}{tally.failed:>9,}"
    yield f"{'longest run, seconds':24}{tally.slowest:>9.1f}"
    yield f"{'faults met':24}{tally.faults.total():>9,}"
    for kind, count in tally.faults.most_common():
        yield f"  {kind:22}{count:>9,}"
    yield f"{'rows compared':24}{tally.rows:>9,}"
    yield f"{'texts searched':24}{tally.texts:>9,}"
    for name, found in (
        ("lost", tally.lost),
        ("doubled", tally.surplus),
        ("unclear", tally.unclear),
        ("secrets found", tally.secrets),
    ):
        yield f"{name:24}{len(found):>9,}"
        yield from (f"  {each}" for each in found[:10])


if __name__ == "__main__":
    sys.exit(main())
