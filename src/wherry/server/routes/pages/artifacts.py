"""Artifacts and lineage."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, Final

from starlette.responses import Response

from wherry.api.pages import artifacts as api
from wherry.api.pages import lineage as lineage_api
from wherry.errors import FailedPreconditionError, InvalidArgumentError, NotFoundError, WherryError
from wherry.model.artifacts import Artifact
from wherry.model.identity import ArtifactId, RunId
from wherry.server import contents
from wherry.server.call import Call
from wherry.server.presentation import artifact_pages, previews
from wherry.server.route_table import Parameter, Permission, Route
from wherry.server.routes.pages import queries

_MAX_VIEW: Final = 16 * 1024 * 1024
_NODES: Final = 1000
_MAX_HOPS: Final = 50
#: A document of a task's making runs nothing, loads nothing and reaches nothing, wherever it is opened.
_VIEW_CSP: Final = (
    "default-src 'none'; img-src data:; media-src data:; font-src data:; style-src 'unsafe-inline'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
#: With its own scripts it still has no origin: neither cookies nor the API nor the network are theirs.
_WITHOUT_SCRIPTS: Final = f"sandbox; {_VIEW_CSP}"
_WITH_SCRIPTS: Final = f"sandbox allow-scripts; script-src 'unsafe-inline' 'unsafe-eval' data: blob:; {_VIEW_CSP}"


async def show_artifact(call: Call, _body: Any) -> api.ArtifactPage:
    """The page of an artifact."""
    view = await call.parts.pages.artifact_view(ArtifactId(call.path["artifact_id"]))
    can_download = await asyncio.to_thread(_is_file, view.artifact, call.parts.artifact_root)
    return artifact_pages.page(view, can_download=can_download)


async def show_preview(call: Call, _body: Any) -> api.ArtifactPreview:
    """What can be shown of an artifact."""
    artifact = await _named(call)
    content = await asyncio.to_thread(preview, artifact, call.parts.artifact_root, limit=previews.LIMIT)
    return api.ArtifactPreview(artifact_id=artifact.id, name=artifact.name, type=artifact.type, content=content)


async def view_artifact(call: Call, _body: Any) -> Response:
    """An HTML document for a sandboxed frame, or an image."""
    artifact = await _named(call)
    head, media_type = await asyncio.to_thread(_viewed, artifact, call.parts.artifact_root)
    headers = {
        "content-security-policy": _WITH_SCRIPTS if call.flag("scripts") else _WITHOUT_SCRIPTS,
        "x-content-type-options": "nosniff",
        "x-frame-options": "SAMEORIGIN",
        "cross-origin-resource-policy": "same-origin",
        "referrer-policy": "no-referrer",
    }
    return Response(head, media_type=media_type, headers=headers)


async def show_lineage(call: Call, _body: Any) -> lineage_api.LineageGraph:
    """What something was made from and what was made from it."""
    focus, of_run = await _focus(call)
    direction = queries.choice(call, "direction", lineage_api.LineageDirection, lineage_api.LineageDirection.BOTH)
    view = await call.parts.pages.lineage_view(
        focus,
        of_run=of_run,
        upstream=direction is not lineage_api.LineageDirection.DOWN,
        downstream=direction is not lineage_api.LineageDirection.UP,
        hops=queries.whole(call, "hops", default=10, least=1, most=_MAX_HOPS),
        limit=_NODES,
    )
    return artifact_pages.lineage(view)


def preview(artifact: Artifact, root: Path, *, limit: int) -> api.Preview:
    """What can be shown of an artifact. Blocking."""
    if artifact_pages.likely_kind(artifact) in previews.FROM_METADATA:
        return previews.of_metadata(artifact)
    try:
        place = contents.place_of(artifact, root)
        if place.is_dir():
            files, truncated = contents.files_below(place)
            return previews.of_folder(files, truncated=truncated)
        return previews.of_bytes(artifact, *contents.beginning(place, limit=limit))
    except WherryError as error:
        return api.NoPreview(reason=error.message)
    except OSError as error:
        return api.NoPreview(reason=f"artifact '{artifact.name}' cannot be read: {error.strerror or error}")


def _viewed(artifact: Artifact, root: Path) -> tuple[bytes, str]:
    head, size = contents.beginning(contents.file_of(artifact, root), limit=_MAX_VIEW)
    if size > len(head):
        raise FailedPreconditionError(
            f"artifact '{artifact.name}' is too large to be shown ({size:,} bytes)", hint="Download it."
        )
    media_type = previews.image_type(head)
    if media_type is None and artifact_pages.likely_kind(artifact) is not api.PreviewKind.HTML:
        raise FailedPreconditionError(f"artifact '{artifact.name}' is neither HTML nor an image")
    return head, media_type or "text/html; charset=utf-8"


def _is_file(artifact: Artifact, root: Path) -> bool:
    try:
        contents.file_of(artifact, root)
    except WherryError:
        return False
    return True


async def _named(call: Call) -> Artifact:
    artifact_id = ArtifactId(call.path["artifact_id"])
    found = (await call.parts.runs.artifacts((artifact_id,))).get(artifact_id)
    if found is None:
        raise NotFoundError(f"there is no artifact '{artifact_id[:64]}'")
    return found


async def _focus(call: Call) -> tuple[ArtifactId | RunId, bool]:
    artifact, run, model = (call.query.get(name, "") for name in ("artifact", "run", "model"))
    if sum(map(bool, (artifact, run, model))) != 1:
        raise InvalidArgumentError("one of artifact, run and model is needed", hint="Such as artifact=ID.")
    if run:
        return RunId(run), True
    if artifact:
        return ArtifactId(artifact), False
    version = queries.whole(call, "version", default=0, least=0, most=1 << 31)
    versions = await call.parts.metadata.model_versions("", model)
    found = [one for one in versions if not version or one.version == version]
    if not found:
        raise NotFoundError(f"there is no model '{model[:64]}'" + (f" with version {version}" if version else ""))
    return found[-1].artifact_id, False


_ONE: Final = queries.BASE + "/artifacts/{artifact_id}"

ROUTES = (
    Route(
        method="GET",
        path=_ONE,
        operation="pages_show_artifact",
        handler=show_artifact,
        permission=Permission.READ,
        response=api.ArtifactPage,
        summary="The page of an artifact.",
    ),
    Route(
        method="GET",
        path=_ONE + "/preview",
        operation="pages_preview_artifact",
        handler=show_preview,
        permission=Permission.READ,
        response=api.ArtifactPreview,
        summary="What can be shown of an artifact.",
    ),
    Route(
        method="GET",
        path=_ONE + "/view",
        operation="pages_view_artifact",
        handler=view_artifact,
        permission=Permission.READ,
        media=("text/html", "image/png", "image/jpeg", "image/gif", "image/webp"),
        query=(
            Parameter(
                name="scripts",
                description="Whether scripts written into the document may run. They reach nothing but the document.",
                schema={"type": "boolean", "default": False},
            ),
        ),
        summary="An HTML document for a sandboxed frame, or an image. It has no origin wherever it is opened.",
    ),
    Route(
        method="GET",
        path=queries.BASE + "/lineage",
        operation="pages_show_lineage",
        handler=show_lineage,
        permission=Permission.READ,
        response=lineage_api.LineageGraph,
        query=(
            Parameter(
                name="artifact", description="Id of an artifact. One of `artifact`, `run` and `model` is needed."
            ),
            Parameter(name="run", description="Id of a run: all that its tasks put out."),
            Parameter(name="model", description="Name of a model."),
            Parameter(
                name="version",
                description="Version of the model; the newest unless given.",
                schema={"type": "integer", "minimum": 1},
            ),
            Parameter(
                name="direction",
                description="Which way to follow.",
                schema={"type": "string", "enum": ["up", "down", "both"], "default": "both"},
            ),
            Parameter(
                name="hops",
                description="Executions away at most.",
                schema={"type": "integer", "minimum": 1, "maximum": _MAX_HOPS, "default": 10},
            ),
        ),
        summary="What something was made from and what was made from it, over runs.",
    ),
)
