"""A process that advances one cursor by random windows: for tests that run several side by side.

Arguments: the state's URL, the number of the process, which seeds it, and the beginning. It says
when it is ready, waits for a line, and prints the windows that moved the cursor, in hours from the
beginning.
"""

import json
import random
import sys
from datetime import datetime, timedelta

from asp_dagster.state import State

HOURS = 60
TRIES = 40


def main(url: str, number: str, begun: str) -> None:
    """Advance the cursor."""
    chance = random.Random(number)  # noqa: S311 - no secret is made
    beginning, hour = datetime.fromisoformat(begun), timedelta(hours=1)
    print("ready", flush=True)  # noqa: T201 - what the test waits for
    sys.stdin.readline()
    moved = []
    with State.from_url(url) as state:
        for turn in range(TRIES):
            # Windows reach further from try to try, so that some fit from the first to the last.
            start = chance.randrange(HOURS * (turn + 1) // TRIES + 1)
            end = start + 1 + chance.randrange(5)
            window = {"start": beginning + start * hour, "end": beginning + end * hour}
            if state.cursors.advance("orders", **window, beginning=beginning, run_id=number):
                moved.append((start, end))
    print(json.dumps(moved))  # noqa: T201 - what the test reads


if __name__ == "__main__":
    main(*sys.argv[1:])
