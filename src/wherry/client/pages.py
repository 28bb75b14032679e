"""Calls of wherry's own API, which tells more than KFP's: what the pages show, one answer each."""

from __future__ import annotations

from typing import Final, TypeVar

import msgspec

from wherry.api.dialect import Message
from wherry.api.pages.artifacts import ArtifactPage
from wherry.api.pages.lineage import LineageDirection, LineageGraph
from wherry.api.pages.models import ModelPage
from wherry.api.pages.runs import RunPage, RunRows
from wherry.api.pages.tasks import TaskPage
from wherry.client.calls import Calls
from wherry.client.connection import part
from wherry.errors import InfrastructureError

PAGES: Final = "/apis/wherry/v1"

P = TypeVar("P", bound=Message)


class PageCalls(Calls):
    """What the pages of a wherry server show. KFP's own server has none of it: NotFoundError."""

    def list_run_rows(self, page_token: str = "", page_size: int = 20) -> RunRows:
        """A page of runs, newest first, with pipeline, author and metrics."""
        return self._page("/runs", RunRows, page_token=page_token, page_size=page_size)

    def show_run(self, run_id: str) -> RunPage:
        """A run with its tasks, and why each ended as it did."""
        return self._page(f"/runs/{part(run_id)}", RunPage)

    def show_task(self, run_id: str, task_id: str) -> TaskPage:
        """A task with its failure, attempts, inputs and outputs."""
        return self._page(f"/runs/{part(run_id)}/tasks/{part(task_id)}", TaskPage)

    def show_artifact(self, artifact_id: str) -> ArtifactPage:
        """An artifact with the execution that made it and those that read it."""
        return self._page(f"/artifacts/{part(artifact_id)}", ArtifactPage)

    def show_model(self, name: str) -> ModelPage:
        """A registered model with its versions."""
        return self._page(f"/models/{part(name)}", ModelPage)

    def show_lineage(self, artifact_id: str, *, direction: LineageDirection, hops: int | None = None) -> LineageGraph:
        """What an artifact was made from, or what was made from it.

        Args:
            artifact_id: its whole id.
            direction: which way.
            hops: at most so many executions away; default: as the server has it.
        """
        return self._page("/lineage", LineageGraph, artifact=artifact_id, direction=direction.value, hops=hops)

    def _page(self, path: str, kind: type[P], **query: str | int | None) -> P:
        body = self._connection.read(PAGES + path, **query)
        try:
            return msgspec.json.decode(body, type=kind)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise InfrastructureError(
                f"{self._connection.url!r} answers as another version of wherry does: {error}",
                hint="Use the version of wherry that the server has.",
            ) from error
