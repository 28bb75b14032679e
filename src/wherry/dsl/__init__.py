"""What authors import: the surface of ``kfp.dsl``.

Decorators make components and pipelines; calling a pipeline function once traces it into a frozen `graph.Graph`, all
that the compiler sees. Standard library only, and quick to import: it must not know the compiler, the service or any
third-party package; where it has to call up, it does through `hooks`. Artifact classes and annotations are those of
``wherry.runtime``: the very code that runs in a task. Start reading at `graph`.
"""

from __future__ import annotations

from wherry.dsl.channels import Collected, OneOf
from wherry.dsl.container_placeholders import ConcatPlaceholder, ContainerSpec, IfPresentPlaceholder
from wherry.dsl.control_flow import Condition, Elif, Else, ExitHandler, If, ParallelFor
from wherry.dsl.decorators import component, container_component
from wherry.dsl.importers import importer
from wherry.dsl.pipeline_config import KubernetesWorkspaceConfig, PipelineConfig, WorkspaceConfig
from wherry.dsl.pipelines import pipeline
from wherry.dsl.task_config import TaskConfigField, TaskConfigPassthrough
from wherry.dsl.tasks import PipelineTask
from wherry.runtime.annotations import EmbeddedInput as EmbeddedInput
from wherry.runtime.annotations import Input, InputPath, Output, OutputPath
from wherry.runtime.artifacts import (
    HTML,
    Artifact,
    ClassificationMetrics,
    Dataset,
    Markdown,
    Metrics,
    Model,
    SlicedClassificationMetrics,
)
from wherry.runtime.final_status import PipelineTaskFinalStatus
from wherry.runtime.placeholders import (
    PIPELINE_JOB_CREATE_TIME_UTC_PLACEHOLDER,
    PIPELINE_JOB_ID_PLACEHOLDER,
    PIPELINE_JOB_NAME_PLACEHOLDER,
    PIPELINE_JOB_RESOURCE_NAME_PLACEHOLDER,
    PIPELINE_JOB_SCHEDULE_TIME_UTC_PLACEHOLDER,
    PIPELINE_ROOT_PLACEHOLDER,
    PIPELINE_TASK_EXECUTOR_INPUT_PLACEHOLDER,
    PIPELINE_TASK_EXECUTOR_OUTPUT_PATH_PLACEHOLDER,
    PIPELINE_TASK_ID_PLACEHOLDER,
    PIPELINE_TASK_NAME_PLACEHOLDER,
    WORKSPACE_PATH_PLACEHOLDER,
)
from wherry.runtime.task_config import TaskConfig
from wherry.runtime.uris import get_uri

__all__ = [
    "HTML",
    "PIPELINE_JOB_CREATE_TIME_UTC_PLACEHOLDER",
    "PIPELINE_JOB_ID_PLACEHOLDER",
    "PIPELINE_JOB_NAME_PLACEHOLDER",
    "PIPELINE_JOB_RESOURCE_NAME_PLACEHOLDER",
    "PIPELINE_JOB_SCHEDULE_TIME_UTC_PLACEHOLDER",
    "PIPELINE_ROOT_PLACEHOLDER",
    "PIPELINE_TASK_EXECUTOR_INPUT_PLACEHOLDER",
    "PIPELINE_TASK_EXECUTOR_OUTPUT_PATH_PLACEHOLDER",
    "PIPELINE_TASK_ID_PLACEHOLDER",
    "PIPELINE_TASK_NAME_PLACEHOLDER",
    "WORKSPACE_PATH_PLACEHOLDER",
    "Artifact",
    "ClassificationMetrics",
    "Collected",
    "ConcatPlaceholder",
    "Condition",
    "ContainerSpec",
    "Dataset",
    "Elif",
    "Else",
    "ExitHandler",
    "If",
    "IfPresentPlaceholder",
    "Input",
    "InputPath",
    "KubernetesWorkspaceConfig",
    "Markdown",
    "Metrics",
    "Model",
    "OneOf",
    "Output",
    "OutputPath",
    "ParallelFor",
    "PipelineConfig",
    "PipelineTask",
    "PipelineTaskFinalStatus",
    "SlicedClassificationMetrics",
    "TaskConfig",
    "TaskConfigField",
    "TaskConfigPassthrough",
    "WorkspaceConfig",
    "component",
    "container_component",
    "get_uri",
    "importer",
    "pipeline",
]
