"""``portico completion``: what makes the shell complete the commands."""

import click
from click.shell_completion import get_completion_class

from portico.manifest.cli.options import json_option, show


@click.command(short_help="Print the script for completion in bash, zsh or fish.")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@json_option
@click.pass_context
def completion(context: click.Context, *, shell: str, as_json: bool) -> None:
    """Print the script that lets SHELL complete portico's commands and options.

    bash: eval "$(portico completion bash)" in ~/.bashrc. zsh: the same with zsh, in ~/.zshrc. fish: portico completion
    fish > ~/.config/fish/completions/portico.fish.
    """
    found = get_completion_class(shell)
    assert found is not None  # noqa: S101 - click has all that the argument takes
    # bash's own source() asks which bash is installed here; what it prints is the same for every one that can be used.
    made = found(context.find_root().command, {}, "portico", "_PORTICO_COMPLETE")
    script = made.source_template % made.source_vars()
    show({"shell": shell, "script": script}, script, as_json=as_json)
