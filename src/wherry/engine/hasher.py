"""Digests artifacts in one thread of low priority, off every task's path."""

from __future__ import annotations

import contextlib
import os
import queue
import threading
from collections.abc import Callable

from wherry.errors import WherryError
from wherry.model.identity import ArtifactId

_NICENESS = 10

_GRACE = 0.02
"""Seconds before the first of several: what waits for the artifact starts on a processor, and a cache, of its own."""


class Hasher:
    """One thread that digests what it is given, in order.

    Args:
        digest: `ObjectStore.digest`.
        done: told of each digest, in the hasher's thread; None if the content could not be read.
    """

    def __init__(self, digest: Callable[[str], str], done: Callable[[ArtifactId, str | None], None]) -> None:
        self._digest = digest
        self._done = done
        self._queue: queue.SimpleQueue[tuple[ArtifactId, str] | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._stopping = threading.Event()

    def add(self, artifact_id: ArtifactId, uri: str) -> None:
        """Digest what lies at ``uri``, some time. The thread starts with the first one."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="wherry-hasher", daemon=True)
            self._thread.start()
        self._queue.put((artifact_id, uri))

    def stop(self) -> None:
        """Stop after the one at hand; the rest stays without a digest."""
        self._stopping.set()
        self._queue.put(None)

    def _run(self) -> None:
        with contextlib.suppress(OSError, AttributeError):
            # On Linux a thread has a priority of its own. Tasks need the cores more than we do.
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)
        while (item := self._next()) is not None and not self._stopping.is_set():
            artifact_id, uri = item
            try:
                found: str | None = self._digest(uri)
            except (WherryError, OSError):
                found = None
            self._done(artifact_id, found)

    def _next(self) -> tuple[ArtifactId, str] | None:
        if not self._queue.empty():
            return self._queue.get()
        item = self._queue.get()
        self._stopping.wait(_GRACE)
        return item
