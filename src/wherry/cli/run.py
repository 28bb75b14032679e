"""``wherry run``."""

from __future__ import annotations

import asyncio
import dataclasses
from pathlib import Path

import click

from wherry.cli.follow import exit_status, follow_run
from wherry.cli.options import state_option
from wherry.cli.runs import report_run
from wherry.cli.sources import arguments_from, load_package
from wherry.ir.spec import Json, PipelinePackage
from wherry.local import embedded
from wherry.model.runs import CachePolicy
from wherry.settings import Settings, load_settings


@click.command("run")
@click.argument("file", type=click.Path(dir_okay=False))
@click.option("-p", "--param", "params", multiple=True, metavar="NAME=VALUE", help="An argument; repeatable.")
@click.option("--function", help="Which pipeline, if FILE defines several.")
@click.option("--name", help="Display name of the run. Default: the pipeline's name.")
@click.option("--no-cache", is_flag=True, help="Run every task, even if an earlier result could be reused.")
@click.option("--new", is_flag=True, help="Start afresh even if the same run was interrupted.")
@click.option(
    "--env",
    type=click.Choice(["isolated", "current"]),
    help="isolated: each task gets what it asks for. current: tasks borrow this interpreter and its packages.",
)
@click.option("--pass-env", multiple=True, metavar="NAME", help="Hand this environment variable to tasks; repeatable.")
@click.option("-j", "--jobs", type=click.IntRange(min=1), help="Tasks at once. Default: twice the cores, at least 4.")
@click.option("-q", "--quiet", is_flag=True, help="Leave out the tasks' logs.")
@state_option
def command(
    file: str,
    params: tuple[str, ...],
    function: str | None,
    name: str | None,
    no_cache: bool,  # noqa: FBT001  click's way
    new: bool,  # noqa: FBT001  click's way
    env: str | None,
    pass_env: tuple[str, ...],
    jobs: int | None,
    quiet: bool,  # noqa: FBT001  click's way
    state: Path | None,
) -> int:
    """Compile the pipeline in FILE (.py, or an IR .yaml) and run it here, following it live.

    Exit status: 0 succeeded, 1 failed, 2 wrong use, 130 cancelled. If this process is killed, its tasks go on, and
    the same command again picks the run up where it stands.
    """
    package = load_package(file, function=function)
    arguments = arguments_from(package.spec, params)
    settings = _with_options(load_settings(state=state), env=env, pass_env=pass_env, jobs=jobs)
    cache = CachePolicy.RERUN if no_cache else CachePolicy.AS_COMPILED
    return asyncio.run(_run(settings, package, arguments, name=name, cache=cache, new=new, quiet=quiet))


async def _run(
    settings: Settings,
    package: PipelinePackage,
    arguments: dict[str, Json],
    *,
    name: str | None,
    cache: CachePolicy,
    new: bool,
    quiet: bool,
) -> int:
    async with embedded(settings) as session:
        interrupted = None if new else await session.find_interrupted(package, arguments)
        if interrupted is not None:
            click.echo(f"Picking up run {interrupted.id[:8]}, which was interrupted.")
            run = interrupted
        else:
            run = await session.submit(package, arguments, display_name=name, cache=cache)
        ended = await follow_run(session, run, quiet=quiet)
        click.echo()
        await report_run(session.reader, ended)
    return exit_status(ended)


def _with_options(settings: Settings, *, env: str | None, pass_env: tuple[str, ...], jobs: int | None) -> Settings:
    """Settings with what the command line said on top."""
    process, engine = settings.process, settings.engine
    if env is not None:
        process = dataclasses.replace(process, environment=env)
    if pass_env:
        process = dataclasses.replace(process, pass_env=(*process.pass_env, *pass_env))
    if jobs is not None:
        engine = dataclasses.replace(engine, max_parallel_tasks=jobs)
    return dataclasses.replace(settings, process=process, engine=engine)
