"""Stored specifications and their structure, kept a while: a page that is looked at is looked at again."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Final, TypeAlias

import msgspec

from wherry.api.pages import graphs as api
from wherry.ir.digest import decode_package
from wherry.ir.spec import ContainerSpec, PipelinePackage
from wherry.ir.yaml import write_package
from wherry.server import packages
from wherry.server.presentation.structures import structure
from wherry.server.python_code import PythonCodeOf

_KEPT: Final = 200
_KEPT_BYTES: Final = 16 * 1024 * 1024
"""Of specifications as they are stored; read, they take several times as much."""
_SMALL: Final = 64 * 1024

ReadSpec: TypeAlias = Callable[[str], Awaitable[bytes]]
"""Digest to the stored specification. Raises NotFoundError."""


class Specification(msgspec.Struct, frozen=True, kw_only=True):
    """A specification that has been read."""

    package: PipelinePackage
    structure: api.Structure
    encoded: bytes

    async def as_yaml(self) -> str:
        """As a package file."""
        return await asyncio.to_thread(write_package, self.package)

    def on_the_wire(self) -> msgspec.Raw:
        """As CreateRun takes it."""
        return packages.wire_spec(self.encoded)


class Specifications:
    """Reads specifications, and keeps those that were used last.

    Args:
        read: finds a stored one.
        python_code: recognises lightweight components.
    """

    def __init__(self, read: ReadSpec, python_code: PythonCodeOf) -> None:
        self._stored = read
        self._python_code = python_code
        # By digest, which names one content for ever; the one used last at the end.
        self._kept: OrderedDict[str, Specification] = OrderedDict()

    async def get(self, digest: str) -> Specification:
        """The specification with a digest. Raises NotFoundError."""
        known = self._kept.get(digest)
        if known is None:
            encoded = await self._stored(digest)
            small = len(encoded) <= _SMALL
            known = self._read(encoded) if small else await asyncio.to_thread(self._read, encoded)
            self._kept[digest] = known
            self._make_room()
        self._kept.move_to_end(digest)
        return known

    def _make_room(self) -> None:
        while len(self._kept) > 1 and (
            len(self._kept) > _KEPT or sum(len(one.encoded) for one in self._kept.values()) > _KEPT_BYTES
        ):
            self._kept.popitem(last=False)

    def _read(self, encoded: bytes) -> Specification:
        package = decode_package(encoded)
        return Specification(package=package, structure=structure(package, self._function_of), encoded=encoded)

    def _function_of(self, container: ContainerSpec) -> str:
        code = self._python_code(container)
        return code.function if code is not None else ""
