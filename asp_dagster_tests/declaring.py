"""What a declaration becomes in a test: definitions, a code location, a file for a command.

Here belongs what is done with declarations of any kind; which ones is the tests' business.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click
import dagster as dg
import yaml
from click.testing import CliRunner

from asp_dagster.settings import build_resources

Command = Callable[..., tuple[int, str]]
"""Runs a command with arguments; returns the exit code and all that it printed."""


def definitions_of(component: type[dg.Component], attributes: Mapping[str, Any]) -> dg.Definitions:
    """Return what a component makes of a declaration."""
    declared = component.from_attributes_dict(attributes=dict(attributes))
    return declared.build_defs(dg.ComponentTree.for_test().load_context)


def code_location(*parts: dg.Definitions) -> dg.Definitions:
    """Return parts with our resources, all settings from the environment; runs are in process."""
    own = dg.Definitions(resources=build_resources(), executor=dg.in_process_executor)
    return dg.Definitions.merge(*parts, own)


def declare_below(folder: Path, component: str, attributes: Mapping[str, Any]) -> None:
    """Write a declaration of one of our components into a folder of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    declared = {"type": f"asp_dagster.{component}", "attributes": dict(attributes)}
    (folder / "defs.yaml").write_text(yaml.safe_dump(declared))


def command_run(command: click.Command, *always: str) -> Command:
    """Return how a command is run in this process, with some arguments always."""

    def run(*arguments: str) -> tuple[int, str]:
        done = CliRunner().invoke(command, [*arguments, *always])
        return done.exit_code, done.output

    return run
