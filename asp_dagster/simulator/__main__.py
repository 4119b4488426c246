"""Runs the simulator from a shell: `python -m asp_dagster.simulator`.

Here belong: arguments, and what is printed. The simulator itself is `Simulator`.
"""

import argparse
import shlex
import signal
import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from pathlib import Path
from threading import Event

from asp_dagster.simulator import Partner, Simulator
from asp_dagster.simulator.server import refuse_other_machines

_DESCRIPTION = """\
A Selling Partner API of our own, for this machine only: Login with Amazon, Orders v0 and v2026-01-01,
Reports 2021-06-30 with presigned documents, and Sellers v1, over one simulated selling partner. It keeps
Amazon's rules: usage plans with 429s, expiring tokens, opaque page tokens, parameter checks.
"""

_EPILOG = """\
Endpoints of the simulator's own:
  GET  /simulator/calls   how often each operation was answered with each status
  POST /simulator/update  let orders change: {"seed": 1, "fraction": 0.2, "at": "2026-11-22T05:00:00Z"}

Example:
  python -m asp_dagster.simulator --speed 100 --ready-file /tmp/simulator.env &
  . /tmp/simulator.env
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until told to stop by SIGTERM or SIGINT."""
    parser = _parser()
    asked = parser.parse_args(arguments)
    try:
        simulator = _simulator(asked)
    except ValueError as error:
        parser.error(str(error))
    is_over = Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda *_: is_over.set())
    with simulator:
        _announce(simulator, asked)
        is_over.wait()
    return 0
