"""A process that loads one raw file: for tests that kill it, or run several side by side.

What to load comes pickled through standard input. Told to pause, it says so when all is merged, and
waits instead of committing.
"""

import pickle
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime

from asp_dagster.warehouse import Origin, RawData, Warehouse
from asp_dagster.warehouse.merging import Merge, StagedTable


def pause_after_merge() -> None:
    """Let no merge of this process come to its commit."""
    run = Merge.run

    def run_and_wait(merge: Merge, tables: Sequence[StagedTable]) -> None:
        run(merge, tables)
        print("merged", flush=True)  # noqa: T201 - what the test waits for
        time.sleep(600)

    Merge.run = run_and_wait  # type: ignore[method-assign]


def main() -> None:
    """Load the file."""
    url, specs, file, pause = pickle.load(sys.stdin.buffer)  # noqa: S301 - the test wrote it
    if pause:
        pause_after_merge()
    Warehouse.from_url(url).load(
        specs,
        RawData([file], "jsonl"),
        Origin(schema="amazon", partition=file.name, loaded_at=datetime.now(UTC)),
    )


if __name__ == "__main__":
    main()
