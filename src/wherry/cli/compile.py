"""``wherry compile``."""

from __future__ import annotations

from pathlib import Path

import click

from wherry.cli.options import compiler_option
from wherry.cli.sources import CompilerChoice, load_pipeline
from wherry.client.packages import compiled_by_kfp
from wherry.compiler import Compiler
from wherry.dsl.components import Component


@click.command("compile")
@click.argument("file", type=click.Path(dir_okay=False))
@click.option("-o", "--output", type=click.Path(dir_okay=False), help="Where to write. Default: FILE with .yaml.")
@click.option("--function", help="Which pipeline, if FILE defines several.")
@compiler_option
def command(file: str, output: str | None, function: str | None, compiler: str) -> None:
    """Compile the pipeline in FILE to the KFP IR.

    The result runs here (`wherry run`) and, unchanged, on Kubeflow Pipelines.
    """
    pipeline = load_pipeline(file, function=function, compiler=CompilerChoice(compiler))
    target = Path(output) if output else Path(file).with_suffix(".yaml")
    if isinstance(pipeline, Component):
        Compiler().compile(pipeline, str(target))
    else:
        target.write_bytes(compiled_by_kfp(pipeline))
    click.echo(f"{pipeline.name}: compiled to {target}")
