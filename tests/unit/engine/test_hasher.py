from __future__ import annotations

import queue

from wherry.engine.hasher import Hasher
from wherry.errors import ObjectStoreError
from wherry.model.identity import ArtifactId


def test_digests_come_in_order_and_content_that_cannot_be_read_has_none() -> None:
    told: queue.Queue[tuple[ArtifactId, str | None]] = queue.Queue()

    def digest(uri: str) -> str:
        if uri == "/gone":
            raise ObjectStoreError("gone")
        return f"sha256:{uri}"

    hasher = Hasher(digest, lambda artifact, found: told.put((artifact, found)))
    for uri in ("/a", "/gone", "/b"):
        hasher.add(ArtifactId(uri), uri)

    found = [told.get(timeout=10) for _ in range(3)]
    hasher.stop()
    assert found == [("/a", "sha256:/a"), ("/gone", None), ("/b", "sha256:/b")]
