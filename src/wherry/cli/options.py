"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path

import click

state_option = click.option(
    "--state",
    type=click.Path(file_okay=False, path_type=Path),
    help="State folder: database, artifacts, environments, logs. Default: $WHERRY_STATE or .wherry.",
)
