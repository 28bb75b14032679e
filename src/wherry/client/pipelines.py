"""Calls about pipelines and their versions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from wherry.api.pipelines import ListPipelinesResponse, ListPipelineVersionsResponse, Pipeline, PipelineVersion
from wherry.client import packages
from wherry.client.calls import Calls
from wherry.client.connection import API, name_filter, part
from wherry.compiler import package_text
from wherry.errors import InvalidArgumentError, NotFoundError

_ALL = f"{API}/pipelines"


class PipelineCalls(Calls):
    """Registered pipelines."""

    def list_pipelines(
        self,
        page_token: str = "",
        page_size: int = 10,
        sort_by: str = "",
        filter: str | None = None,  # noqa: A002  kfp's name
        namespace: str | None = None,
    ) -> ListPipelinesResponse:
        """A page of pipelines. Parameters as those of `list_experiments`."""
        query: dict[str, Any] = {"page_token": page_token, "page_size": page_size, "sort_by": sort_by}
        return self._connection.get(_ALL, ListPipelinesResponse, namespace=namespace, filter=filter, **query)

    def get_pipeline(self, pipeline_id: str) -> Pipeline:
        """One pipeline."""
        return self._connection.get(f"{_ALL}/{part(pipeline_id)}", Pipeline)

    def get_pipeline_id(self, name: str) -> str | None:
        """The id of the pipeline of that display name; None if there is none.

        Raises:
            InvalidArgumentError: the name is not unique.
        """
        found = self.list_pipelines(page_size=2, filter=name_filter(name)).pipelines
        if len(found) > 1:
            raise InvalidArgumentError(f"several pipelines are named {name!r}", hint="Look for it in list_pipelines.")
        return found[0].pipeline_id if found else None

    def delete_pipeline(self, pipeline_id: str) -> dict[str, Any]:
        """Delete a pipeline. One that has versions is refused by the server."""
        self._connection.delete(f"{_ALL}/{part(pipeline_id)}")
        return {}

    def upload_pipeline(
        self,
        pipeline_package_path: str,
        pipeline_name: str | None = None,
        description: str | None = None,
        namespace: str | None = None,
    ) -> Pipeline:
        """Register a pipeline with a first version.

        Args:
            pipeline_package_path: a compiled pipeline: .yaml, or one in a .zip or .tar.gz.
            pipeline_name: display name; default: the name in the package.
            description: for people.
            namespace: for servers with several users.

        Raises:
            AlreadyExistsError: the name is taken.
        """
        if pipeline_name is None:
            pipeline_name = packages.read_package_file(pipeline_package_path).spec.pipeline_info.name
        content = packages.read_file(pipeline_package_path)
        return self._uploaded(content, Path(pipeline_package_path).name, pipeline_name, description, namespace)

    def upload_pipeline_from_pipeline_func(
        self,
        pipeline_func: Any,
        pipeline_name: str | None = None,
        description: str | None = None,
        namespace: str | None = None,
    ) -> Pipeline:
        """Compile a pipeline and register it. Parameters as those of `upload_pipeline`."""
        package = packages.package_of(pipeline_func)
        name = pipeline_name or package.spec.pipeline_info.name
        return self._uploaded(package_text(package).encode(), "pipeline.yaml", name, description, namespace)

    def upload_pipeline_version(
        self,
        pipeline_package_path: str,
        pipeline_version_name: str,
        pipeline_id: str | None = None,
        pipeline_name: str | None = None,
        description: str | None = None,
    ) -> PipelineVersion:
        """Register a version of a pipeline, which is named by id or by name.

        Raises:
            InvalidArgumentError: both were given, or neither.
            NotFoundError: there is no such pipeline.
        """
        content = packages.read_file(pipeline_package_path)
        wanted = self._pipeline_wanted(pipeline_id, pipeline_name)
        return self._uploaded_version(
            content, Path(pipeline_package_path).name, wanted, pipeline_version_name, description
        )

    def upload_pipeline_version_from_pipeline_func(
        self,
        pipeline_func: Any,
        pipeline_version_name: str,
        pipeline_id: str | None = None,
        pipeline_name: str | None = None,
        description: str | None = None,
    ) -> PipelineVersion:
        """Compile a pipeline and register it as a version. Parameters as those of `upload_pipeline_version`."""
        content = package_text(packages.package_of(pipeline_func)).encode()
        wanted = self._pipeline_wanted(pipeline_id, pipeline_name)
        return self._uploaded_version(content, "pipeline.yaml", wanted, pipeline_version_name, description)

    def list_pipeline_versions(
        self,
        pipeline_id: str,
        page_token: str = "",
        page_size: int = 10,
        sort_by: str = "",
        filter: str | None = None,  # noqa: A002  kfp's name
    ) -> ListPipelineVersionsResponse:
        """A page of a pipeline's versions. Parameters as those of `list_experiments`."""
        query: dict[str, Any] = {"page_token": page_token, "page_size": page_size, "sort_by": sort_by}
        path = f"{_ALL}/{part(pipeline_id)}/versions"
        return self._connection.get(path, ListPipelineVersionsResponse, filter=filter, **query)

    def get_pipeline_version(self, pipeline_id: str, pipeline_version_id: str) -> PipelineVersion:
        """One version, with its specification."""
        return self._connection.get(_version_path(pipeline_id, pipeline_version_id), PipelineVersion)

    def delete_pipeline_version(self, pipeline_id: str, pipeline_version_id: str) -> dict[str, Any]:
        """Delete a version. Runs that were created from it stay."""
        self._connection.delete(_version_path(pipeline_id, pipeline_version_id))
        return {}

    def _pipeline_wanted(self, pipeline_id: str | None, pipeline_name: str | None) -> str:
        if bool(pipeline_id) == bool(pipeline_name):
            raise InvalidArgumentError("Either pipeline_id or pipeline_name is required.")
        found = pipeline_id or self.get_pipeline_id(pipeline_name or "")
        if found is None:
            raise NotFoundError(f"there is no pipeline named {pipeline_name!r}", hint="Upload it first.")
        return found

    def _uploaded(
        self, content: bytes, file_name: str, name: str, description: str | None, namespace: str | None
    ) -> Pipeline:
        made = self._connection.upload(
            f"{_ALL}/upload", file_name, content, Pipeline, name=name, description=description, namespace=namespace
        )
        self._say("Pipeline details", f"{self._connection.url}/#/pipelines/{made.pipeline_id}")
        return made

    def _uploaded_version(
        self, content: bytes, file_name: str, pipeline_id: str, name: str, description: str | None
    ) -> PipelineVersion:
        made = self._connection.upload(
            f"{_ALL}/upload_version",
            file_name,
            content,
            PipelineVersion,
            name=name,
            pipelineid=pipeline_id,
            description=description,
        )
        self._say("Pipeline details", f"{self._connection.url}/#/pipelines/{made.pipeline_id}")
        return made


def _version_path(pipeline_id: str, pipeline_version_id: str) -> str:
    return f"{_ALL}/{part(pipeline_id)}/versions/{part(pipeline_version_id)}"
