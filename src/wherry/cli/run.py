"""``wherry run``."""

from __future__ import annotations

import asyncio
import dataclasses
from pathlib import Path

import click

from wherry.cli import wording
from wherry.cli.feeds import ServerFeed
from wherry.cli.follow import exit_status, follow_feed, follow_session
from wherry.cli.options import compiler_option, host_option, state_option, token_option
from wherry.cli.run_reading import report_recorded, report_run
from wherry.cli.server_choice import Choice, choose
from wherry.cli.sources import CompilerChoice, arguments_from, load_package
from wherry.client import Client
from wherry.errors import InvalidArgumentError
from wherry.ir.spec import Json, PipelinePackage
from wherry.local import embedded
from wherry.model.identity import RunId
from wherry.model.runs import CachePolicy
from wherry.settings import Settings


@dataclasses.dataclass(frozen=True, kw_only=True)
class _Wish:
    """How a run is wanted."""

    name: str | None
    no_cache: bool
    new: bool
    quiet: bool


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
@compiler_option
@host_option
@token_option
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
    compiler: str,
    host: str | None,
    token: str | None,
    state: Path | None,
) -> int:
    """Compile the pipeline in FILE (.py, or an IR .yaml) and run it, following it live.

    It runs on the server that --host names or that holds the state folder; without one, in this process.

    Exit status: 0 succeeded, 1 failed, 2 wrong use, 130 cancelled. If this process is killed, tasks go on: the server
    goes on with the run, and without one the same command again picks it up where it stands.
    """
    choice = choose(host=host, token=token, state=state)
    package = load_package(file, function=function, compiler=CompilerChoice(compiler))
    arguments = arguments_from(package.spec, params)
    wish = _Wish(name=name, no_cache=no_cache, new=new, quiet=quiet)
    client = choice.server()
    if client is not None:
        _refuse_for_server(client, {"--env": env, "--pass-env": pass_env, "--jobs": jobs})
        return asyncio.run(_run_there(choice, client, package, arguments, wish))
    settings = _with_options(choice.settings, env=env, pass_env=pass_env, jobs=jobs)
    return asyncio.run(_run_here(settings, package, arguments, wish))


async def _run_here(settings: Settings, package: PipelinePackage, arguments: dict[str, Json], wish: _Wish) -> int:
    async with embedded(settings) as session:
        interrupted = None if wish.new else await session.find_interrupted(package, arguments)
        if interrupted is not None:
            click.echo(f"Picking up run {wording.short(interrupted.id)}, which was interrupted.")
            run = interrupted
        else:
            cache = CachePolicy.RERUN if wish.no_cache else CachePolicy.AS_COMPILED
            run = await session.submit(package, arguments, display_name=wish.name, cache=cache)
        ended = await follow_session(session, run, quiet=wish.quiet)
        click.echo()
        await report_recorded(session.reader, ended)
    return exit_status(ended.state)


async def _run_there(
    choice: Choice, client: Client, package: PipelinePackage, arguments: dict[str, Json], wish: _Wish
) -> int:
    run = client.submit(package, arguments, run_name=wish.name, enable_caching=False if wish.no_cache else None)
    click.echo(f"run {wording.short(run.run_id)}  {run.display_name}  on the server at {client.host}")
    click.echo(f"  {client.run_url(run.run_id)}")
    run_id = RunId(run.run_id)
    await follow_feed(ServerFeed(client, run_id), run_id, quiet=wish.quiet)
    click.echo()
    ended = await report_run(choice, run_id)
    return exit_status(ended.state)


def _refuse_for_server(client: Client, given: dict[str, object]) -> None:
    if names := [name for name, value in given.items() if value]:
        raise InvalidArgumentError(
            f"{', '.join(names)}: the run would be one of the server at {client.host}, which has its own settings",
            hint="Set them where the server is started (WHERRY_PROCESS_…, WHERRY_ENGINE_…), or stop it and run here.",
        )


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
