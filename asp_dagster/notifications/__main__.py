"""Runs the command: `asp notifications`, or `python -m asp_dagster.notifications`."""

from asp_dagster.notifications.command import command

if __name__ == "__main__":
    command(prog_name="python -m asp_dagster.notifications")
