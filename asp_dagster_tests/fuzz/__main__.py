"""Lets inputs in at every door: `python -m asp_dagster_tests.fuzz --inputs 20000 --seed 1`.

Here belong: arguments, counting, and what is printed. An input that goes wrong is made as small as
it can be, and kept in the corpus. Ends with 1 if any did.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, Phase, given, seed, settings

from asp_dagster_tests.fuzz.doors import Door, doors
from asp_dagster_tests.fuzz.inputs import corpus, edited, keep


def main(arguments: Sequence[str] | None = None) -> int:
    """Fuzz every door, and print how many inputs came in at each."""
    parser = argparse.ArgumentParser(prog="python -m asp_dagster_tests.fuzz", description=__doc__)
    parser.add_argument("--inputs", type=int, default=20_000, help="how many in all (20000)")
    parser.add_argument("--seed", type=int, default=1, help="what the edits follow from (1)")
    asked = parser.parse_args(arguments)
    finds = entered = 0
    with TemporaryDirectory() as folder, doors(Path(folder)) as ways_in:
        for door in ways_in:
            count, find = fuzz(door, asked.inputs // len(ways_in), asked.seed)
            entered += count
            finds += find is not None
            print(f"{door.name:24}{count:>9,}{f'  {find}' if find else ''}", flush=True)  # noqa: T201 - what it is for
    print(f"{'inputs fuzzed':24}{entered:>9,}\n{'gone wrong':24}{finds:>9,}")  # noqa: T201 - the same
    return 1 if finds else 0


def fuzz(door: Door, inputs: int, number: int) -> tuple[int, str | None]:
    """Let a door's corpus in, and what comes of it; tells how many, and what went wrong if any."""
    entered, last = 0, b""

    def enter(content: bytes) -> None:
        nonlocal entered, last
        entered, last = entered + 1, content
        door.enter(content)

    wild = settings(
        max_examples=inputs,
        deadline=None,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )
    try:
        for file in corpus(door.name):
            enter(file.read_bytes())
        seed(number)(wild(given(content=edited(door.name))(enter)))()
    except Exception as error:  # noqa: BLE001 - any error that is none of ours is what is sought
        return entered, f"{type(error).__name__}, kept as {keep(door.name, last).name}"
    return entered, None


if __name__ == "__main__":
    sys.exit(main())
