"""A process that draws on one shared bucket: for tests that run several side by side.

Arguments: the state's URL, how many requests, the rate, and the burst. It says when it is ready,
waits for a line, and prints when each of its requests had leave, in the machine's monotonic
seconds. With `hold` for a last argument it stays where it has leave once, and says so.
"""

import json
import sys
import time

from asp_dagster.spapi import Operation, QuotaKey
from asp_dagster.state import State

KEY = QuotaKey.of("amzn1.application", "Atzr|the-refresh-token", "https://endpoint")


def main(url: str, requests: str, rate: str, burst: str, hold: str = "") -> None:
    """Draw on the bucket."""
    operation = Operation(
        name="getThing", method="GET", path="/thing", rate=float(rate), burst=int(burst)
    )
    with State.from_url(url) as state:
        quota = state.quota()
        print("ready", flush=True)  # noqa: T201 - what the test waits for
        sys.stdin.readline()
        left = []
        for _ in range(int(requests)):
            left.append(quota.acquire(KEY, operation).left_at)
            if hold:
                print("holding", flush=True)  # noqa: T201 - as above
                time.sleep(60)
            quota.settle(KEY, operation)
    print(json.dumps(left))  # noqa: T201 - what the test reads


if __name__ == "__main__":
    main(*sys.argv[1:])
