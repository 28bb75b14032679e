"""Calls that start runs."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from wherry.api.runs import PipelineVersionReference, Run, RuntimeConfig
from wherry.client import packages
from wherry.client.connection import API
from wherry.client.experiments import ExperimentCalls
from wherry.client.result import RunPipelineResult
from wherry.client.runs import RunCalls
from wherry.errors import InvalidArgumentError
from wherry.ir.spec import CachingOptions, PipelinePackage

_ALL: Final = f"{API}/runs"
_NAME_LENGTH: Final = 128
_TIME_LENGTH: Final = 20


@dataclass(frozen=True)
class Source:
    """What a run is made of: a specification, or a registered version."""

    spec: msgspec.Raw | None = None
    reference: PipelineVersionReference | None = None


class SubmissionCalls(RunCalls, ExperimentCalls):
    """Starting runs."""

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
        name = run_name or f"{pipeline[: _NAME_LENGTH - _TIME_LENGTH]} {time.strftime('%Y-%m-%d %H-%M-%S')}"
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
