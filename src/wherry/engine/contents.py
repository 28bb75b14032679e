"""Looks at what lies in the object store, off the loop."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from wherry.errors import ObjectStoreError
from wherry.ports import ObjectStore, StoredContent

_T = TypeVar("_T")


class Contents:
    """Asks an object store about many URIs in one go, in a thread. Asks nothing, and changes no thread, for none.

    Args:
        objects: the object store.
    """

    def __init__(self, objects: ObjectStore) -> None:
        self._objects = objects

    async def look_at(self, uris: Sequence[str]) -> Mapping[str, StoredContent | None]:
        """What lies at each URI; None also where no look is possible: an importer may name anything."""
        return await _off_loop(self._look_at, uris)

    async def seal(self, uris: Sequence[str]) -> Mapping[str, StoredContent | str | None]:
        """Seal what lies at each URI. A text says why one could not be."""
        return await _off_loop(self._seal, uris)

    def _look_at(self, uris: Sequence[str]) -> dict[str, StoredContent | None]:
        found: dict[str, StoredContent | None] = {}
        for uri in uris:
            found[uri] = None
            with contextlib.suppress(ObjectStoreError, ValueError, OSError):
                found[uri] = self._objects.stat(uri)
        return found

    def _seal(self, uris: Sequence[str]) -> dict[str, StoredContent | str | None]:
        sealed: dict[str, StoredContent | str | None] = {}
        for uri in uris:
            try:
                sealed[uri] = self._objects.seal(uri)
            except ObjectStoreError as error:
                sealed[uri] = error.message
        return sealed


async def _off_loop(ask: Callable[[Sequence[str]], dict[str, _T]], uris: Sequence[str]) -> dict[str, _T]:
    return await asyncio.to_thread(ask, uris) if uris else {}
