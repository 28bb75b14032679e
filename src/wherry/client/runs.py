"""Calls about runs: look at them, follow, wait, stop."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Iterator
from typing import Any, Final

from wherry.api.runs import ListRunsResponse, Run
from wherry.api.status import Empty
from wherry.api.tasks import ListTasksResponse, PipelineTask
from wherry.client.calls import Calls
from wherry.client.connection import API, SECONDS, part
from wherry.client.event_stream import ServerAway, StreamEnded, TaskProgress, frames, notice_of
from wherry.errors import InfrastructureError, InvalidArgumentError, NotFoundError, ServerUnreachableError
from wherry.model.identity import RunId
from wherry.model.runs import RunEvent, RunEventKind

_ALL: Final = f"{API}/runs"
_ENDED: Final = frozenset({"SUCCEEDED", "FAILED", "SKIPPED", "CANCELED", "ERROR"})
_PAGE: Final = 200
_RECONNECT_SECONDS: Final = 0.5
_RECONNECTS: Final = 30


class RunCalls(Calls):
    """Executions of pipelines."""

    def get_run(self, run_id: str) -> Run:
        """One run with its tasks."""
        return self._connection.get(_path(run_id), Run)

    def list_runs(
        self,
        page_token: str = "",
        page_size: int = 10,
        sort_by: str = "",
        experiment_id: str | None = None,
        namespace: str | None = None,
        filter: str | None = None,  # noqa: A002  kfp's name
    ) -> ListRunsResponse:
        """A page of runs, without their tasks.

        Args:
            page_token: ``next_page_token`` of the page before; empty: the first page.
            page_size: at most so many.
            sort_by: such as ``created_at desc``.
            experiment_id: only those of this experiment.
            namespace: for servers with several users.
            filter: KFP's filter, as JSON.
        """
        query: dict[str, Any] = {"page_token": page_token, "page_size": page_size, "sort_by": sort_by}
        return self._connection.get(
            _ALL, ListRunsResponse, experiment_id=experiment_id, namespace=namespace, filter=filter, **query
        )

    def archive_run(self, run_id: str) -> dict[str, Any]:
        """Take a run out of the ordinary lists."""
        self._connection.post(_path(run_id, ":archive"), None, Empty)
        return {}

    def unarchive_run(self, run_id: str) -> dict[str, Any]:
        """Put an archived run back."""
        self._connection.post(_path(run_id, ":unarchive"), None, Empty)
        return {}

    def delete_run(self, run_id: str) -> dict[str, Any]:
        """Delete a run. Its artifacts stay."""
        self._connection.delete(_path(run_id))
        return {}

    def terminate_run(self, run_id: str) -> dict[str, Any]:
        """Cancel a run. Its exit tasks still run; one that has ended stays as it is."""
        self._connection.post(_path(run_id, ":terminate"), None, Empty)
        return {}

    def retry_run(self, run_id: str) -> dict[str, Any]:
        """Run the failed part of an ended run again. kfp's client has no such method; its API has the call."""
        self._connection.post(_path(run_id, ":retry"), None, Empty)
        return {}

    def wait_for_run_completion(self, run_id: str, timeout: float | dt.timedelta, sleep_duration: float = 5) -> Run:
        """The run, once it has ended.

        A wherry server tells when that is; any other is asked again and again.

        Args:
            run_id: the run.
            timeout: seconds, or a timedelta.
            sleep_duration: seconds between two questions, where the server cannot tell.

        Raises:
            TimeoutError: it has not ended by then.
            NotFoundError: there is no such run.
        """
        seconds = timeout.total_seconds() if isinstance(timeout, dt.timedelta) else timeout
        deadline = time.monotonic() + min(seconds, threading.TIMEOUT_MAX)
        run = self.get_run(run_id)
        tells = True
        while run.state.upper() not in _ENDED:
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError(f"run {run_id!r} has not ended within {seconds:g} s; it is {run.state}")
            if tells:
                tells = self._told(run_id, left)
            else:
                threading.Event().wait(min(sleep_duration, left))
            run = self.get_run(run_id)
        return run

    def follow_run(self, run_id: str, *, after: int = 0) -> Iterator[RunEvent | TaskProgress | ServerAway]:
        """What happens to a run, as it happens, until it has ended. Only a wherry server can tell.

        A connection that breaks is made anew, and nothing is missed or told twice: the server goes on behind the
        last event that arrived.

        Args:
            run_id: the run.
            after: number of the last event that is known already; 0: from the run's beginning.

        Raises:
            NotFoundError: there is no such run, or the server does not tell.
            ServerUnreachableError: it went away, and did not come back within 15 seconds.
        """
        misses = 0
        while True:
            try:
                for notice in self._notices(run_id, after, SECONDS):
                    misses = 0
                    if isinstance(notice, StreamEnded):
                        return
                    if isinstance(notice, RunEvent):
                        after = notice.seq
                    yield notice
            except ServerUnreachableError:
                if misses == _RECONNECTS:
                    raise
                if misses == 1:
                    yield ServerAway()
            misses += 1
            threading.Event().wait(_RECONNECT_SECONDS)

    def list_tasks(self, run_id: str) -> tuple[PipelineTask, ...]:
        """Every task of a run, with inputs and outputs. KFP 3.0's call."""
        tasks: list[PipelineTask] = []
        token = ""
        while True:
            page = self._connection.get(_path(run_id, "/tasks"), ListTasksResponse, page_size=_PAGE, page_token=token)
            tasks += page.tasks
            token = page.next_page_token
            if not token:
                return tuple(tasks)

    def get_task_log(self, run_id: str, task_id: str, *, attempt: int | None = None) -> bytes:
        """The log of a task's last attempt, or of the one that ``attempt`` numbers from 1."""
        return self._connection.read(_path(run_id, f"/tasks/{part(task_id)}/log"), attempt=attempt)

    def get_attempt_log(self, run_id: str, attempt_id: str, *, from_byte: int = 0) -> bytes:
        """A part of an attempt's log: what there is behind ``from_byte``, at most 1 MiB. Empty at its end.

        Events of the run tell the ids of attempts.
        """
        path = _path(run_id, f"/attempts/{part(attempt_id)}/log")
        return self._connection.read(path, from_byte=from_byte or None)

    def run_url(self, run_id: str) -> str:
        """The page that shows a run."""
        return f"{self._connection.url}/#/runs/{run_id}"

    def _told(self, run_id: str, seconds: float) -> bool:
        """Wait until the server tells that the run has ended. False: it cannot tell."""
        deadline = time.monotonic() + seconds
        try:
            for notice in self._notices(run_id, 0, min(SECONDS, seconds), kind=RunEventKind.RUN_ENDED):
                if isinstance(notice, StreamEnded) or time.monotonic() > deadline:
                    return True
        except ServerUnreachableError as error:
            # A silence, a server that restarts: the caller looks at the run, and asks again.
            if isinstance(error.__cause__, ConnectionRefusedError):
                raise
        except (NotFoundError, InvalidArgumentError, InfrastructureError):
            return False
        return True

    def _notices(
        self, run_id: str, after: int, seconds: float, *, kind: RunEventKind | None = None
    ) -> Iterator[RunEvent | TaskProgress | StreamEnded]:
        headers = {"accept": "text/event-stream", "last-event-id": str(after)}
        wanted = kind.value if kind is not None else None
        with self._connection.stream(_path(run_id, "/events"), headers=headers, seconds=seconds, kind=wanted) as lines:
            if "text/event-stream" not in (lines.headers.get("content-type") or ""):
                raise NotFoundError(f"{self._connection.url!r} does not tell what happens to runs")
            for frame in frames(lines):
                notice = notice_of(frame, RunId(run_id))
                if notice is not None:
                    yield notice


def _path(run_id: str, rest: str = "") -> str:
    return f"{_ALL}/{part(run_id)}{rest}"
