"""The same orders by our landing, by python-amazon-sp-api, and by Airbyte's connector.

Each gets its own simulator, fresh and with full buckets, one after the other. The peers come from
the package index, into environments of their own, and are used as their documentation says. Their
sleeps and clocks run in quota time, as the simulator's quota does; what they fetch is counted and
dropped, while ours is also written to disk. Efficiency is the bound over the actual time, as in
`quota_efficiency`: the time that an ideal client needs for the calls that were answered.

    python -m benchmarks.peers [--only ours sp_api airbyte]
"""

import argparse
import gzip
import json
import os
import subprocess
import tempfile
import time
import venv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from asp_dagster.demo.processes import simulator
from benchmarks.quota_bound import Counted
from benchmarks.quota_efficiency import UNTIL, WORKS, Work, data_in, expect, landed, options_of
from benchmarks.results import machine, write_section

ROOT = Path(__file__).parent.parent
DRIVERS = Path(__file__).parent / "peer_drivers"
SPEEDS = {"v0": 40, "v2026": 100}
"""Faster than `quota_efficiency`, so that all of it takes six minutes."""


@dataclass(frozen=True)
class Peer:
    """Software of others that fetches orders.

    Attributes:
        package: Its name in the package index.
        version: The version that is measured.
        driver: What runs it, of `peer_drivers`.
    """

    package: str
    version: str
    driver: str

    @property
    def home(self) -> Path:
        """Where its environment is."""
        return ROOT / ".venv-peers" / self.package

    def install(self) -> str | None:
        """Make its environment; return why that failed, if it did."""
        venv.create(self.home, with_pip=True)
        wanted = f"{self.package}=={self.version}"
        command = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", wanted]
        done = subprocess.run([self.python, *command], capture_output=True, text=True, check=False)
        said = (line for line in done.stderr.splitlines() if line.lower().startswith("error"))
        return next(said, "pip failed") if done.returncode else None

    @property
    def python(self) -> str:
        """The Python of its environment."""
        return str(self.home / "bin" / "python")


SP_API = Peer("python-amazon-sp-api", "2.1.35", "sp_api_orders")
AIRBYTE = Peer("airbyte-source-amazon-seller-partner", "4.6.4", "airbyte_orders")


@dataclass(frozen=True)
class Entry:
    """A line of the table.

    Attributes:
        work: The key of what is fetched.
        client: What the table calls who fetches it.
        short: What the command line calls it.
        peer: The peer, if it is not us.
        arguments: What its driver is told.
    """

    work: str
    client: str
    short: str
    peer: Peer | None = None
    arguments: tuple[str, ...] = ()


ENTRIES = (
    Entry("v0", "asp_dagster", "ours"),
    Entry("v0", "python-amazon-sp-api", "sp_api", SP_API, ("v0",)),
    Entry("v0", "Airbyte's connector", "airbyte", AIRBYTE),
    Entry("v2026", "asp_dagster", "ours"),
    Entry("v2026", "python-amazon-sp-api", "sp_api", SP_API, ("v2026",)),
    Entry("v2026", "the same, by header", "sp_api", SP_API, ("v2026", "by-header")),
)

_HEAD = """\
| work | client | orders | calls | 429 | bound, minutes | actual | efficiency | quota runs at |
|---|---|---:|---:|---:|---:|---:|---:|---:|"""

_NOTES = f"""\
Minutes are of quota time. What is not quota takes its real time and weighs as much more as the
quota runs faster. The bound is that of the calls that were answered.

{SP_API.package} {SP_API.version}: `load_all_pages` over `throttle_retry`, with their default
settings; "by header" with `use_rate_limit_header=True`. Its documentation has `throttle_retry`
outside, where the first 429 would end it. It waits when it is answered with a 429, at most 160
seconds in nine retries; a token of searchOrders takes 179. By header it paces from the first
call and leaves the burst unused.

{AIRBYTE.package} {AIRBYTE.version}: the streams Orders and OrderItems, read together. It
paces from the first call, and lists the orders once for each stream, a page a minute for both; how
long order items wait for a page varies from run to run. It has no stream for v2026-01-01.

The peers' calls are turned to the simulator: getOrderItems without the parameters that Amazon
passes over, and Airbyte's answers without milliseconds, which it cannot read. Their environments
hold what pip finds for these versions on the day."""


def main() -> None:
    """Measure all and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    names = list(dict.fromkeys(entry.short for entry in ENTRIES))
    parser.add_argument("--only", nargs="+", choices=names, default=names)
    asked = parser.parse_args().only
    entries = [entry for entry in ENTRIES if entry.short in asked]
    reasons = {peer: peer.install() if peer else None for peer in {each.peer for each in entries}}
    lines = [_HEAD]
    for entry in entries:
        lines.append(_line(entry, reasons[entry.peer]))
        print(lines[-1], flush=True)
    notes = [_NOTES, "", machine(("dagster", "requests"), " shared with the simulator")]
    write_section("The same orders by others", "\n".join([*lines, "", *notes]))


def _line(entry: Entry, reason: str | None) -> str:
    work = replace(WORKS[entry.work], speed=SPEEDS[entry.work])
    if reason:
        return f"| {work.title} | {entry.client} | not installed: {reason} | | | | | | |"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with simulator(options_of(work), folder / "simulator.log") as amazon:
            environment = {**os.environ, **amazon, **data_in(folder)}
            got = _fetched(entry, work, environment) if entry.peer else _ours(work, environment)
            counted = Counted.by(amazon["ASP_ENDPOINT"])
    return f"| {' | '.join([work.title, entry.client, *_cells(work, got, counted)])} |"


@dataclass(frozen=True)
class Got:
    """What a client brought.

    Attributes:
        orders: How many orders.
        seconds: In how many seconds, ours and not the quota's.
        gave_up: Whether it stopped before the end.
    """

    orders: int
    seconds: float
    gave_up: bool = False


def _cells(work: Work, got: Got, counted: Counted) -> Iterator[str]:
    bound, actual = counted.bound_seconds, got.seconds * work.speed
    yield f"{got.orders:,}"
    yield f"{counted.sent:,}"
    yield str(counted.throttled)
    yield f"{bound / 60:.1f}"
    yield f"{actual / 60:.1f}"
    yield "gave up" if got.gave_up else f"{bound / actual:.3f}"
    yield f"{work.speed}x"


def _ours(work: Work, environment: Mapping[str, str]) -> Got:
    """Land all in one process, and count what is on disk."""
    seconds = landed(work, 1, environment)
    files = Path(environment["ASP_RAW_PATH"]).rglob("*.jsonl.gz")
    return Got(sum(gzip.decompress(file.read_bytes()).count(b"\n") for file in files), seconds)


def _fetched(entry: Entry, work: Work, environment: Mapping[str, str]) -> Got:
    """Let a peer fetch all, from the moment at which it is loaded."""
    assert entry.peer  # noqa: S101 - ours does not come here
    first = UNTIL - timedelta(days=30)
    window = {"ASP_FROM": f"{first}T00:00:00Z", "ASP_TO": f"{UNTIL}T00:00:00Z"}
    with subprocess.Popen(
        [entry.peer.python, str(DRIVERS / "run.py"), entry.peer.driver, *entry.arguments],
        env={**environment, **window, "ASP_SPEED": str(work.speed)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        expect(process, "ready")
        assert process.stdin  # noqa: S101 - it is a pipe
        assert process.stdout  # noqa: S101 - it is a pipe
        begun = time.perf_counter()
        process.stdin.write("go\n")
        process.stdin.flush()
        told = process.stdout.readline()
        seconds = time.perf_counter() - begun
    if not told:
        raise SystemExit(f"{entry.client} failed: run its driver by hand to see why.")
    came = json.loads(told)
    return Got(came["orders"], seconds, came["gave_up"])


if __name__ == "__main__":
    main()
