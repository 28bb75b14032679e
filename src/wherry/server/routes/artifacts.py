"""Artifacts and their links to tasks, in the shape of KFP 3.0, and what is in them."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from starlette.responses import FileResponse, Response

from wherry.api import artifacts as api
from wherry.errors import InvalidArgumentError, NotFoundError
from wherry.model.artifacts import Artifact, LinkKind
from wherry.model.identity import ArtifactId, RunId, TaskId
from wherry.server.call import Call
from wherry.server.contents import file_of
from wherry.server.presentation import artifacts as present
from wherry.server.route_table import Permission, Route

_MAX_IDS: Final = 200
_KINDS: Final = {
    "": None,
    "OUTPUT": LinkKind.OUTPUT,
    "TASK_OUTPUT_INPUT": LinkKind.INPUT,
    "COMPONENT_INPUT": LinkKind.INPUT,
}


async def list_artifacts(call: Call, _body: Any) -> api.ListArtifactResponse:
    """KFP 3.0: ListArtifacts."""
    listing = call.listing("artifacts")
    page = await call.parts.metadata.find_artifacts(listing.query)
    return api.ListArtifactResponse(
        artifacts=tuple(present.artifact(one) for one in page.items),
        total_size=page.total_size,
        next_page_token=listing.next_token(page),
    )


async def get_artifact(call: Call, _body: Any) -> api.Artifact:
    """KFP 3.0: GetArtifact."""
    return present.artifact(await _named(call))


async def list_artifact_tasks(call: Call, _body: Any) -> api.ListArtifactTasksResponse:
    """KFP 3.0: ListArtifactTasks. Of the tasks, runs or artifacts that are named: at least one."""
    tasks, runs, artifacts = (_ids(call, name) for name in ("task_ids", "run_ids", "artifact_ids"))
    if not (tasks or runs or artifacts):
        raise InvalidArgumentError("one of task_ids, run_ids and artifact_ids is needed")
    kind = call.query.get("type", "")
    if kind not in _KINDS:
        raise InvalidArgumentError(f"type is '{kind[:64]}'", hint=f"One of {', '.join(filter(None, _KINDS))}.")
    listing = call.listing(f"artifact_tasks/{tasks}/{runs}/{artifacts}/{kind}")
    page = await call.parts.metadata.find_links(
        listing.query,
        task_ids=[TaskId(one) for one in tasks],
        run_ids=[RunId(one) for one in runs],
        artifact_ids=[ArtifactId(one) for one in artifacts],
        kind=_KINDS[kind],
    )
    return api.ListArtifactTasksResponse(
        artifact_tasks=tuple(present.link(one) for one in page.items),
        total_size=page.total_size,
        next_page_token=listing.next_token(page),
    )


async def download(call: Call, _body: Any) -> Response:
    """The bytes of an artifact, as an attachment: a browser shows and runs nothing of it."""
    artifact = await _named(call)
    path = await asyncio.to_thread(file_of, artifact, call.parts.artifact_root)
    return FileResponse(
        path,
        media_type="application/octet-stream",
        filename=path.name,
        content_disposition_type="attachment",
        headers={"x-content-type-options": "nosniff", "content-security-policy": "sandbox; default-src 'none'"},
    )


async def _named(call: Call) -> Artifact:
    artifact_id = call.path["artifact_id"]
    found = await call.parts.metadata.get_artifact(ArtifactId(artifact_id))
    if found.id != artifact_id:
        raise NotFoundError(f"there is no artifact '{artifact_id[:64]}'")
    return found


def _ids(call: Call, name: str) -> list[str]:
    given = [one for text in call.request.query_params.getlist(name) for one in text.split(",") if one]
    if len(given) > _MAX_IDS:
        raise InvalidArgumentError(f"{name} has {len(given)} ids; at most {_MAX_IDS} are taken")
    return given


_ALL: Final = "/apis/v2beta1/artifacts"
_PAGE: Final = ("page_token", "page_size", "sort_by", "filter")

ROUTES = (
    Route(
        method="GET",
        path=_ALL,
        operation="list_artifacts",
        handler=list_artifacts,
        permission=Permission.READ,
        response=api.ListArtifactResponse,
        query=("namespace", *_PAGE),
        summary="List artifacts.",
    ),
    Route(
        method="GET",
        path=_ALL + "/{artifact_id}",
        operation="get_artifact",
        handler=get_artifact,
        permission=Permission.READ,
        response=api.Artifact,
        summary="One artifact.",
    ),
    Route(
        method="GET",
        path=_ALL + "/{artifact_id}/download",
        operation="download_artifact",
        handler=download,
        permission=Permission.READ,
        media=("application/octet-stream",),
        summary="The bytes of an artifact that is a file.",
    ),
    Route(
        method="GET",
        path="/apis/v2beta1/artifact_tasks",
        operation="list_artifact_tasks",
        handler=list_artifact_tasks,
        permission=Permission.READ,
        response=api.ListArtifactTasksResponse,
        query=("task_ids", "run_ids", "artifact_ids", "type", *_PAGE),
        summary="List which tasks read or made which artifacts.",
    ),
)
