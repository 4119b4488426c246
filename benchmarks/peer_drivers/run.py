"""Lets a peer fetch, in its own environment: `python run.py sp_api_orders v0`.

Says `ready` once all is loaded, waits for a line, and then says as JSON what came. What the peer
itself prints goes to standard error.
"""

import importlib
import json
import os
import sys

from quota_time import QuotaTime


def main() -> None:
    """Run the driver that the arguments name."""
    simulator = QuotaTime.begin()
    with os.fdopen(os.dup(1), "w") as told:
        os.dup2(2, 1)
        fetch = importlib.import_module(sys.argv[1]).prepare(simulator, sys.argv[2:])
        print("ready", file=told, flush=True)
        sys.stdin.readline()
        print(json.dumps(fetch()), file=told, flush=True)


if __name__ == "__main__":
    main()
