"""Registers pipelines and versions: what upload and create have in common."""

from __future__ import annotations

import asyncio
import re
from typing import Final

import msgspec

from wherry.api import pipelines as api
from wherry.errors import InvalidArgumentError
from wherry.model.identity import PipelineId
from wherry.model.pipelines import Pipeline, PipelineUpdate, PipelineVersion
from wherry.ports import NewPipelineVersion
from wherry.server import outbound, packages
from wherry.server.archives import unpack
from wherry.server.call import Call
from wherry.server.package_outline import Outline
from wherry.server.texts import checked_tags, checked_text

_PIPELINE_NAME: Final = 128
_VERSION_NAME: Final = 127
_SUFFIX: Final = re.compile(r"\.(ya?ml|json|zip|tar\.gz|tgz)$")


class Labels(msgspec.Struct, frozen=True, kw_only=True):
    """What a person calls a pipeline or a version."""

    name: str
    display_name: str
    description: str = ""
    tags: dict[str, str] = {}
    code_source_url: str = ""
    package_url: str = ""


def checked_labels(labels: Labels, *, what: str) -> Labels:
    """The labels with the display name filled in. ``what`` is "pipeline" or "version".

    Raises:
        InvalidArgumentError: one is missing or too long.
    """
    name = labels.name or labels.display_name
    if not name:
        raise InvalidArgumentError(f"a {what} needs a name")
    longest = _PIPELINE_NAME if what == "pipeline" else _VERSION_NAME
    return Labels(
        name=checked_text(name, what="name", longest=longest),
        display_name=checked_text(labels.display_name or name, what="display_name", longest=longest),
        description=checked_text(labels.description, what="description"),
        tags=checked_tags(labels.tags),
        code_source_url=checked_text(labels.code_source_url, what="code_source_url", longest=4096),
        package_url=checked_text(labels.package_url, what="package_url", longest=4096),
    )


def labels_of_upload(call: Call, filename: str, *, what: str) -> Labels:
    """The labels that came with an upload: its query, else the name of the file."""
    query = call.query
    stem = _SUFFIX.sub("", filename.replace("\\", "/").rsplit("/", 1)[-1], count=1)
    try:
        tags = msgspec.json.decode(query.get("tags") or "{}", type=dict[str, str])
    except msgspec.MsgspecError as error:
        raise InvalidArgumentError(f"tags is no JSON mapping of texts: {error}") from error
    return checked_labels(
        Labels(
            name=query.get("name") or query.get("display_name") or stem,
            display_name=query.get("display_name", ""),
            description=query.get("description", ""),
            tags=tags,
            code_source_url=query.get("code_source_url", ""),
        ),
        what=what,
    )


def new_pipeline(call: Call, labels: Labels) -> Pipeline:
    """A record for a pipeline that is to be registered now."""
    return Pipeline(
        id=call.parts.ids.pipeline_id(),
        namespace="",
        created_by=call.caller,
        name=labels.name,
        display_name=labels.display_name,
        created_at=call.parts.clock.now(),
        description=labels.description,
        tags=labels.tags,
    )


def new_version(call: Call, pipeline_id: PipelineId, labels: Labels, outline: Outline) -> NewPipelineVersion:
    """A record for a version that is to be registered now."""
    version = PipelineVersion(
        id=call.parts.ids.pipeline_version_id(),
        pipeline_id=pipeline_id,
        created_by=call.caller,
        name=labels.name,
        display_name=labels.display_name,
        created_at=call.parts.clock.now(),
        spec_digest=outline.digest,
        description=labels.description,
        code_source_url=labels.code_source_url,
        package_url=labels.package_url,
        tags=labels.tags,
    )
    return NewPipelineVersion(version=version, spec=outline.encoded)


def version_labels(body: api.PipelineVersion, *, default: str) -> Labels:
    """The labels of a version that comes as a message; ``default`` is its name if it has none."""
    return checked_labels(
        Labels(
            name=body.name or body.display_name or default,
            display_name=body.display_name,
            description=body.description,
            tags=body.tags or {},
            code_source_url=body.code_source_url,
            package_url=body.package_url.pipeline_url if body.package_url is not None else "",
        ),
        what="version",
    )


async def read_spec(call: Call, body: api.PipelineVersion) -> Outline:
    """The specification that a version message holds, or names by URL: then it is fetched.

    Raises:
        InvalidArgumentError, SpecError: it holds none, or what it names is none.
        PermissionDeniedError, TooLargeError, InfrastructureError: see `wherry.server.outbound.fetch`.
    """
    if body.pipeline_spec is not None:
        return await packages.parse(bytes(body.pipeline_spec), source="pipeline_spec")
    url = body.package_url.pipeline_url if body.package_url is not None else ""
    if not url:
        raise InvalidArgumentError("a version needs a pipeline_spec or a package_url")
    limit = call.settings.max_body
    fetched = await outbound.fetch(url, rules=call.settings.outbound, limit=limit)
    content = await asyncio.to_thread(unpack, fetched, source=url[:256], limit=limit)
    return await packages.parse(content, source=url[:256])


def update_of(display_name: str, tags: dict[str, str] | None) -> PipelineUpdate:
    """What a PATCH changes: an empty display name and absent tags change nothing, empty tags clear them."""
    return PipelineUpdate(
        display_name=checked_text(display_name, what="display_name", longest=_PIPELINE_NAME) or None,
        tags=None if tags is None else checked_tags(tags),
    )
