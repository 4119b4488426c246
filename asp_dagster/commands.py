"""What the commands share: how they end in a sentence, and what they print for programs.

Here belongs nothing that one command alone needs. Commands end with 0 if all is well, with 1 if
they found trouble, with 2 if they were asked wrongly; the last is click's own business.

https://click.palletsprojects.com/
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any] | click.Command)

json_option = click.option("--json", "as_json", is_flag=True, help="Print it for programs: JSON.")


def print_json(value: object) -> None:
    """Print a value as JSON: times in ISO 8601, lengths of time in seconds."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False, default=_plain))


@contextmanager
def told(*kinds: type[Exception]) -> Iterator[None]:
    """Let foreseen errors of the block end the command with their sentence.

    Raises:
        click.ClickException: In place of an error of these kinds; the command ends with 1.
    """
    try:
        yield
    except kinds as error:
        raise click.ClickException(str(error)) from error


def either_side(name: str, **declared: Any) -> Callable[[Command], Command]:
    """Return an option that a group and its commands take, so that it may stand on either side.

    What is given is the object that `click.pass_obj` hands to a command.
    """
    return click.option(name, expose_value=False, callback=_keep, **declared)


def _keep(context: click.Context, _parameter: click.Parameter, value: Any) -> None:
    if value is not None:
        context.obj = value


def _plain(value: object) -> object:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no form in JSON")
