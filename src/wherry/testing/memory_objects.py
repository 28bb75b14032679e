"""An object store in memory."""

from __future__ import annotations

import hashlib
import posixpath

from wherry.errors import InvalidArgumentError, ObjectStoreError
from wherry.model.identity import Micros
from wherry.objectstore.paths import safe_part
from wherry.ports import Clock, StoredContent
from wherry.testing.clock import FakeClock


class MemoryObjectStore:
    """`wherry.ports.ObjectStore` for tests. Files are put there by `put`; a directory is what lies below its name."""

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or FakeClock()
        self._files: dict[str, tuple[bytes, Micros]] = {}
        self._sealed: set[str] = set()

    def put(self, uri: str, content: bytes) -> None:
        """Write a file, as a task would. Raises ObjectStoreError if it belongs to a sealed artifact."""
        if any(uri == sealed or uri.startswith(f"{sealed}/") for sealed in self._sealed):
            raise ObjectStoreError(f"artifact '{uri}': Permission denied")
        self._files[uri] = (content, self._clock.now())

    def uri(self, root: str, *parts: str) -> str:
        """The URI of an output below a pipeline root."""
        if not root.startswith("/") or "\0" in root:
            raise InvalidArgumentError(f"the pipeline root '{root}' is no absolute path")
        if not parts:
            raise InvalidArgumentError(f"an artifact below '{root}' needs a name")
        return posixpath.join(posixpath.normpath(root), *map(safe_part, parts))

    def seal(self, uri: str) -> StoredContent | None:
        """Refuse later writes; None if nothing is there."""
        found = self.stat(uri)
        if found is not None:
            self._sealed.add(uri)
        return found

    def stat(self, uri: str) -> StoredContent | None:
        """What is there now; None if nothing is."""
        found = self._below(uri)
        if not found:
            return None
        return StoredContent(sum(len(content) for content, _ in found.values()), max(at for _, at in found.values()))

    def digest(self, uri: str) -> str:
        """``sha256:<hex>`` of the content."""
        if uri in self._files:
            return f"sha256:{hashlib.sha256(self._files[uri][0]).hexdigest()}"
        found = self._below(uri)
        if not found:
            raise ObjectStoreError(f"artifact '{uri}': No such file or directory")
        whole = hashlib.sha256()
        for name, (content, _) in sorted(found.items()):
            relative = name.removeprefix(f"{uri}/").encode()
            whole.update(len(relative).to_bytes(8, "big") + relative + hashlib.sha256(content).digest())
        return f"sha256:{whole.hexdigest()}"

    def read(self, uri: str, *, limit: int) -> bytes:
        """The first ``limit`` bytes of a file."""
        if uri not in self._files:
            raise ObjectStoreError(f"artifact '{uri}': No such file or directory")
        return self._files[uri][0][:limit]

    def _below(self, uri: str) -> dict[str, tuple[bytes, Micros]]:
        return {name: file for name, file in self._files.items() if name == uri or name.startswith(f"{uri}/")}
