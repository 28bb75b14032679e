"""Stored specifications and their structure, kept a while: a page that is looked at is looked at again."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from typing import Final

import msgspec

from wherry.api.pages import graphs as api
from wherry.ir.digest import decode_package
from wherry.ir.spec import ContainerSpec, PipelinePackage
from wherry.ir.yaml import write_package
from wherry.server import packages
from wherry.server.call import Call
from wherry.server.presentation.structures import structure

_KEPT: Final = 32
_SMALL: Final = 64 * 1024


class Specification(msgspec.Struct, frozen=True, kw_only=True):
    """A specification that has been read."""

    package: PipelinePackage
    structure: api.Structure
    encoded: bytes


#: By digest, the one used last at the end. A digest names one content for ever.
_kept: OrderedDict[str, Specification] = OrderedDict()


async def specification(call: Call, digest: str) -> Specification:
    """The specification with a digest. Raises NotFoundError."""
    known = _kept.get(digest)
    if known is None:
        encoded = await call.parts.runs.spec(digest)
        if len(encoded) <= _SMALL:
            known = _read(call, encoded)
        else:
            known = await asyncio.to_thread(_read, call, encoded)
        _kept[digest] = known
        if len(_kept) > _KEPT:
            _kept.popitem(last=False)
    _kept.move_to_end(digest)
    return known


async def yaml_of(found: Specification) -> str:
    """The specification as a package file."""
    return await asyncio.to_thread(write_package, found.package)


def wire_spec_of(found: Specification) -> msgspec.Raw:
    """The specification as CreateRun takes it."""
    return packages.wire_spec(found.encoded)


def _read(call: Call, encoded: bytes) -> Specification:
    package = decode_package(encoded)

    def function_of(container: ContainerSpec) -> str:
        code = call.parts.python_code(container)
        return code.function if code is not None else ""

    return Specification(package=package, structure=structure(package, function_of), encoded=encoded)
