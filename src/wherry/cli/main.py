"""Entry point of the ``wherry`` command.

Commands are loaded when they are called, so that ``wherry --version`` and ``--help`` stay fast.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from importlib.metadata import version
from typing import NoReturn

import click

from wherry.errors import WherryBugError, WherryError

_COMMANDS = {
    "run": ("wherry.cli.run", "Compile a pipeline and run it, here or on a server, following it live."),
    "compile": ("wherry.cli.compile", "Compile a pipeline to the KFP IR (YAML)."),
    "runs": ("wherry.cli.runs", "List runs, look into one, cancel or retry it."),
    "up": ("wherry.cli.up", "Serve the KFP API over a state folder."),
    "lineage": ("wherry.cli.lineage", "Show what an artifact or a model version was made from."),
    "doctor": ("wherry.cli.doctor", "Check this machine and a state folder."),
    "demo": ("wherry.cli.demo", "Run the employee-attrition story from start to end."),
}


class _LazyGroup(click.Group):
    """Knows the names and one-line helps of its commands; imports a command's module when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's signature
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  click's signature
        if cmd_name not in _COMMANDS:
            return None
        module = importlib.import_module(_COMMANDS[cmd_name][0])
        command = module.command
        if not isinstance(command, click.Command):
            raise WherryBugError(f"{module.__name__}.command is no click command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002  click's signature
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in _COMMANDS.items()])


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(version("wherry"), prog_name="wherry", message="%(prog)s %(version)s")
def cli() -> None:
    """Kubeflow pipelines that run anywhere.

    Start with `wherry demo`, or run a pipeline of yours: `wherry run my_pipeline.py --param rows=100`.
    """


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command. Exit status: 0 success, 1 a run or a check failed, 2 wrong use, 130 cancelled."""
    try:
        status = cli.main(args=list(arguments) if arguments is not None else None, standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.exceptions.Abort:
        click.echo("Interrupted.", err=True)
        sys.exit(130)
    except WherryError as error:
        click.echo(click.style("error: ", fg="red", bold=True, reset=True) + str(error), err=True)
        sys.exit(2 if error.code in {"INVALID_ARGUMENT", "NOT_FOUND"} else 1)
    sys.exit(status if isinstance(status, int) else 0)
