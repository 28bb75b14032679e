"""``wherry lineage``."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import click

from wherry.api.pages.lineage import LineageDirection
from wherry.cli import report
from wherry.cli.options import host_option, state_option, token_option
from wherry.cli.row_views import lineage_from_rows
from wherry.cli.server_choice import choose
from wherry.cli.server_views import lineage_from_graph
from wherry.cli.views import LineageView
from wherry.client import Client
from wherry.errors import InvalidArgumentError, NotFoundError
from wherry.model.identity import ArtifactId
from wherry.ports import MetadataStore
from wherry.settings import Settings
from wherry.wiring import open_reader

_WHOLE_ID = 36
_SHORTEST = 4
_FAR = 50


@click.command("lineage")
@click.argument("artifact")
@click.option("--down", is_flag=True, help="What was made from it, instead of what it was made from.")
@click.option("--hops", type=click.IntRange(min=1), help="At most so many executions away.")
@host_option
@token_option
@state_option
def command(
    artifact: str,
    down: bool,  # noqa: FBT001  click's way
    hops: int | None,
    host: str | None,
    token: str | None,
    state: Path | None,
) -> None:
    """Show what ARTIFACT was made from, over any number of runs.

    ARTIFACT is an artifact's id (or its first characters), or NAME@VERSION of a registered model;
    NAME alone means its newest version.
    """
    choice = choose(host=host, token=token, state=state)
    if choice.distant is not None:
        lineage = _served(choice.distant, artifact, down=down, hops=hops)
    else:
        lineage = asyncio.run(_recorded(choice.settings, artifact, down=down, hops=hops))
    question = f"Everything that was made from {artifact}" if down else f"Everything {artifact} was made from"
    click.echo(report.heading(question))
    click.echo(report.lineage_table(lineage))


async def _recorded(settings: Settings, artifact: str, *, down: bool, hops: int | None) -> list[LineageView]:
    async with open_reader(settings) as reader:
        store = reader.metadata
        start = await find_artifact(store, artifact)
        return lineage_from_rows(await (store.downstream if down else store.upstream)(start, max_hops=hops))


def _served(client: Client, artifact: str, *, down: bool, hops: int | None) -> list[LineageView]:
    start = _find_served(client, artifact)
    direction = LineageDirection.DOWN if down else LineageDirection.UP
    graph = client.show_lineage(start, direction=direction, hops=min(hops or _FAR, _FAR))
    if graph.truncated and hops is None:
        click.echo("The server leaves out what is further away.", err=True)
    return lineage_from_graph(graph, client.show_artifact(start).producer)


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
        for candidate in versions:
            if _is_version(version, candidate.version, candidate.aliases):
                return candidate.artifact_id
        raise _no_version(model, version, [v.version for v in versions])
    if at:
        known = ", ".join(await store.model_names("")) or "none yet"
        raise NotFoundError(f"there is no registered model {model!r}", hint=f"Registered models: {known}.")
    return (await store.get_artifact(ArtifactId(name))).id


def _find_served(client: Client, name: str) -> str:
    """The same on a server."""
    model, at, version = name.partition("@")
    try:
        versions = client.show_model(model).versions
    except NotFoundError:
        if at:
            raise
        return _whole_id(client, name)
    if not at:
        return versions[0].artifact.id
    for candidate in versions:
        if _is_version(version, candidate.version, candidate.aliases):
            return candidate.artifact.id
    raise _no_version(model, version, [one.version for one in reversed(versions)])


def _whole_id(client: Client, name: str) -> str:
    if len(name) >= _WHOLE_ID:
        return name
    if len(name) < _SHORTEST:
        raise InvalidArgumentError(f"{name!r} is too short to name an artifact", hint="Give at least 4 characters.")
    predicate = {"operation": "IS_SUBSTRING", "key": "artifact_id", "string_value": name}
    page = client.list_artifacts(page_size=200, filter=json.dumps({"predicates": [predicate]}))
    found = [one.artifact_id for one in page.artifacts if one.artifact_id.startswith(name)]
    if not found:
        raise NotFoundError(
            f"{client.host} has no model {name!r}, and no artifact whose id begins so",
            hint="See `wherry runs show RUN`.",
        )
    if len(found) > 1:
        raise InvalidArgumentError(f"{len(found)} artifacts begin with {name!r}", hint="Give more of the id.")
    return found[0]


def _is_version(wanted: str, version: int, aliases: tuple[str, ...] | list[str]) -> bool:
    return str(version) == wanted.removeprefix("v") or wanted in aliases


def _no_version(model: str, version: str, known: list[int]) -> NotFoundError:
    return NotFoundError(
        f"model {model!r} has no version {version!r}", hint=f"It has {', '.join(str(one) for one in known)}."
    )
