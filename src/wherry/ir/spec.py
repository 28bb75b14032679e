"""PipelineSpec and PlatformSpec as frozen values.

One struct per message of KFP's ``pipeline_spec.proto`` (package ``ml_pipelines``), with the JSON names and the
presence rules of protojson: an unset field is absent, an empty message is ``{}``. Deprecated fields that kfp 2.17
never writes are left out; a spec that carries one is refused by name.

A ``Json`` value is anything JSON can hold; `msgspec.UNSET` marks the difference between "absent" and ``null`` where
the IR makes one.
"""

from __future__ import annotations

import enum
from typing import Any, TypeAlias

import msgspec
from msgspec import UNSET, UnsetType

Json: TypeAlias = Any
"""None, bool, int, float, str, list[Json] or dict[str, Json]. mypy cannot follow the recursion through msgspec."""


class _Message(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel", forbid_unknown_fields=True
):
    """What all messages share: frozen, camelCase on the wire, unknown fields refused with their path."""


class ParameterType(enum.Enum):
    """``ParameterType.ParameterTypeEnum``: what kind of value a parameter holds."""

    PARAMETER_TYPE_ENUM_UNSPECIFIED = "PARAMETER_TYPE_ENUM_UNSPECIFIED"
    NUMBER_DOUBLE = "NUMBER_DOUBLE"
    NUMBER_INTEGER = "NUMBER_INTEGER"
    STRING = "STRING"
    BOOLEAN = "BOOLEAN"
    LIST = "LIST"
    STRUCT = "STRUCT"
    TASK_FINAL_STATUS = "TASK_FINAL_STATUS"
    TASK_CONFIG = "TASK_CONFIG"


class TriggerStrategy(enum.Enum):
    """``TriggerPolicy.TriggerStrategy``: what a task waits for."""

    TRIGGER_STRATEGY_UNSPECIFIED = "TRIGGER_STRATEGY_UNSPECIFIED"
    ALL_UPSTREAM_TASKS_SUCCEEDED = "ALL_UPSTREAM_TASKS_SUCCEEDED"
    ALL_UPSTREAM_TASKS_COMPLETED = "ALL_UPSTREAM_TASKS_COMPLETED"


class TaskConfigPassthroughField(enum.Enum):
    """``TaskConfigPassthroughTypeEnum``: a part of the pod's configuration handed to an external workload."""

    NONE = "NONE"
    RESOURCES = "RESOURCES"
    ENV = "ENV"
    KUBERNETES_AFFINITY = "KUBERNETES_AFFINITY"
    KUBERNETES_TOLERATIONS = "KUBERNETES_TOLERATIONS"
    KUBERNETES_NODE_SELECTOR = "KUBERNETES_NODE_SELECTOR"
    KUBERNETES_VOLUMES = "KUBERNETES_VOLUMES"


# -- types and values -------------------------------------------------------------------------------------------------


class ArtifactTypeSchema(_Message, frozen=True, kw_only=True):
    """Type of an artifact: ``schema_title`` such as ``system.Dataset``, with its version."""

    schema_title: str | None = None
    instance_schema: str | None = None
    schema_version: str | None = None


class ValueOrRuntimeParameter(_Message, frozen=True, kw_only=True):
    """A constant, or the name of an input of the enclosing component. Exactly one is set."""

    constant: Json | UnsetType = UNSET
    runtime_parameter: str | None = None


# -- component interfaces ---------------------------------------------------------------------------------------------


class InputArtifactSpec(_Message, frozen=True, kw_only=True):
    """``ComponentInputsSpec.ArtifactSpec``."""

    artifact_type: ArtifactTypeSchema | None = None
    is_artifact_list: bool = False
    is_optional: bool = False
    description: str = ""


class InputParameterSpec(_Message, frozen=True, kw_only=True):
    """``ComponentInputsSpec.ParameterSpec``. A default makes an input optional; an optional one may have none."""

    parameter_type: ParameterType = ParameterType.PARAMETER_TYPE_ENUM_UNSPECIFIED
    default_value: Json | UnsetType = UNSET
    is_optional: bool = False
    description: str = ""
    literals: tuple[Json, ...] = ()


class ComponentInputsSpec(_Message, frozen=True, kw_only=True):
    """Declared inputs of a component, by name."""

    artifacts: dict[str, InputArtifactSpec] = {}
    parameters: dict[str, InputParameterSpec] = {}


class OutputArtifactSpec(_Message, frozen=True, kw_only=True):
    """``ComponentOutputsSpec.ArtifactSpec``."""

    artifact_type: ArtifactTypeSchema | None = None
    metadata: dict[str, Json] | None = None
    is_artifact_list: bool = False
    description: str = ""


class OutputParameterSpec(_Message, frozen=True, kw_only=True):
    """``ComponentOutputsSpec.ParameterSpec``."""

    parameter_type: ParameterType = ParameterType.PARAMETER_TYPE_ENUM_UNSPECIFIED
    description: str = ""


class ComponentOutputsSpec(_Message, frozen=True, kw_only=True):
    """Declared outputs of a component, by name."""

    artifacts: dict[str, OutputArtifactSpec] = {}
    parameters: dict[str, OutputParameterSpec] = {}


# -- tasks ------------------------------------------------------------------------------------------------------------


class TaskOutputParameterSpec(_Message, frozen=True, kw_only=True):
    """Output parameter of another task of the same DAG."""

    producer_task: str
    output_parameter_key: str


class TaskFinalStatusSpec(_Message, frozen=True, kw_only=True):
    """Asks for the PipelineTaskFinalStatus of an upstream task."""

    producer_task: str


class TaskInputParameterSpec(_Message, frozen=True, kw_only=True):
    """``TaskInputsSpec.InputParameterSpec``: where a parameter comes from. Exactly one source is set."""

    task_output_parameter: TaskOutputParameterSpec | None = None
    runtime_value: ValueOrRuntimeParameter | None = None
    component_input_parameter: str | None = None
    task_final_status: TaskFinalStatusSpec | None = None
    parameter_expression_selector: str = ""
    """CEL over the resolved value, whose text is ``string_value``. Empty: the value itself."""


class TaskOutputArtifactSpec(_Message, frozen=True, kw_only=True):
    """Output artifact of another task of the same DAG."""

    producer_task: str
    output_artifact_key: str


class TaskInputArtifactSpec(_Message, frozen=True, kw_only=True):
    """``TaskInputsSpec.InputArtifactSpec``: where an artifact comes from. Exactly one source is set."""

    task_output_artifact: TaskOutputArtifactSpec | None = None
    component_input_artifact: str | None = None


class TaskInputsSpec(_Message, frozen=True, kw_only=True):
    """Sources of a task's inputs, by the component's input name."""

    parameters: dict[str, TaskInputParameterSpec] = {}
    artifacts: dict[str, TaskInputArtifactSpec] = {}


class PipelineTaskInfo(_Message, frozen=True, kw_only=True):
    """Display name of a task."""

    name: str = ""


class CachingOptions(_Message, frozen=True, kw_only=True):
    """Whether a task may be reused; ``cache_key`` replaces the computed fingerprint."""

    enable_cache: bool = False
    cache_key: str = ""


class ComponentRef(_Message, frozen=True, kw_only=True):
    """Names a component of the spec."""

    name: str


class TriggerPolicy(_Message, frozen=True, kw_only=True):
    """When a task starts: a CEL condition over its resolved inputs, and what it waits for."""

    condition: str = ""
    strategy: TriggerStrategy = TriggerStrategy.TRIGGER_STRATEGY_UNSPECIFIED


class RetryPolicy(_Message, frozen=True, kw_only=True):
    """``PipelineTaskSpec.RetryPolicy``. Durations are protojson durations: seconds with an ``s``, such as ``1.5s``."""

    max_retry_count: int = 0
    backoff_duration: str | None = None
    backoff_factor: float = 0.0
    backoff_max_duration: str | None = None


class IteratorPolicy(_Message, frozen=True, kw_only=True):
    """At most ``parallelism_limit`` iterations at once; 0 means no limit."""

    parallelism_limit: int = 0


class ArtifactItemsSpec(_Message, frozen=True, kw_only=True):
    """``ArtifactIteratorSpec.ItemsSpec``."""

    input_artifact: str


class ArtifactIteratorSpec(_Message, frozen=True, kw_only=True):
    """Iterates over a list of artifacts."""

    items: ArtifactItemsSpec
    item_input: str


class ParameterItemsSpec(_Message, frozen=True, kw_only=True):
    """``ParameterIteratorSpec.ItemsSpec``: a JSON list as text, or an input that holds one. Exactly one is set."""

    raw: str | None = None
    input_parameter: str | None = None


class ParameterIteratorSpec(_Message, frozen=True, kw_only=True):
    """Iterates over a list of values."""

    items: ParameterItemsSpec
    item_input: str


class PipelineTaskSpec(_Message, frozen=True, kw_only=True):
    """A component placed in a DAG."""

    component_ref: ComponentRef
    task_info: PipelineTaskInfo | None = None
    inputs: TaskInputsSpec | None = None
    dependent_tasks: tuple[str, ...] = ()
    caching_options: CachingOptions | None = None
    trigger_policy: TriggerPolicy | None = None
    artifact_iterator: ArtifactIteratorSpec | None = None
    parameter_iterator: ParameterIteratorSpec | None = None
    retry_policy: RetryPolicy | None = None
    iterator_policy: IteratorPolicy | None = None


# -- DAGs -------------------------------------------------------------------------------------------------------------


class ArtifactSelectorSpec(_Message, frozen=True, kw_only=True):
    """An artifact output of a task inside the DAG."""

    producer_subtask: str
    output_artifact_key: str


class DagOutputArtifactSpec(_Message, frozen=True, kw_only=True):
    """One selector names the source; several mean the first whose task has outputs (``dsl.OneOf``)."""

    artifact_selectors: tuple[ArtifactSelectorSpec, ...] = ()


class ParameterSelectorSpec(_Message, frozen=True, kw_only=True):
    """A parameter output of a task inside the DAG."""

    producer_subtask: str
    output_parameter_key: str


class ParameterSelectorsSpec(_Message, frozen=True, kw_only=True):
    """The first whose task has outputs (``dsl.OneOf``)."""

    parameter_selectors: tuple[ParameterSelectorSpec, ...] = ()


class DagOutputParameterSpec(_Message, frozen=True, kw_only=True):
    """Where a DAG's output parameter comes from. Exactly one is set."""

    value_from_parameter: ParameterSelectorSpec | None = None
    value_from_oneof: ParameterSelectorsSpec | None = None


class DagOutputsSpec(_Message, frozen=True, kw_only=True):
    """Outputs of a DAG, by name."""

    artifacts: dict[str, DagOutputArtifactSpec] = {}
    parameters: dict[str, DagOutputParameterSpec] = {}


class DagSpec(_Message, frozen=True, kw_only=True):
    """Tasks by name, and what leaves the DAG."""

    tasks: dict[str, PipelineTaskSpec] = {}
    outputs: DagOutputsSpec | None = None


class TaskConfigPassthrough(_Message, frozen=True, kw_only=True):
    """One part of the pod's configuration that a TaskConfig input receives."""

    field: TaskConfigPassthroughField = TaskConfigPassthroughField.NONE
    apply_to_task: bool = False


# -- executors --------------------------------------------------------------------------------------------------------


class EnvVar(_Message, frozen=True, kw_only=True):
    """An environment variable of a container; both texts may hold placeholders."""

    name: str
    value: str = ""


class AcceleratorConfig(_Message, frozen=True, kw_only=True):
    """Accelerators of a container. ``type`` and ``count`` are the older spelling of the two others."""

    type: str = ""
    count: str = ""
    resource_type: str = ""
    resource_count: str = ""


class ResourceSpec(_Message, frozen=True, kw_only=True):
    """Limits and requests. The numeric fields are the older spelling: cores, and units of 10^9 bytes."""

    cpu_limit: float = 0.0
    memory_limit: float = 0.0
    cpu_request: float = 0.0
    memory_request: float = 0.0
    resource_cpu_limit: str = ""
    resource_memory_limit: str = ""
    resource_cpu_request: str = ""
    resource_memory_request: str = ""
    accelerator: AcceleratorConfig | None = None


class PreCacheCheck(_Message, frozen=True, kw_only=True):
    """``Lifecycle.Exec``."""

    command: tuple[str, ...] = ()
    args: tuple[str, ...] = ()


class Lifecycle(_Message, frozen=True, kw_only=True):
    """Hooks of a container."""

    pre_cache_check: PreCacheCheck | None = None


class ContainerSpec(_Message, frozen=True, kw_only=True):
    """``PipelineDeploymentConfig.PipelineContainerSpec``: an image and what runs in it."""

    image: str = ""
    command: tuple[str, ...] = ()
    args: tuple[str, ...] = ()
    lifecycle: Lifecycle | None = None
    resources: ResourceSpec | None = None
    env: tuple[EnvVar, ...] = ()


class ImporterSpec(_Message, frozen=True, kw_only=True):
    """``PipelineDeploymentConfig.ImporterSpec``: names an artifact that already exists somewhere."""

    artifact_uri: ValueOrRuntimeParameter
    type_schema: ArtifactTypeSchema
    reimport: bool = False
    metadata: dict[str, Json] | None = None
    download_to_workspace: bool = False


class ExecutorSpec(_Message, frozen=True, kw_only=True):
    """How a component's work is done. Exactly one is set; KFP's resolver and customJob are refused."""

    container: ContainerSpec | None = None
    importer: ImporterSpec | None = None


class DeploymentSpec(_Message, frozen=True, kw_only=True):
    """``PipelineDeploymentConfig``: executors by label."""

    executors: dict[str, ExecutorSpec] = {}


class SinglePlatformSpec(_Message, frozen=True, kw_only=True):
    """Settings for one platform: per executor, and for the whole pipeline."""

    deployment_spec: PlatformDeploymentConfig | None = None
    platform: str = ""
    config: dict[str, Json] | None = None
    pipeline_config: PipelineConfig | None = None


class ComponentSpec(_Message, frozen=True, kw_only=True):
    """A component's interface and its implementation: a DAG or the label of an executor. Exactly one is set."""

    input_definitions: ComponentInputsSpec | None = None
    output_definitions: ComponentOutputsSpec | None = None
    dag: DagSpec | None = None
    executor_label: str | None = None
    single_platform_specs: tuple[SinglePlatformSpec, ...] = ()
    task_config_passthroughs: tuple[TaskConfigPassthrough, ...] = ()


class PipelineInfo(_Message, frozen=True, kw_only=True):
    """Name and texts of a pipeline."""

    name: str = ""
    display_name: str = ""
    description: str = ""


class PipelineSpec(_Message, frozen=True, kw_only=True):
    """A compiled pipeline: the first document of a package file."""

    pipeline_info: PipelineInfo
    root: ComponentSpec
    schema_version: str
    sdk_version: str = ""
    deployment_spec: DeploymentSpec = DeploymentSpec()
    components: dict[str, ComponentSpec] = {}
    default_pipeline_root: str = ""


# -- platform ---------------------------------------------------------------------------------------------------------


class PlatformDeploymentConfig(_Message, frozen=True, kw_only=True):
    """Per executor label, the platform's own message as plain JSON (for kubernetes: KubernetesExecutorConfig)."""

    executors: dict[str, dict[str, Json]] = {}


class KubernetesWorkspaceConfig(_Message, frozen=True, kw_only=True):
    """Patch of the workspace's volume claim."""

    pvc_spec_patch: dict[str, Json] | None = None


class WorkspaceConfig(_Message, frozen=True, kw_only=True):
    """A volume that all tasks of a run share; ``size`` is a Kubernetes quantity such as ``10Gi``."""

    size: str = ""
    kubernetes: KubernetesWorkspaceConfig | None = None


class PipelineConfig(_Message, frozen=True, kw_only=True):
    """Settings of a whole pipeline. All times in seconds; 0 means none."""

    resource_ttl_on_completion: int = 0
    workspace: WorkspaceConfig | None = None
    resource_ttl_on_success: int = 0
    resource_ttl_on_failure: int = 0
    active_deadline_seconds: int = 0


class PlatformSpec(_Message, frozen=True, kw_only=True):
    """The optional second document of a package file: settings by platform name."""

    platforms: dict[str, SinglePlatformSpec] = {}


class PipelinePackage(msgspec.Struct, frozen=True, kw_only=True):
    """What one package file holds: the spec, and platform settings if it has any."""

    spec: PipelineSpec
    platform: PlatformSpec | None = None
