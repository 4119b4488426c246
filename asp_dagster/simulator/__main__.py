"""Runs the simulator from a shell: `asp simulator`.

Here belong: arguments, and what is printed. The simulator itself is `Simulator`.
"""

import json
import shlex
import signal
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import Any

import click

from asp_dagster.simulator import Partner, Simulator
from asp_dagster.simulator.server import refuse_other_machines

_EPILOG = """\b
endpoints of the simulator's own:
  GET  /simulator/calls   how often each operation was answered with each status
  POST /simulator/update  let orders change: {"seed": 1, "fraction": 0.2}
  POST /simulator/notify  let notifications that are due be sent: {"sqs_url": "http://..."}
  POST /simulator/storm   let calls go wrong: {"seed": 1, "share": 0.2}; a share of 0 ends it
  GET  /simulator/storm   how often each kind of trouble was met

\b
example:
  asp simulator --speed 100 --ready-file simulator.env &
  . ./simulator.env
"""


@click.command("simulator", epilog=_EPILOG, context_settings={"show_default": True})
@click.option("--seed", default=7, help="The same seed gives the same partner.")
@click.option("--orders", default=3000, help="How many orders it has.")
@click.option("--days", default=3, help="In how many days they last changed.")
@click.option(
    "--until",
    type=click.DateTime(["%Y-%m-%d"]),
    default=None,
    show_default="today's",
    metavar="YYYY-MM-DD",
    help="The midnight, in UTC, before which they last changed.",
)
@click.option(
    "--marketplaces",
    default="ATVPDKIKX0DER",
    metavar="IDS",
    help="Comma-separated marketplace ids of one selling region.",
)
@click.option(
    "--speed",
    default="1",
    metavar="FACTOR",
    help="How many times faster than Amazon's the quota comes back: every rate is multiplied,"
    " bursts stay, and x-amzn-RateLimit-Limit states the rate in force; 0 or inf: no quota and no"
    " header, so that a careful client keeps to the documented plans.",
)
@click.option(
    "--report-seconds", default=2.0, metavar="S", help="How long a report takes to be made."
)
@click.option(
    "--document-seconds", default=300.0, metavar="S", help="How long a presigned URL works."
)
@click.option(
    "--token-seconds", default=3600.0, metavar="S", help="How long an access token works."
)
@click.option("--page-size-limit", type=int, metavar="N", help="The most that any page holds.")
@click.option(
    "--models",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Answer every operation that has static sandbox cases in Amazon's models below DIR with"
    " Amazon's published answer; the simulated partner answers the rest.",
)
@click.option(
    "--match",
    type=click.Choice(["exact", "nearest"]),
    default="nearest",
    help="Whether a request must equal a published one, as at Amazon, or gets the nearest.",
)
@click.option("--host", default="127.0.0.1", help="The loopback address to listen on.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8411, help="The port; 0: any free one."
)
@click.option("--print-env", is_flag=True, help="Print the settings that lead here, for a shell.")
@click.option("--json", "as_json", is_flag=True, help="Print them for programs: JSON.")
@click.option(
    "--ready-file",
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="Write them here once it listens.",
)
def command(*, print_env: bool, as_json: bool, ready_file: Path | None, **asked: Any) -> None:
    """Serve a Selling Partner API of our own, for this machine only.

    Login with Amazon, Orders v0 and v2026-01-01, Reports 2021-06-30 with presigned documents, and
    Sellers v1, over one simulated selling partner. It keeps Amazon's rules: usage plans with 429s,
    expiring tokens, opaque page tokens, the two-minute rule, parameter checks. SIGTERM or Ctrl-C
    ends it.
    """
    if print_env and as_json:
        raise click.UsageError("--print-env and --json print the same: give one of them.")
    is_over = Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda *_: is_over.set())
    try:
        with _simulator(**asked) as simulator:
            settings = _settings(simulator)
            if print_env:
                click.echo(_for_shell(settings), nl=False)
            if as_json:
                click.echo(json.dumps(settings, indent=2))
            _announce(simulator, ready_file, settings)
            is_over.wait()
    except (OSError, ValueError) as error:
        raise click.UsageError(str(error)) from error


def _simulator(
    *, host: str, seed: int, orders: int, days: int, until: datetime | None, **rules: Any
) -> Simulator:
    """Return the simulator; what does not describe its partner are the rules that it keeps."""
    refuse_other_machines(host)
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    partner = Partner.generate(
        seed=seed,
        orders=orders,
        until=until.replace(tzinfo=UTC) if until else today,
        days=days,
        marketplaces=rules.pop("marketplaces").split(","),
    )
    return Simulator(partner, host=host, **rules)


def _announce(simulator: Simulator, ready_file: Path | None, settings: Mapping[str, str]) -> None:
    """Tell who waits for it that the simulator listens."""
    if ready_file is not None:
        unfinished = ready_file.with_suffix(".unfinished")
        unfinished.write_text(_for_shell(settings), encoding="utf-8")
        unfinished.replace(ready_file)
    orders = len(simulator.partner.books.by_id)
    click.echo(f"{orders} orders are served at {simulator.url} until this is stopped.", err=True)


def _settings(simulator: Simulator) -> Mapping[str, str]:
    """Return the settings of asp_dagster that lead here."""
    ids = (each.marketplace_id for each in simulator.partner.marketplaces)
    return {
        "ASP_ENDPOINT": simulator.url,
        "ASP_LWA_URL": simulator.lwa_url,
        "ASP_CLIENT_ID": simulator.client_id,
        "ASP_CLIENT_SECRET": simulator.client_secret,
        "ASP_REFRESH_TOKEN": simulator.refresh_token,
        "ASP_MARKETPLACE_IDS": ",".join(ids),
    }


def _for_shell(settings: Mapping[str, str]) -> str:
    """Return settings for a shell to evaluate."""
    return "".join(f"export {name}={shlex.quote(text)}\n" for name, text in settings.items())


if __name__ == "__main__":
    command(prog_name="python -m asp_dagster.simulator")
