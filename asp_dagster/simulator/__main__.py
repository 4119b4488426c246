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
A Selling Partner API of our own, for this machine only: Login with Amazon, Orders v0 and
v2026-01-01, Reports 2021-06-30 with presigned documents, and Sellers v1, over one simulated selling
partner. It keeps Amazon's rules: usage plans with 429s, expiring tokens, opaque page tokens, the
two-minute rule, parameter checks.
"""

_EPILOG = """\
endpoints of the simulator's own:
  GET  /simulator/calls   how often each operation was answered with each status
  POST /simulator/update  let orders change: {"seed": 1, "fraction": 0.2}
  POST /simulator/storm   let calls go wrong: {"seed": 1, "share": 0.2}; a share of 0 ends it
  GET  /simulator/storm   how often each kind of trouble was met

example:
  python -m asp_dagster.simulator --speed 100 --ready-file simulator.env &
  . ./simulator.env
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until told to stop by SIGTERM or SIGINT."""
    parser = _parser()
    asked = parser.parse_args(arguments)
    is_over = Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda *_: is_over.set())
    try:
        with _simulator(asked) as simulator:
            _announce(simulator, asked)
            is_over.wait()
    except (OSError, ValueError) as error:
        parser.error(str(error))
    return 0


def _simulator(asked: argparse.Namespace) -> Simulator:
    refuse_other_machines(asked.host)
    partner = Partner.generate(
        seed=asked.seed,
        orders=asked.orders,
        until=datetime.combine(asked.until, time(), UTC),
        days=asked.days,
        marketplaces=asked.marketplaces.split(","),
    )
    return Simulator(
        partner,
        speed=asked.speed,
        page_size_limit=asked.page_size_limit,
        report_seconds=asked.report_seconds,
        document_seconds=asked.document_seconds,
        token_seconds=asked.token_seconds,
        models=asked.models,
        match=asked.match,
        host=asked.host,
        port=asked.port,
    )


def _announce(simulator: Simulator, asked: argparse.Namespace) -> None:
    """Tell where the simulator is, in the ways that were asked for."""
    environment = _environment(simulator)
    if asked.print_env:
        sys.stdout.write(environment)
        sys.stdout.flush()
    if asked.ready_file is not None:
        unfinished = asked.ready_file.with_suffix(".unfinished")
        unfinished.write_text(environment, encoding="utf-8")
        unfinished.replace(asked.ready_file)
    orders = len(simulator.partner.books.by_id)
    sys.stderr.write(f"{orders} orders are served at {simulator.url} until this is stopped.\n")


def _environment(simulator: Simulator) -> str:
    """Return the settings of asp_dagster that lead here, for a shell to evaluate."""
    ids = (each.marketplace_id for each in simulator.partner.marketplaces)
    settings = {
        "ASP_ENDPOINT": simulator.url,
        "ASP_LWA_URL": simulator.lwa_url,
        "ASP_CLIENT_ID": simulator.client_id,
        "ASP_CLIENT_SECRET": simulator.client_secret,
        "ASP_REFRESH_TOKEN": simulator.refresh_token,
        "ASP_MARKETPLACE_IDS": ",".join(ids),
    }
    return "".join(f"export {name}={shlex.quote(text)}\n" for name, text in settings.items())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m asp_dagster.simulator",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _add_partner(parser.add_argument_group("the selling partner"))
    _add_rules(parser.add_argument_group("Amazon's rules"))
    _add_sandbox(parser.add_argument_group("Amazon's sandbox"))
    _add_server(parser.add_argument_group("the server"))
    return parser


def _add_partner(group: argparse._ArgumentGroup) -> None:
    add = group.add_argument
    add("--seed", type=int, default=7, help="the same seed gives the same partner (%(default)s)")
    add("--orders", type=int, default=3000, help="how many orders it has (%(default)s)")
    add("--days", type=int, default=3, help="in how many days they last changed (%(default)s)")
    add(
        "--until",
        type=date.fromisoformat,
        default=datetime.now(UTC).date(),
        metavar="YYYY-MM-DD",
        help="the midnight, in UTC, before which they last changed (today's)",
    )
    add(
        "--marketplaces",
        default="ATVPDKIKX0DER",
        metavar="IDS",
        help="comma-separated marketplace ids of one selling region (%(default)s)",
    )


def _add_rules(group: argparse._ArgumentGroup) -> None:
    add = group.add_argument
    add(
        "--speed",
        default="1",
        metavar="FACTOR",
        help="how many times faster than Amazon's the quota comes back: every rate is multiplied,"
        " bursts stay, and x-amzn-RateLimit-Limit states the rate in force; 0 or inf: no quota and"
        " no header, so that a careful client keeps to the documented plans (%(default)s)",
    )
    for name, seconds, what in (
        ("--report-seconds", 2.0, "how long a report takes to be made"),
        ("--document-seconds", 300.0, "how long a presigned URL works"),
        ("--token-seconds", 3600.0, "how long an access token works"),
    ):
        add(name, type=float, default=seconds, metavar="S", help=f"{what} (%(default)g)")
    add("--page-size-limit", type=int, metavar="N", help="the most that any page holds")


def _add_sandbox(group: argparse._ArgumentGroup) -> None:
    add = group.add_argument
    add(
        "--models",
        type=Path,
        metavar="DIR",
        help="answer every operation that has static sandbox cases in Amazon's models below DIR"
        " with Amazon's published answer; the simulated partner answers the rest",
    )
    add(
        "--match",
        choices=("exact", "nearest"),
        default="nearest",
        help="whether a request must equal a published one, as at Amazon, or gets the nearest"
        " (%(default)s)",
    )


def _add_server(group: argparse._ArgumentGroup) -> None:
    add = group.add_argument
    add("--host", default="127.0.0.1", help="the loopback address to listen on (%(default)s)")
    add("--port", type=int, default=8411, help="the port; 0: any free one (%(default)s)")
    add("--print-env", action="store_true", help="print the settings that lead here, for a shell")
    add("--ready-file", type=Path, metavar="PATH", help="write them here once it listens")


if __name__ == "__main__":
    sys.exit(main())
