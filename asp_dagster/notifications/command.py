"""The command that subscribes to notifications: `asp notifications`.

Here belong: options, settings, and what is printed. What is done is said in `subscribing`.
"""

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import wraps
from pathlib import Path
from typing import Any

import click

from asp_dagster.catalog.declarations import DeclarationError, known
from asp_dagster.catalog.feeds import Account
from asp_dagster.catalog.notifications import NOTIFICATION_TYPES
from asp_dagster.commands import json_option, print_json, told
from asp_dagster.notifications.policy import allows_amazon, needed_statement
from asp_dagster.notifications.queue import NotificationQueue, QueueError
from asp_dagster.notifications.subscribing import Part, Subscribing
from asp_dagster.resources import DEFAULT_STATE, StateResource
from asp_dagster.settings import amazon_outside_runs
from asp_dagster.spapi import SellingPartnerError
from asp_dagster.spapi.wire import timestamp
from asp_dagster.state import SetAside, StateError, Unserved

_DIFFERENT = 3
_SHOWN_ASIDE = 10
_RIGHT = {"there", "made"}


_EPILOG = """\b
examples:
  asp notifications setup --queue arn:aws:sqs:us-east-1:123456789012:amazon
  asp notifications setup --account acme
  asp notifications status --json
  asp notifications remove --yes

\b
exit codes: 0 all is there, or done; 1 not done, for the reason printed; 2 wrong arguments;
3 something is missing at Amazon, or sent elsewhere
"""


@click.group("notifications", epilog=_EPILOG)
def command() -> None:
    """Subscribe to Amazon's notifications, which come to a queue of SQS.

    A sensor reads the queue. Amazon's credentials are those of the feeds: ASP_CLIENT_ID and so on,
    or an account's own; those for the queue are boto3's own.
    """


@dataclass(frozen=True, kw_only=True)
class _Request:
    """What each command is asked for.

    Attributes:
        queue: The queue's ARN.
        sqs_url: The URL of SQS, if it is not the region's own.
        types: The types; all without any.
        account: Whose notifications; without it, of the selling partner of the settings.
        folder: Where the account is declared.
    """

    queue: str
    sqs_url: str | None
    types: Sequence[str]
    account: str | None
    folder: Path | None


def _options(function: Callable[..., None]) -> Callable[..., None]:
    """Take what each command takes, and hand it on as one value."""

    @wraps(function)
    def asked(*, as_json: bool, yes: bool | None = None, **options: Any) -> None:
        own = {} if yes is None else {"yes": yes}
        function(_Request(**options), as_json=as_json, **own)

    for option in (
        json_option,
        click.option(
            "--folder",
            type=click.Path(path_type=Path),
            help="The folder of feeds' folders that declares the account (this package's defs).",
        ),
        click.option(
            "--account",
            help="An account that is declared, with its own credentials and endpoint. Without it,"
            " the selling partner of the settings.",
        ),
        click.option(
            "--type",
            "types",
            multiple=True,
            type=click.Choice(list(NOTIFICATION_TYPES)),
            help="Only this type; may be given again. Without it, all.",
        ),
        click.option("--sqs-url", envvar="ASP_SQS_URL", help="SQS, if not the region's own."),
        click.option(
            "--queue",
            envvar="ASP_NOTIFICATIONS_QUEUE",
            show_envvar=True,
            required=True,
            help="The queue's ARN.",
        ),
    ):
        asked = option(asked)
    return asked


@command.command()
@_options
def setup(request: _Request, *, as_json: bool) -> None:
    """Make the destination and the subscriptions that are missing."""
    with _opened(request) as asked:
        statement = None if _may_send(asked.queue) else needed_statement(request.queue)
        if statement is not None and not as_json:
            click.echo(_ADVICE + json.dumps(statement, indent=2), err=True)
        if asked.account and not asked.account.seller_id:
            click.echo(_NO_SELLER.format(name=asked.account.name), err=True)
        parts = _shown(asked.subscribing.set_up(), as_json=as_json)
        if as_json:
            _print_json(parts, policy_needs=statement)
        _exit_unless_right(parts)


@command.command()
@_options
def status(request: _Request, *, as_json: bool) -> None:
    """Show what there is at Amazon, in the queue, and what was set aside."""
    with _opened(request) as asked:
        parts = _shown(asked.subscribing.parts(), as_json=as_json)
        seen = {**_queue_status(asked.queue), **_memory_status(asked.state, request.queue)}
        if as_json:
            _print_json(parts, **seen)
        else:
            for name, value in seen.items():
                click.echo(_line(name.replace("_", " "), value))
        _exit_unless_right(parts)


@command.command()
@_options
@click.option("--yes", is_flag=True, help="Do not ask whether that is meant.")
def remove(request: _Request, *, as_json: bool, yes: bool) -> None:
    """End the subscriptions, and the destination unless others are subscribed to it."""
    if not yes:
        whose = f" of {request.account}" if request.account else ""
        click.confirm(f"End what Amazon sends{whose} to {request.queue}?", abort=True, err=True)
    with _opened(request) as asked:
        parts = _shown(asked.subscribing.remove(), as_json=as_json)
        if as_json:
            _print_json(parts)


@dataclass(frozen=True)
class _Asked:
    """What a command works with."""

    subscribing: Subscribing
    queue: NotificationQueue
    state: StateResource
    account: Account | None


@contextmanager
def _opened(request: _Request) -> Iterator[_Asked]:
    """Open what a command works with, and let what goes wrong end in a sentence."""
    amazon = amazon_outside_runs()
    state = StateResource(url=os.environ.get("ASP_STATE") or DEFAULT_STATE)
    with ExitStack() as opened, told(SellingPartnerError, QueueError, StateError, DeclarationError):
        opened.callback(amazon.close)
        queue = NotificationQueue(request.queue, request.sqs_url)
        opened.callback(queue.close)
        account = _account(request)
        wanted = request.types or tuple(NOTIFICATION_TYPES)
        subscribing = Subscribing(amazon.get_client(account), request.queue, wanted)
        yield _Asked(subscribing, queue, state, account)


def _account(request: _Request) -> Account | None:
    """Return the account that is named.

    Raises:
        DeclarationError: None is called that; it lists those there are.
    """
    if request.account is None:
        return None
    from asp_dagster.declared import OWN_FEEDS, feeds_of  # noqa: PLC0415 - it loads all components

    accounts = {
        feed.account.name: feed.account
        for feed in feeds_of(request.folder or OWN_FEEDS)
        if feed.account.name
    }
    if request.account not in accounts:
        raise DeclarationError(f"No account is called {request.account!r}{known(accounts)}")
    return accounts[request.account]


_ADVICE = (
    "The queue's policy does not show that Amazon may send. Where it does not, Amazon refuses the"
    " destination; then add this statement:\n"
)
_NO_SELLER = (
    "The account {name} names no seller_id: write it to the declaration. Messages name their"
    " seller, and are known by it unless one selling partner has the queue for itself."
)


def _may_send(queue: NotificationQueue) -> bool:
    """Tell whether the policy lets Amazon send, as far as it may be read."""
    try:
        return allows_amazon(queue.policy())
    except QueueError:
        return False


def _shown(parts: Iterable[Part], *, as_json: bool) -> list[Part]:
    """Print each part as soon as it is known, unless all are printed as JSON."""
    found = []
    for part in parts:
        found.append(part)
        if not as_json:
            click.echo(_line(part.what, f"{part.state} {part.part_id}".strip()))
    return found


def _queue_status(queue: NotificationQueue) -> Mapping[str, Any]:
    depth, looked_at = queue.depth(), queue.look()
    oldest = min((message.sent_at for message in looked_at), default=None)
    return {
        "messages": depth.waiting,
        "messages_received_and_not_deleted": depth.hidden,
        "oldest_of_those_looked_at": _said(oldest),
        "amazon_may_send": allows_amazon(queue.policy()),
    }


def _memory_status(state: StateResource, queue_arn: str) -> Mapping[str, Any]:
    remembered = state.get_notifications()
    aside = remembered.aside(queue_arn)
    return {
        "last_notification": _said(remembered.last_noted_at(queue_arn)),
        "changed_orders_without_a_run": remembered.changes.waiting(queue_arn),
        "nobody_listens_to": list(map(_unserved, remembered.all_unserved(queue_arn))),
        "set_aside": len(aside),
        "last_set_aside": [_aside(each) for each in aside[:_SHOWN_ASIDE]],
    }


def _unserved(whose: Unserved) -> str:
    place = f" in {whose.marketplace_id}" if whose.marketplace_id else ""
    last = timestamp(whose.last_at)
    return f"seller {whose.seller_id}{place}: {whose.messages}, the last {last}"


def _aside(message: SetAside) -> str:
    return f"{timestamp(message.set_aside_at)} {message.message_id}: {message.reason}"


def _said(moment: datetime | None) -> str | None:
    return timestamp(moment) if moment else None


def _line(name: str, value: Any) -> str:
    said = "\n  ".join(["", *value]) if isinstance(value, list) else value
    return f"{name}: {'none' if said in {None, ''} else said}"


def _print_json(parts: Sequence[Part], **others: Any) -> None:
    print_json({"parts": [asdict(part) for part in parts], **others})


def _exit_unless_right(parts: Sequence[Part]) -> None:
    if any(part.state not in _RIGHT for part in parts):
        sys.exit(_DIFFERENT)
