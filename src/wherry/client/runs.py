"""Calls about runs: start, look at, follow, stop."""

from __future__ import annotations

import datetime as dt
import secrets
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from wherry.api.runs import ListRunsResponse, PipelineVersionReference, Run, RuntimeConfig
from wherry.api.status import Empty
from wherry.api.tasks import ListTasksResponse, PipelineTask
from wherry.client import packages
from wherry.client.connection import API, SECONDS, part
from wherry.client.event_stream import ServerAway, StreamEnded, TaskProgress, frames, notice_of
from wherry.client.experiments import ExperimentCalls
from wherry.client.result import RunPipelineResult
from wherry.errors import InfrastructureError, InvalidArgumentError, NotFoundError, ServerUnreachableError
from wherry.ir.spec import CachingOptions, PipelinePackage
from wherry.model.identity import RunId
from wherry.model.runs import RunEvent

_ALL: Final = f"{API}/runs"
_ENDED: Final = frozenset({"SUCCEEDED", "FAILED", "SKIPPED", "CANCELED", "ERROR"})
_PAGE: Final = 200
_RECONNECT_SECONDS: Final = 0.5
_RECONNECTS: Final = 30
_NAME_LENGTH: Final = 128


@dataclass(frozen=True)
class Source:
    """What a run is made of: a specification, or a registered version."""

    spec: msgspec.Raw | None = None
    reference: PipelineVersionReference | None = None


class RunCalls(ExperimentCalls):
    """Executions of pipelines."""

    def create_run_from_pipeline_func(
        self,
        pipeline_func: Any,
        arguments: dict[str, Any] | None = None,
        run_name: str | None = None,
        experiment_name: str | None = None,
        namespace: str | None = None,
        pipeline_root: str | None = None,
        enable_caching: bool | None = None,  # noqa: FBT001  kfp's signature
        cache_key: str | None = None,
        service_account: str | None = None,
        experiment_id: str | None = None,
    ) -> RunPipelineResult:
        """Compile a pipeline and start a run of it.

        Args:
            pipeline_func: a pipeline or component of `wherry.dsl`; one of kfp's is compiled by kfp.
            arguments: by parameter name; the others have their defaults.
            run_name: display name; default: the pipeline's name and the time.
            experiment_name: created if need be. Default: ``Default``. Not together with ``experiment_id``.
            namespace: for servers with several users.
            pipeline_root: where artifacts go; default: as the server sees fit.
            enable_caching: whether tasks may be reused, for all of them; default: as compiled.
            cache_key: instead of the tasks' own fingerprints. Needs ``enable_caching``.
            service_account: for clusters.
            experiment_id: instead of the name.
        """
        return self._create_run(
            packages.package_of(pipeline_func),
            arguments,
            run_name,
            experiment_name=experiment_name,
            namespace=namespace,
            pipeline_root=pipeline_root,
            enable_caching=enable_caching,
            cache_key=cache_key,
            service_account=service_account,
            experiment_id=experiment_id,
        )

    def create_run_from_pipeline_package(
        self,
        pipeline_file: str,
        arguments: dict[str, Any] | None = None,
        run_name: str | None = None,
        experiment_name: str | None = None,
        namespace: str | None = None,
        pipeline_root: str | None = None,
        enable_caching: bool | None = None,  # noqa: FBT001  kfp's signature
        cache_key: str | None = None,
        service_account: str | None = None,
        experiment_id: str | None = None,
    ) -> RunPipelineResult:
        """Start a run of a compiled pipeline: a .yaml file, or one in a .zip or .tar.gz.

        The other parameters are those of `create_run_from_pipeline_func`.
        """
        return self._create_run(
            packages.read_package_file(pipeline_file),
            arguments,
            run_name,
            experiment_name=experiment_name,
            namespace=namespace,
            pipeline_root=pipeline_root,
            enable_caching=enable_caching,
            cache_key=cache_key,
            service_account=service_account,
            experiment_id=experiment_id,
        )

    def run_pipeline(
        self,
        experiment_id: str,
        job_name: str,
        pipeline_package_path: str | None = None,
        params: dict[str, Any] | None = None,
        pipeline_id: str | None = None,
        version_id: str | None = None,
        pipeline_root: str | None = None,
        enable_caching: bool | None = None,  # noqa: FBT001  kfp's signature
        cache_key: str | None = None,
        service_account: str | None = None,
    ) -> Run:
        """Start a run in an experiment.

        Args:
            experiment_id: where it belongs.
            job_name: the run's display name.
            pipeline_package_path: a compiled pipeline; or else
            params: arguments by parameter name.
            pipeline_id: a registered pipeline, with
            version_id: its version. Both are needed, as in kfp.
            pipeline_root: where artifacts go.
            enable_caching: for all tasks; default: as compiled. Works on packages, not on registered versions.
            cache_key: instead of the tasks' own fingerprints. Needs ``enable_caching``.
            service_account: for clusters.

        Raises:
            InvalidArgumentError: not exactly one of package and ids was given.
        """
        source = self._source(
            pipeline_package_path, pipeline_id, version_id, enable_caching=enable_caching, cache_key=cache_key
        )
        run = self._post_run(
            source,
            display_name=job_name,
            experiment_id=experiment_id,
            params=params,
            pipeline_root=pipeline_root,
            service_account=service_account,
        )
        self._say("Run details", self.run_url(run.run_id))
        return run

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

    def submit(
        self,
        package: PipelinePackage,
        arguments: dict[str, Any] | None = None,
        *,
        run_name: str | None = None,
        enable_caching: bool | None = None,
    ) -> Run:
        """Start a run of a compiled pipeline that is at hand, without a word.

        Args:
            package: what to run.
            arguments: by parameter name.
            run_name: display name; default: the pipeline's.
            enable_caching: for all tasks; default: as compiled.

        Returns:
            The run as it was recorded, in the experiment that settings name, else in the default one.
        """
        info = package.spec.pipeline_info
        name = self._settings.override_experiment or self._settings.default_experiment
        return self._post_run(
            _source_of(package, enable_caching=enable_caching, cache_key=None),
            display_name=run_name or info.display_name or info.name,
            experiment_id=self.create_experiment(name).experiment_id if name else "",
            params=arguments,
            pipeline_root=None,
            service_account=None,
        )

    def run_url(self, run_id: str) -> str:
        """The page that shows a run."""
        return f"{self._connection.url}/#/runs/{run_id}"

    # -- ----------------------------------------------------------------------------------------------------------

    def _told(self, run_id: str, seconds: float) -> bool:
        """Wait until the server tells that the run has ended. False: it cannot tell."""
        deadline = time.monotonic() + seconds
        try:
            for notice in self._notices(run_id, 0, min(SECONDS, seconds)):
                if isinstance(notice, StreamEnded) or time.monotonic() > deadline:
                    return True
        except ServerUnreachableError as error:
            # A silence, a server that restarts: the caller looks at the run, and asks again.
            if isinstance(error.__cause__, ConnectionRefusedError):
                raise
        except (NotFoundError, InvalidArgumentError, InfrastructureError):
            return False
        return True

    def _notices(self, run_id: str, after: int, seconds: float) -> Iterator[RunEvent | TaskProgress | StreamEnded]:
        headers = {"accept": "text/event-stream", "last-event-id": str(after)}
        with self._connection.stream(_path(run_id, "/events"), headers=headers, seconds=seconds) as lines:
            if "text/event-stream" not in (lines.headers.get("content-type") or ""):
                raise NotFoundError(f"{self._connection.url!r} does not tell what happens to runs")
            for frame in frames(lines):
                notice = notice_of(frame, RunId(run_id))
                if notice is not None:
                    yield notice

    def _create_run(
        self,
        package: PipelinePackage,
        arguments: dict[str, Any] | None,
        run_name: str | None,
        *,
        experiment_name: str | None,
        namespace: str | None,
        pipeline_root: str | None,
        enable_caching: bool | None,
        cache_key: str | None,
        service_account: str | None,
        experiment_id: str | None,
    ) -> RunPipelineResult:
        if experiment_name is not None and experiment_id is not None:
            raise InvalidArgumentError("You cannot specify both experiment_name and experiment_id.")
        if experiment_id is None:
            name = self._settings.override_experiment or experiment_name or self._settings.default_experiment
            experiment_id = self.create_experiment(name or "Default", namespace=namespace).experiment_id
        pipeline = package.spec.pipeline_info.name
        name = run_name or f"{pipeline[: _NAME_LENGTH - 20]} {time.strftime('%Y-%m-%d %H-%M-%S')}"
        run = self._post_run(
            _source_of(package, enable_caching=enable_caching, cache_key=cache_key),
            display_name=name,
            experiment_id=experiment_id,
            params=arguments,
            pipeline_root=pipeline_root,
            service_account=service_account,
        )
        self._say("Run details", self.run_url(run.run_id))
        return RunPipelineResult(self, run)

    def _source(
        self,
        package_path: str | None,
        pipeline_id: str | None,
        version_id: str | None,
        *,
        enable_caching: bool | None,
        cache_key: str | None,
    ) -> Source:
        if (package_path is not None) == (pipeline_id is not None or version_id is not None):
            raise InvalidArgumentError("Either pipeline_package_path, or pipeline_id and version_id, are required.")
        if package_path is not None:
            package = packages.read_package_file(package_path)
            return _source_of(package, enable_caching=enable_caching, cache_key=cache_key)
        if pipeline_id is None or version_id is None:
            raise InvalidArgumentError("A run of a registered pipeline needs both pipeline_id and version_id.")
        return Source(reference=PipelineVersionReference(pipeline_id=pipeline_id, pipeline_version_id=version_id))

    def _runtime_config(self, params: dict[str, Any] | None, pipeline_root: str | None) -> RuntimeConfig:
        return RuntimeConfig(parameters=params or {}, pipeline_root=pipeline_root or "")

    def _post_run(
        self,
        source: Source,
        *,
        display_name: str,
        experiment_id: str,
        params: dict[str, Any] | None,
        pipeline_root: str | None,
        service_account: str | None,
    ) -> Run:
        body = Run(
            experiment_id=experiment_id,
            display_name=display_name,
            pipeline_spec=source.spec,
            pipeline_version_reference=source.reference,
            runtime_config=self._runtime_config(params, pipeline_root),
            service_account=service_account or "",
        )
        return self._connection.post(_ALL, body, Run, key=secrets.token_hex(16))


def _source_of(package: PipelinePackage, *, enable_caching: bool | None, cache_key: str | None) -> Source:
    if enable_caching is not None:
        options = CachingOptions(enable_cache=enable_caching, cache_key=cache_key or "")
        package = packages.with_caching(package, options)
    return Source(spec=packages.message_of(package))


def _path(run_id: str, rest: str = "") -> str:
    return f"{_ALL}/{part(run_id)}{rest}"
