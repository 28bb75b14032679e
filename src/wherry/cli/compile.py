"""``wherry compile``."""

from __future__ import annotations

from pathlib import Path

import click

from wherry.cli.sources import load_pipeline
from wherry.compiler import Compiler


@click.command("compile")
@click.argument("file", type=click.Path(dir_okay=False))
@click.option("-o", "--output", type=click.Path(dir_okay=False), help="Where to write. Default: FILE with .yaml.")
@click.option("--function", help="Which pipeline, if FILE defines several.")
def command(file: str, output: str | None, function: str | None) -> None:
    """Compile the pipeline in FILE to the KFP IR.

    The result runs here (`wherry run`) and, unchanged, on Kubeflow Pipelines.
    """
    pipeline = load_pipeline(file, function=function)
    target = Path(output) if output else Path(file).with_suffix(".yaml")
    Compiler().compile(pipeline, str(target))
    click.echo(f"{pipeline.name}: compiled to {target}")
