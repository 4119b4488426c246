"""Dagster's instance, as the commands open it: that of DAGSTER_HOME.

Here belongs telling what keeps it from being opened. What is recorded in it is Dagster's business.

https://docs.dagster.io/deployment/oss/oss-instance-configuration
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import dagster as dg
from sqlalchemy.exc import SQLAlchemyError
from yaml import YAMLError

_CANNOT_BE_OPENED = (dg.DagsterError, YAMLError, SQLAlchemyError, OSError)


@contextmanager
def kept_instance() -> Iterator[dg.DagsterInstance]:
    """Open the instance of DAGSTER_HOME; a temporary one would forget that anything landed.

    Raises:
        click.UsageError: DAGSTER_HOME names no folder.
        click.ClickException: The instance there cannot be opened.
    """
    home = os.environ.get("DAGSTER_HOME")
    if not home:
        raise click.UsageError(
            "DAGSTER_HOME is not set, and a temporary instance forgets its runs: name a folder that"
            " stays, as in `export DAGSTER_HOME=$PWD/data/dagster_home`."
        )
    with _opened(home) as instance:
        yield instance


@contextmanager
def known_instance() -> Iterator[dg.DagsterInstance]:
    """Open the instance of DAGSTER_HOME, or where none is set one that knows nothing.

    Raises:
        click.UsageError: DAGSTER_HOME names no folder.
        click.ClickException: The instance there cannot be opened.
    """
    home = os.environ.get("DAGSTER_HOME")
    with _opened(home) if home else dg.DagsterInstance.ephemeral() as instance:
        yield instance


def _opened(home: str) -> dg.DagsterInstance:
    if not Path(home).is_absolute():
        raise click.UsageError(
            f"DAGSTER_HOME is {home}, which is no absolute path: set it to {Path(home).resolve()}."
        )
    if not Path(home).is_dir():
        raise click.UsageError(f"DAGSTER_HOME is {home}, which is no folder: make it first.")
    try:
        return dg.DagsterInstance.get()
    except _CANNOT_BE_OPENED as error:
        raise click.ClickException(
            f"Dagster's instance in {home} cannot be opened; see its dagster.yaml, and whether the"
            f" folder can be written to. {error}"
        ) from error
