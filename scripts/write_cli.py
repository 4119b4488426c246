"""Writes `docs/cli.md` from what the commands say of themselves.

    python scripts/write_cli.py

Here belong the words before and between the commands; what a command does and takes is said in it.
"""

from collections.abc import Iterator
from pathlib import Path

import click

from asp_dagster.cli import COMMANDS, asp

PAGE = Path(__file__).parent.parent / "docs" / "cli.md"
WIDTH = 100

HEAD = """# The command `asp`

Written by `scripts/write_cli.py` from the commands themselves; change those, not this page.

`pip install` puts `asp` on the path; `python -m asp_dagster.cli` is the same. `asp --help` lists
the commands, `asp COMMAND --help` says what one does and takes. Settings are [variables of the
environment](settings.md), the same that runs have.

| exit code | |
|---|---|
| 0 | all is well |
| 1 | trouble was found or nothing could be done, for the reason printed |
| 2 | wrong arguments |
| 3 | `asp schedules` and `asp notifications` alone: Amazon has not what it should |

What is asked for goes to the standard output, mistakes and progress to the error output. `--json`
prints the same for programs: names stay as they are, times are ISO 8601, lengths of time seconds.

A shell completes commands, options, feeds and report types after `eval "$(asp completion bash)"`.
"""


def text() -> str:
    """Return the page as Markdown."""
    return "\n".join([HEAD, *_sections(asp, "asp")])


def _sections(group: click.Group, name: str) -> Iterator[str]:
    """Yield a section for each command of a group, and for each of theirs."""
    context = click.Context(group, info_name=name)
    for each in group.list_commands(context):
        command = group.get_command(context, each)
        assert command is not None  # noqa: S101 - the group has just listed it
        inner = click.Context(command, info_name=f"{name} {each}", terminal_width=WIDTH)
        mark = "##" if each in COMMANDS and group is asp else "###"
        yield f"{mark} {name} {each}\n\n```\n{command.get_help(inner)}\n```\n"
        if isinstance(command, click.Group):
            yield from _sections(command, f"{name} {each}")


if __name__ == "__main__":
    PAGE.write_text(text(), encoding="utf-8")
