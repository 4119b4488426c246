"""The command `asp`: one door to all that is asked from a shell.

Here belong the list of its commands, and those that have no other home. A command is imported when
it is run, so that `asp --help` and a completed word wait for none of them; what it does is said
where it lives.

    completion    the script that makes a shell complete feeds and options
    plan          what runs of a feed will cost
    run           a feed's job, run here and now
    progress      how far it has come, as a bar or in lines
    instances     where runs are recorded: the instance of DAGSTER_HOME
    locations     what is asked of a code location: a feed, and some days of it
"""

from importlib import import_module

import click
from click.shell_completion import CompletionItem

COMMANDS = {
    "completion": ("asp_dagster.cli.completion", "Print what makes a shell complete."),
    "cursor": (
        "asp_dagster.cursors",
        "Show and move the cursors of feeds without partitions.",
    ),
    "demo": (
        "asp_dagster.demo.__main__",
        "Land and load a simulated selling partner's last days by the real jobs.",
    ),
    "doctor": (
        "asp_dagster.doctor.__main__",
        "Check the connection: is everything there that runs need?",
    ),
    "feeds": (
        "asp_dagster.feeds.__main__",
        "List the ready feeds with their cost in calls, or show NAME.",
    ),
    "notifications": (
        "asp_dagster.notifications.command",
        "Subscribe to Amazon's notifications, which come to a queue of SQS.",
    ),
    "plan": (
        "asp_dagster.cli.plan",
        "Tell what runs of a feed will cost: calls, hours, by which road.",
    ),
    "reports": (
        "asp_dagster.reports.__main__",
        "List Amazon's report types with their rules, or describe NAME.",
    ),
    "run": (
        "asp_dagster.cli.run",
        "Run a feed's job here, for some days, with its progress.",
    ),
    "schedules": (
        "asp_dagster.report_schedules.__main__",
        "Show the report schedules at Amazon, and make them as declared.",
    ),
    "simulator": (
        "asp_dagster.simulator.__main__",
        "Serve a Selling Partner API of our own, for this machine only.",
    ),
}
"""The module of each command, where it is called `command`, and what it does in a line."""


class Commands(click.Group):
    """Commands that are imported when they are run."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's
        """List the commands, in order."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's
        """Import a command; none if there is none of that name."""
        if cmd_name not in COMMANDS:
            return None
        found: click.Command = import_module(COMMANDS[cmd_name][0]).command
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's
        """Write what each command does, without importing it."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in sorted(COMMANDS.items())])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Complete a command, without importing it, or an option."""
        names = [
            CompletionItem(name, help=line)
            for name, (_, line) in sorted(COMMANDS.items())
            if name.startswith(incomplete)
        ]
        return names + click.Command.shell_complete(self, ctx, incomplete)


_EPILOG = """\b
exit codes: 0 all is well; 1 trouble was found, for the reason printed; 2 wrong arguments

`asp COMMAND --help` says what a command does, and shows it. Settings are variables of the
environment, the same that runs have.
"""


@click.command("asp", cls=Commands, epilog=_EPILOG)
@click.version_option(package_name="asp_dagster")
def asp() -> None:
    """Ask for a selling partner's Amazon data, and for what there is to know about it."""


def main() -> None:
    """Run what the command line asks for."""
    asp(prog_name="asp")
