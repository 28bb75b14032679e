"""Specifications that come from outside: read and checked, in a thread, and large ones in a process of their own.

The event loop is never held up by one, and what a hostile text can do to the parser it does to that process.
"""

from __future__ import annotations

import asyncio
from typing import Final

import msgspec

from wherry.errors import SpecError
from wherry.ir.spec import ComponentInputsSpec, ComponentSpec, DagSpec, PipelineInfo, PipelinePackage, PipelineSpec
from wherry.server.children import run_child
from wherry.server.package_outline import Outline, Refused, outline_of, read_package

SMALL: Final = 256 * 1024
"""Bytes that are read in this process: up to 0.4 s of a thread that gives way every 5 ms."""
_TINY: Final = 8 * 1024
"""Bytes that are read at once, if they have no aliases: 10 ms whatever they are, and a thread costs a wake-up."""
_AT_ONCE: Final = 2
"""Threads that read specifications: each may hold the loop up for those 5 ms."""

_threads = asyncio.Semaphore(_AT_ONCE)


async def parse(text: bytes, *, source: str) -> Outline:
    """Read and check a package file.

    Args:
        text: YAML or JSON.
        source: what it is called in errors.

    Raises:
        SpecError: it is none, or breaks a rule; the place is named.
        InvalidArgumentError: reading it took more time or memory than is given to one.
    """
    if len(text) <= _TINY and (b"*" not in text or b"&" not in text):
        return read_package(text, source=source)
    if len(text) <= SMALL:
        async with _threads:
            return await asyncio.to_thread(read_package, text, source=source)
    answer = await run_child("wherry.server.package_outline", source, text, what=f"'{source}'")
    found = msgspec.msgpack.decode(answer, type=Outline | Refused)
    if isinstance(found, Refused):
        raise SpecError(found.message, hint=found.hint)
    return found


class _Root(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    input_definitions: ComponentInputsSpec | None = None


class _SpecHead(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    pipeline_info: PipelineInfo
    root: _Root
    schema_version: str
    default_pipeline_root: str = ""


class _PackageHead(msgspec.Struct, frozen=True, kw_only=True):
    spec: _SpecHead


def outline_of_stored(encoded: bytes) -> Outline:
    """The outline of a specification that has been stored. Only its head is looked into: it may have many tasks."""
    head = msgspec.json.decode(encoded, type=_PackageHead).spec
    root = ComponentSpec(input_definitions=head.root.input_definitions, dag=DagSpec())
    spec = PipelineSpec(
        pipeline_info=head.pipeline_info,
        root=root,
        schema_version=head.schema_version,
        default_pipeline_root=head.default_pipeline_root,
    )
    return outline_of(PipelinePackage(spec=spec), encoded)


def inputs_only(outline: Outline) -> PipelineSpec:
    """A PipelineSpec that has the interface of the pipeline and nothing of its inside."""
    return msgspec.json.decode(outline.interface, type=PipelineSpec)


_Documents = dict[str, msgspec.Raw]


def wire_spec(encoded: bytes) -> msgspec.Raw:
    """A stored specification as the API sends it: the spec itself, or wrapped if it has platform settings."""
    documents = msgspec.json.decode(encoded, type=_Documents)
    platform = documents.get("platform")
    if platform is None or bytes(platform) == b"null":
        return documents["spec"].copy()
    return msgspec.Raw(msgspec.json.encode({"pipeline_spec": documents["spec"], "platform_spec": platform}))
