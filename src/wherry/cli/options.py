"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path

import click

state_option = click.option(
    "--state",
    type=click.Path(file_okay=False, path_type=Path),
    help="State folder: database, artifacts, environments, logs. Default: $WHERRY_STATE or .wherry.",
)
host_option = click.option(
    "--host",
    metavar="URL",
    help="Server to use. Default: $WHERRY_HOST, else the one that holds the state folder, if one does.",
)
token_option = click.option(
    "--token", metavar="TOKEN", help="What to show a server that asks. Default: $WHERRY_TOKEN, or the state folder's."
)
compiler_option = click.option(
    "--compiler",
    type=click.Choice(["auto", "kfp", "wherry"]),
    default="auto",
    show_default=True,
    help="For files that import kfp. auto: kfp's where it is installed, else wherry's, which then answers to its name.",
)
