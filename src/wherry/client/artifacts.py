"""Calls about artifacts, in the shape of KFP 3.0."""

from __future__ import annotations

from typing import Any, Final

from wherry.api.artifacts import Artifact, ListArtifactResponse
from wherry.client.calls import Calls
from wherry.client.connection import API, part

_ALL: Final = f"{API}/artifacts"


class ArtifactCalls(Calls):
    """Data that tasks put out. kfp's client has no such methods; KFP 3.0's API has the calls."""

    def list_artifacts(
        self,
        page_token: str = "",
        page_size: int = 10,
        sort_by: str = "",
        filter: str | None = None,  # noqa: A002  as in the other lists
    ) -> ListArtifactResponse:
        """A page of artifacts. Parameters as those of `list_experiments`."""
        query: dict[str, Any] = {"page_token": page_token, "page_size": page_size, "sort_by": sort_by}
        return self._connection.get(_ALL, ListArtifactResponse, filter=filter, **query)

    def get_artifact(self, artifact_id: str) -> Artifact:
        """One artifact."""
        return self._connection.get(f"{_ALL}/{part(artifact_id)}", Artifact)

    def download_artifact(self, artifact_id: str) -> bytes:
        """The bytes of an artifact that is a file on the server's machine."""
        return self._connection.read(f"{_ALL}/{part(artifact_id)}/download")
