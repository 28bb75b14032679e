"""``wherry demo``: the employee-attrition story, from dirty data to a model whose origin can be asked."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import sys
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import click

import wherry
from wherry.cli import report, wording
from wherry.cli.feeds import ServerFeed
from wherry.cli.follow import follow_feed
from wherry.cli.hosting import Hosted, Hosting, hosted
from wherry.cli.lineage import find_artifact
from wherry.cli.options import state_option
from wherry.cli.row_views import lineage_from_rows
from wherry.cli.run_reading import read_run, report_run
from wherry.cli.server_choice import Choice, choose
from wherry.cli.sources import CompilerChoice, load_pipeline
from wherry.cli.stop_signals import stop_on_signals
from wherry.client import Client
from wherry.compiler import Compiler, compile_package
from wherry.errors import FailedPreconditionError, NotFoundError, WherryBugError
from wherry.ir.spec import Json, PipelinePackage
from wherry.ir.types import check_arguments
from wherry.local import Session, embedded
from wherry.model.identity import RunId
from wherry.model.runs import Run
from wherry.model.states import RuntimeState
from wherry.settings import Settings, load_settings
from wherry.wiring import Reader, open_reader

MODEL = "employee-attrition"
_ROWS = 74_498
_SEED = 7
_DIRTY = 0.03
_STRICT = 0.0
_LENIENT = 0.10
_RULES = (_STRICT, _LENIENT)


@dataclass(frozen=True)
class _Story:
    package: PipelinePackage
    source: Path
    compiled: Path


@dataclass(frozen=True)
class _Told:
    run_id: RunId
    """The run that made the model."""
    status: int


@click.command("demo")
@click.option("--rows", type=click.IntRange(min=2000), default=_ROWS, show_default=True, help="Employees to make up.")
@click.option(
    "--serve/--no-serve",
    default=None,
    help="Keep the server afterwards, until Ctrl-C, to look at the story's pages.  [default: at a terminal]",
)
@state_option
def command(rows: int, serve: bool | None, state: Path | None) -> int:  # noqa: FBT001  click's way
    """Tell the employee-attrition story.

    Three runs of one pipeline: the first meets dirty data and fails at validation; the second, with the rule mended,
    reuses what had succeeded and registers a model; the third is all reuse. Ends with the metrics, the model's
    lineage, and where everything lies.

    The runs go through a server: the one that holds the state folder, else one that is started for the story. At a
    terminal that one stays until Ctrl-C, so that you can look at its pages; elsewhere it ends with the story.
    `wherry up` serves the same pages later.
    """
    settings = load_settings(state=state)
    folder = settings.state / "demo"
    folder.mkdir(parents=True, exist_ok=True)
    story = _prepare(folder, rows)
    # The data lies in this folder: a server that WHERRY_HOST names could not read it.
    choice = choose(host=None, token=None, state=settings.state)
    client = choice.server()
    if client is not None:
        return asyncio.run(_tell_there(story, client, settings))
    keep = sys.stdin.isatty() and sys.stdout.isatty() if serve is None else serve
    return asyncio.run(_tell_here(story, settings, keep=keep))


def example_folder() -> Path:
    """Where the example lies: inside the installed package, or in the checkout.

    Raises:
        NotFoundError: it is in neither place.
    """
    package = Path(wherry.__file__).parent
    for folder in (package / "examples", package.parent.parent / "examples"):
        if (folder / "employee_attrition" / "pipeline.py").is_file():
            return folder / "employee_attrition"
    raise NotFoundError("the employee-attrition example is not installed", hint="Reinstall wherry.")


def _prepare(folder: Path, rows: int) -> _Story:
    example = example_folder()
    source = folder / f"employees-{rows}.csv"
    if not source.is_file():
        click.echo(f"Making up {rows:,} employees, {_DIRTY:.0%} of the rows dirty: {wording.place(str(source))}")
        draft = source.with_suffix(".tmp")
        _load(example / "generate.py").generate(draft, rows=rows, seed=_SEED, dirty=_DIRTY)
        draft.rename(source)
    pipeline = load_pipeline(str(example / "pipeline.py"), compiler=CompilerChoice.WHERRY)
    compiled = folder / "employee-attrition.yaml"
    Compiler().compile(pipeline, str(compiled))
    return _Story(compile_package(pipeline), source, compiled)


def _load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"wherry_example_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise WherryBugError(f"{path} cannot be loaded")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


async def _tell_there(story: _Story, client: Client, settings: Settings) -> int:
    """On the server that holds the state folder."""
    click.echo(f"The server at {client.host} runs the story.")
    told = await _tell(story, Choice(settings, client, rows=True))
    click.echo(f"\nLook at it: {client.run_url(told.run_id)}")
    return told.status


async def _tell_here(story: _Story, settings: Settings, *, keep: bool) -> int:
    """On a server that is started for it."""
    async with embedded(settings) as session:
        stopping = asyncio.Event()
        async with _server(session, stopping) as server:
            serving = asyncio.create_task(server.serve(), name="wherry-demo-server")
            try:
                client = Client(server.url)
                port = server.port
                click.echo(f"A server for the story: {server.url}")
                interrupted = await _interrupted(session, story)
                told = await _tell(story, Choice(settings, client, rows=True), interrupted=interrupted)
                page = client.run_url(told.run_id)
                if keep:
                    async with stop_on_signals(session, stopping):
                        click.echo(f"\nLook at it: {page}   (Ctrl-C stops the server)")
                        sys.stdout.flush()
                        await serving
            finally:
                stopping.set()
                await serving
    if not keep:
        option = "" if port == Hosting().port else f" --port {port}"
        click.echo(f"Look at it: wherry up{_state_option(settings)}{option}, then {page}")
    return told.status


@contextlib.asynccontextmanager
async def _server(session: Session, stopping: asyncio.Event) -> AsyncIterator[Hosted]:
    """Where `wherry up` will listen too, so that links of the story stay good; if that is taken, anywhere."""
    async with contextlib.AsyncExitStack() as stack:
        try:
            server = await stack.enter_async_context(hosted(session, Hosting(), stopping=stopping))
        except FailedPreconditionError:
            server = await stack.enter_async_context(hosted(session, Hosting(port=0), stopping=stopping))
        yield server


async def _interrupted(session: Session, story: _Story) -> dict[float, RunId]:
    """Runs of the story that an earlier telling left unfinished, by the rule they were started with."""
    found: dict[float, RunId] = {}
    for rule in _RULES:
        run = await session.find_interrupted(story.package, _arguments(story, rule))
        if run is not None:
            found[rule] = run.id
    return found


async def _tell(story: _Story, choice: Choice, *, interrupted: Mapping[float, RunId] | None = None) -> _Told:
    teller = _Teller(story, choice, dict(interrupted or {}))
    _chapter(1, "A first run, on data as it came. The rule: not one invalid row.")
    first, _ = await teller.run(_STRICT)
    first_view = await report_run(choice, first)

    _chapter(2, f"The rule mended: up to {_LENIENT:.0%} invalid rows are cleaned away. What had succeeded is reused.")
    second, _ = await teller.run(_LENIENT)
    second_view = await read_run(choice, second)
    click.echo(report.run_line(second_view))

    _chapter(3, "The same again: nothing has changed, so nothing runs.")
    third, seconds = await teller.run(_LENIENT)
    third_view = await read_run(choice, third)
    click.echo(f"{report.run_line(third_view)}: all reuse, {seconds:.2f} s")

    states = (first_view.state, second_view.state, third_view.state)
    as_told = states == (RuntimeState.FAILED, RuntimeState.SUCCEEDED, RuntimeState.SUCCEEDED)
    click.echo("\n" + report.heading("What came of it"))
    await report_run(choice, second)
    async with open_reader(choice.settings) as reader:
        if as_told:
            await _origin(reader)
        _where(story, choice.settings, await reader.runs.get_run(second))
    return _Told(second, 0 if as_told else 1)


def _arguments(story: _Story, rule: float) -> dict[str, Json]:
    return check_arguments(story.package.spec, {"source": str(story.source), "max_invalid_fraction": rule})


class _Teller:
    """Runs the story's pipeline on a server and prints what happens."""

    def __init__(self, story: _Story, choice: Choice, interrupted: dict[float, RunId]) -> None:
        self._story = story
        self._client = choice.client or Client()
        self._interrupted = interrupted

    async def run(self, rule: float) -> tuple[RunId, float]:
        """Run it with this rule: the ended run, and the seconds from its submission to the last word about it."""
        began = time.perf_counter()
        run_id = self._interrupted.pop(rule, None)
        if run_id is None:
            arguments = _arguments(self._story, rule)
            run_id = RunId((await asyncio.to_thread(self._client.submit, self._story.package, arguments)).run_id)
        click.echo(f"run {wording.short(run_id)}  {self._client.run_url(run_id)}")
        await follow_feed(ServerFeed(self._client, run_id), run_id, quiet=True)
        return run_id, time.perf_counter() - began


async def _origin(reader: Reader) -> None:
    metadata = reader.metadata
    versions = await metadata.model_versions("", MODEL)
    name = f"{MODEL} v{versions[-1].version}"
    lineage = await metadata.upstream(await find_artifact(metadata, MODEL))
    click.echo("\n" + report.heading(f"Which data set produced {name}?"))
    for node in lineage.nodes:
        if node.artifact.type == "system.Dataset" and not any(
            edge.target == node.artifact.id for edge in lineage.edges
        ):
            made = f", made by {wording.task_label(node.made.task)}" if node.made else ""
            click.echo(f"  {wording.place(node.artifact.metadata.get('source', node.artifact.uri))}{made}")
            if node.artifact.digest:
                click.echo(f"  {node.artifact.digest}, {wording.size(node.artifact.size)}")
    click.echo("\n" + report.heading(f"Everything {name} was made from"))
    click.echo(report.lineage_table(lineage_from_rows(lineage)))


def _where(story: _Story, settings: Settings, run: Run) -> None:
    click.echo("\n" + report.heading("Where to look"))
    for what, where in (
        ("pipeline", example_folder() / "pipeline.py"),
        ("compiled IR", story.compiled),
        ("data", story.source),
        ("database", settings.state / "wherry.db"),
        ("artifacts", Path(run.pipeline_root)),
    ):
        click.echo(f"  {what:<12} {wording.place(str(where))}")
    option = _state_option(settings)
    click.echo(f"\nNext: wherry runs list{option}   wherry lineage {MODEL}@1{option}")


def _state_option(settings: Settings) -> str:
    """What a command needs to find the same folder."""
    return f" --state {wording.place(str(settings.state))}"


def _chapter(number: int, text: str) -> None:
    click.echo(f"\n{report.heading(f'{number}.')} {text}")
