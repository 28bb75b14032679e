"""``wherry lineage``."""

from __future__ import annotations

import asyncio
from pathlib import Path

import click

from wherry.cli import report
from wherry.cli.options import state_option
from wherry.errors import NotFoundError
from wherry.model.identity import ArtifactId
from wherry.ports import MetadataStore
from wherry.settings import load_settings
from wherry.wiring import open_reader


@click.command("lineage")
@click.argument("artifact")
@click.option("--down", is_flag=True, help="What was made from it, instead of what it was made from.")
@click.option("--hops", type=click.IntRange(min=1), help="At most so many executions away.")
@state_option
def command(artifact: str, down: bool, hops: int | None, state: Path | None) -> None:  # noqa: FBT001  click's way
    """Show what ARTIFACT was made from, over any number of runs.

    ARTIFACT is an artifact's id (or its first characters), or NAME@VERSION of a registered model;
    NAME alone means its newest version.
    """
    asyncio.run(_show(artifact, down=down, hops=hops, state=state))


async def _show(artifact: str, *, down: bool, hops: int | None, state: Path | None) -> None:
    async with open_reader(load_settings(state=state)) as reader:
        store = reader.metadata
        start = await find_artifact(store, artifact)
        lineage = await (store.downstream if down else store.upstream)(start, max_hops=hops)
    question = f"Everything that was made from {artifact}" if down else f"Everything {artifact} was made from"
    click.echo(report.heading(question))
    click.echo(report.lineage_text(lineage))


async def find_artifact(store: MetadataStore, name: str) -> ArtifactId:
    """The artifact behind an id, its prefix, ``NAME@VERSION`` or ``NAME``.

    Raises:
        NotFoundError: naming the versions or names that exist.
    """
    model, at, version = name.partition("@")
    versions = await store.model_versions("", model)
    if versions:
        if not at:
            return versions[-1].artifact_id
        wanted = version.removeprefix("v")
        for candidate in versions:
            if str(candidate.version) == wanted or version in candidate.aliases:
                return candidate.artifact_id
        known = ", ".join(str(v.version) for v in versions)
        raise NotFoundError(f"model {model!r} has no version {version!r}", hint=f"It has {known}.")
    if at:
        known = ", ".join(await store.model_names("")) or "none yet"
        raise NotFoundError(f"there is no registered model {model!r}", hint=f"Registered models: {known}.")
    return (await store.get_artifact(ArtifactId(name))).id
