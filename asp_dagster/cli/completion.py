"""`asp completion`: the script by which a shell completes commands, feeds and options.

https://click.palletsprojects.com/en/stable/shell-completion/
"""

import click
from click.shell_completion import get_completion_class

_SHELLS = ("bash", "zsh", "fish")

_EPILOG = """\b
for good:
  asp completion bash >> ~/.bashrc
  asp completion zsh >> ~/.zshrc
  asp completion fish > ~/.config/fish/completions/asp.fish
"""


@click.command("completion", epilog=_EPILOG)
@click.argument("shell", type=click.Choice(_SHELLS))
@click.pass_context
def command(context: click.Context, shell: str) -> None:
    """Print what makes a shell complete.

    Commands, options, report types, and the names of feeds are completed.
    """
    found = get_completion_class(shell)
    assert found is not None  # noqa: S101 - click has those three
    click.echo(found(context.find_root().command, {}, "asp", "_ASP_COMPLETE").source())
