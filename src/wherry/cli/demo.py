"""``wherry demo``: the employee-attrition story, from dirty data to a model whose origin can be asked."""

from __future__ import annotations

import asyncio
import importlib.util
import time
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import click

import wherry
from wherry.cli import report, wording
from wherry.cli.follow import follow_session
from wherry.cli.lineage import find_artifact
from wherry.cli.options import state_option
from wherry.cli.run_reading import report_recorded
from wherry.cli.sources import load_pipeline
from wherry.cli.views import run_from_row
from wherry.compiler import Compiler, compile_package
from wherry.errors import NotFoundError, WherryBugError
from wherry.ir.spec import Json, PipelinePackage
from wherry.ir.types import check_arguments
from wherry.local import Session, embedded
from wherry.model.runs import Run
from wherry.model.states import RuntimeState
from wherry.settings import Settings, load_settings

MODEL = "employee-attrition"
_ROWS = 74_498
_SEED = 7
_DIRTY = 0.03
_LENIENT = 0.10


@dataclass(frozen=True)
class _Story:
    package: PipelinePackage
    source: Path
    compiled: Path


@click.command("demo")
@click.option("--rows", type=click.IntRange(min=2000), default=_ROWS, show_default=True, help="Employees to make up.")
@state_option
def command(rows: int, state: Path | None) -> int:
    """Tell the employee-attrition story.

    Three runs of one pipeline: the first meets dirty data and fails at validation; the second, with the rule mended,
    reuses what had succeeded and registers a model; the third is all reuse. Ends with the metrics, the model's
    lineage, and where everything lies.
    """
    settings = load_settings(state=state)
    folder = settings.state / "demo"
    folder.mkdir(parents=True, exist_ok=True)
    story = _prepare(folder, rows)
    return asyncio.run(_tell(story, settings=settings))


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
    pipeline = load_pipeline(str(example / "pipeline.py"))
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


async def _tell(story: _Story, *, settings: Settings) -> int:
    async with embedded(settings) as session:
        _chapter(1, "A first run, on data as it came. The rule: not one invalid row.")
        first, _ = await _run(session, story, {"max_invalid_fraction": 0.0})
        await report_recorded(session.reader, first)

        _chapter(
            2, f"The rule mended: up to {_LENIENT:.0%} invalid rows are cleaned away. What had succeeded is reused."
        )
        second, _ = await _run(session, story, {"max_invalid_fraction": _LENIENT})
        click.echo(report.run_line(run_from_row(second)))

        _chapter(3, "The same again: nothing has changed, so nothing runs.")
        third, seconds = await _run(session, story, {"max_invalid_fraction": _LENIENT})
        click.echo(f"{report.run_line(run_from_row(third))}: all reuse, {seconds:.2f} s")

        as_told = (first.state, second.state, third.state) == (
            RuntimeState.FAILED,
            RuntimeState.SUCCEEDED,
            RuntimeState.SUCCEEDED,
        )
        click.echo("\n" + report.heading("What came of it"))
        await report_recorded(session.reader, second)
        if as_told:
            await _origin(session)
        _where(story, settings.state, second)
    return 0 if as_told else 1


async def _run(session: Session, story: _Story, changed: dict[str, Json]) -> tuple[Run, float]:
    """Run the pipeline with these arguments; the ended run, and the seconds it took."""
    arguments = check_arguments(story.package.spec, {"source": str(story.source), **changed})
    began = time.perf_counter()
    run = await session.find_interrupted(story.package, arguments)
    if run is None:
        run = await session.submit(story.package, arguments)
    ended = await follow_session(session, run, quiet=True)
    return ended, time.perf_counter() - began


async def _origin(session: Session) -> None:
    metadata = session.reader.metadata
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
    click.echo(report.lineage_text(lineage))


def _where(story: _Story, state: Path, run: Run) -> None:
    click.echo("\n" + report.heading("Where to look"))
    for what, where in (
        ("pipeline", example_folder() / "pipeline.py"),
        ("compiled IR", story.compiled),
        ("data", story.source),
        ("database", state / "wherry.db"),
        ("artifacts", Path(run.pipeline_root)),
    ):
        click.echo(f"  {what:<12} {wording.place(str(where))}")
    option = f" --state {wording.place(str(state))}"
    click.echo(f"\nNext: wherry runs list{option}   wherry lineage {MODEL}@1{option}")


def _chapter(number: int, text: str) -> None:
    click.echo(f"\n{report.heading(f'{number}.')} {text}")
