"""A component placed in a pipeline, while its settings may still change."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Mapping
from typing import Any

from wherry.dsl import graph, tracing
from wherry.dsl.channels import Channel, channel_for, literal_of, source_of
from wherry.dsl.durations import seconds
from wherry.dsl.graph import Argument, ComponentDefinition, Container, Literal, Resources, Retry, Source, TaskOutput
from wherry.dsl.value_types import (
    ArtifactType,
    Kind,
    ParameterType,
    ValueType,
    can_connect,
    type_of_constant,
)
from wherry.errors import AuthoringError, ComponentSignatureError, IncompatibleTypeError, PipelineTopologyError
from wherry.runtime.artifacts import Artifact

_CPU = re.compile(r"([0-9]*[.])?[0-9]+m?")
_MEMORY = re.compile(r"[0-9]+(E|Ei|P|Pi|T|Ti|G|Gi|M|Mi|K|Ki)?")


class LocalTaskError(AuthoringError, RuntimeError):
    """A setting was made on a task that has already run, outside a pipeline."""


class PipelineTask:
    """A task of a pipeline: a component and its arguments.

    Made by calling a component; not to be constructed otherwise. Setters return the task, so that calls chain.
    Outside a pipeline the component has run when the call returns: then ``output`` and ``outputs`` are real values.
    """

    def __init__(
        self,
        component: ComponentDefinition,
        arguments: Mapping[str, Any],
        *,
        results: Mapping[str, Any] | None = None,
        enable_caching: bool = True,
    ) -> None:
        self._component = component
        self._inputs = dict(arguments)
        self._settings = graph.TaskSettings(enable_caching=enable_caching)
        self._after: list[str] = []
        self._extra: dict[Source, None] = {}
        self.platform_config: dict[str, dict[str, Any]] = {}
        self.is_exit_handler = False
        self._results = results
        if results is not None:
            self.name = component.name
            self._arguments: dict[str, Argument] = {}
            return
        trace = tracing.required(f"Component '{component.name}'")
        self._references = trace.references
        self._arguments = {name: self._checked(name, value) for name, value in arguments.items()}
        self.name = trace.claim_task_name(component.name)
        trace.add_task(self)

    # -- what it takes and makes ---------------------------------------------------------------------------------

    @property
    def inputs(self) -> dict[str, Any]:
        """The arguments, as they were passed."""
        return self._inputs

    @property
    def outputs(self) -> Mapping[str, Any]:
        """Outputs by name: channels in a pipeline, values and artifacts once it has run."""
        if self._results is not None:
            return self._results
        return {
            name: channel_for(TaskOutput(self.name, name, spec.type))
            for name, spec in self._component.interface.outputs.items()
        }

    @property
    def output(self) -> Any:
        """The only output.

        Raises:
            AttributeError: The component has none, or several.
        """
        outputs = self.outputs
        if len(outputs) != 1:
            names = ", ".join(f"'{name}'" for name in outputs) or "none"
            raise AttributeError(
                f"Task '{self.name}' has {len(outputs)} outputs ({names}), not one. Use task.outputs['name']."
            )
        return next(iter(outputs.values()))

    @property
    def dependent_tasks(self) -> list[str]:
        """Names of what this task waits for by `after`."""
        self._must_not_have_run("dependent_tasks")
        return self._after

    @property
    def channel_inputs(self) -> list[Channel]:
        """All values that it takes from elsewhere in the pipeline."""
        return [channel_for(source) for source in self._sources()]

    def register_pipeline_channels(self, pipeline_channels: Iterable[Any]) -> None:
        """Make the task wait for values that stand in its platform settings."""
        self._extra |= {source_of(channel): None for channel in pipeline_channels}

    def freeze(self) -> graph.Task:
        """The task as the compiler sees it."""
        arguments = dict(self._arguments)
        if self._settings.resources is not None:
            arguments |= {name: value for name, value in self._settings.resources.items() if _refers(value)}
        if self._settings.image is not None and _refers(self._settings.image):
            arguments["base_image"] = self._settings.image
        platform = {name: dict(config) for name, config in self.platform_config.items()}
        return graph.Task(
            name=self.name,
            component=self._component,
            arguments=arguments,
            settings=self._settings.changed(platform=platform) if platform else self._settings,
            after=tuple(self._after),
            extra_sources=tuple(self._extra),
        )

    # -- settings ------------------------------------------------------------------------------------------------

    def set_caching_options(self, enable_caching: bool, cache_key: str | None = None) -> PipelineTask:  # noqa: FBT001  kfp's signature
        """Allow or forbid that results of an earlier run are reused; ``cache_key`` replaces the computed key."""
        self._must_not_have_run("set_caching_options()")
        return self._set(enable_caching=enable_caching, cache_key=cache_key or "")

    def set_retry(
        self,
        num_retries: int,
        backoff_duration: str | None = None,
        backoff_factor: float | None = None,
        backoff_max_duration: str | None = None,
    ) -> PipelineTask:
        """Try again after a failure.

        Args:
            num_retries: How often.
            backoff_duration: Wait before the first retry, such as ``"30s"`` or ``"2 minutes"``. Default: ``"0s"``.
            backoff_factor: What the wait grows by. Default: 2.
            backoff_max_duration: Longest wait. Default: ``"3600s"``.

        Raises:
            AuthoringError: A duration cannot be read.
        """
        self._must_not_have_run("set_retry()")
        retry = Retry(
            max_retry_count=num_retries or 0,
            backoff_duration=seconds(backoff_duration or "0s"),
            backoff_factor=backoff_factor or 2.0,
            backoff_max_duration=seconds(backoff_max_duration or "3600s"),
        )
        return self._set(retry=retry)

    def set_display_name(self, name: str) -> PipelineTask:
        """Set the name that people see."""
        if self._has_run("set_display_name()"):
            return self
        return self._set(display_name=name)

    def set_env_variable(self, name: str, value: str) -> PipelineTask:
        """Set an environment variable of the task's container.

        Raises:
            AuthoringError: ``value`` is no text.
        """
        self._must_not_have_run("set_env_variable()")
        self._must_be_one_step("set_env_variable()")
        if not isinstance(value, str):
            raise ComponentSignatureError(
                f"Environment variable '{name}' of task '{self.name}' is {value!r}; expected a str.",
                hint="Pass the value as an input of the component instead, if another task makes it.",
            )
        return self._set(env={**self._settings.env, name: value})

    def set_debug_pause(self, before: bool = False, after: bool = True, on_error: bool = False) -> PipelineTask:  # noqa: FBT001, FBT002  kfp's signature
        """Keep the task's pod alive, for a look inside. Argo Workflows reads this; elsewhere it has no effect.

        Args:
            before: Pause before the task's process starts.
            after: Pause when it has ended.
            on_error: Pause only when it has failed. Needs ``after``.

        Raises:
            PipelineTopologyError: The three contradict each other.
        """
        if on_error and not after:
            raise PipelineTopologyError(
                "'on_error' pauses after the task, but 'after' is False.", hint="Set after=True."
            )
        if not before and not after:
            raise PipelineTopologyError("Neither 'before' nor 'after' is True: there is nothing to pause on.")
        if before:
            self.set_env_variable("ARGO_DEBUG_PAUSE_BEFORE", "true")
        if after:
            self.set_env_variable(f"ARGO_DEBUG_PAUSE_{'ON_ERROR' if on_error else 'AFTER'}", "true")
        return self

    def set_container_image(self, name: Any) -> PipelineTask:
        """Run in another image than the component's: a text, or a value from the pipeline."""
        self._must_not_have_run("set_container_image()")
        self._must_be_one_step("set_container_image()")
        return self._set(image=self._text_or_source(name))

    def set_cpu_request(self, cpu: Any) -> PipelineTask:
        """Cores to reserve, such as ``"0.5"`` or ``"500m"``, or a value from the pipeline."""
        return self._set_resource("set_cpu_request()", "cpu_request", cpu, _CPU)

    def set_cpu_limit(self, cpu: Any) -> PipelineTask:
        """Cores the task may use at most, such as ``"0.5"`` or ``"500m"``, or a value from the pipeline."""
        return self._set_resource("set_cpu_limit()", "cpu_limit", cpu, _CPU)

    def set_memory_request(self, memory: Any) -> PipelineTask:
        """Memory to reserve in bytes, such as ``"512Mi"`` or ``"2G"``, or a value from the pipeline."""
        return self._set_resource("set_memory_request()", "memory_request", memory, _MEMORY)

    def set_memory_limit(self, memory: Any) -> PipelineTask:
        """Memory the task may use at most, such as ``"512Mi"`` or ``"2G"``, or a value from the pipeline."""
        return self._set_resource("set_memory_limit()", "memory_limit", memory, _MEMORY)

    def set_accelerator_type(self, accelerator: Any) -> PipelineTask:
        """Kind of accelerator, such as ``"nvidia.com/gpu"``; one of it unless `set_accelerator_limit` says otherwise."""
        self._set_resource("set_accelerator_type()", "accelerator_type", accelerator, None)
        resources = self._settings.resources
        if resources is not None and resources.accelerator_count is None:
            self._set(resources=resources.changed(accelerator_count=Literal("1")))
        return self

    def set_accelerator_limit(self, limit: Any) -> PipelineTask:
        """Number of accelerators, or a value from the pipeline. The kind is set by `set_accelerator_type`."""
        if isinstance(limit, int) and not isinstance(limit, bool):
            limit = str(limit)
        return self._set_resource("set_accelerator_limit()", "accelerator_count", limit, re.compile(r"\d+"))

    def set_gpu_limit(self, gpu: Any) -> PipelineTask:
        """Old name of `set_accelerator_limit`."""
        warnings.warn("'set_gpu_limit' is deprecated; use 'set_accelerator_limit'.", DeprecationWarning, stacklevel=2)
        return self.set_accelerator_limit(gpu)

    def add_node_selector_constraint(self, accelerator: Any) -> PipelineTask:
        """Old name of `set_accelerator_type`."""
        warnings.warn(
            "'add_node_selector_constraint' is deprecated; use 'set_accelerator_type'.",
            DeprecationWarning,
            stacklevel=2,
        )
        return self.set_accelerator_type(accelerator)

    def after(self, *tasks: Any) -> PipelineTask:
        """Start only when these tasks, or scopes of ``dsl.ExitHandler``, are done.

        Raises:
            PipelineTopologyError: Something else was given.
        """
        self._must_not_have_run("after()")
        for task in tasks:
            kind = getattr(task, "waits_as", "task" if isinstance(task, PipelineTask) else type(task).__name__)
            if kind not in {"task", "ExitHandler"}:
                raise PipelineTopologyError(
                    f"Task '{self.name}' cannot wait for a {kind}: after() takes tasks and dsl.ExitHandler scopes.",
                    hint="Name the tasks inside it.",
                )
            self._after.append(task.name)
        return self

    def ignore_upstream_failure(self) -> PipelineTask:
        """Run when the tasks before it have ended, even if they failed.

        Raises:
            PipelineTopologyError: An input that another task feeds has no default to fall back to.
        """
        self._must_not_have_run("ignore_upstream_failure()")
        for name, argument in self._arguments.items():
            optional = self._component.interface.inputs[name].optional
            if not optional and isinstance(argument, Source) and argument.producer is not None:
                raise PipelineTopologyError(
                    f"Task '{self.name}' ignores failures of tasks before it, but its input '{name}' comes from task "
                    f"'{argument.producer}' and has no default.",
                    hint=f"Give the parameter '{name}' a default for the case that the task before fails.",
                )
        return self._set(ignore_upstream_failure=True)

    # -- inside --------------------------------------------------------------------------------------------------

    def _set(self, **changes: Any) -> PipelineTask:
        self._settings = self._settings.changed(**changes)
        return self

    def _set_resource(self, method: str, name: str, value: Any, form: re.Pattern[str] | None) -> PipelineTask:
        if self._has_run(method):
            return self
        self._must_be_one_step(method)
        if not isinstance(value, Channel) and form is not None and form.fullmatch(str(value)) is None:
            raise ComponentSignatureError(
                f"{method} of task '{self.name}' got {value!r}, which is no such quantity.",
                hint="Write CPU as '2', '0.5' or '500m', memory as '2G' or '512Mi', accelerators as '1'.",
            )
        resources = (self._settings.resources or Resources()).changed(**{name: self._text_or_source(value)})
        return self._set(resources=resources)

    def _text_or_source(self, value: Any) -> Argument:
        text = str(value)  # of a channel: its pattern, noted in the trace's references
        return literal_of(text, self._references)

    def _must_be_one_step(self, method: str) -> None:
        if self._results is None and not isinstance(self._component.implementation, Container):
            raise PipelineTopologyError(
                f"{method} of task '{self.name}' works on single-step components only, not on a pipeline or importer.",
                hint="Set it on the tasks inside the pipeline.",
            )

    def _must_not_have_run(self, method: str) -> None:
        if self._results is not None:
            raise LocalTaskError(
                f"{method} of '{self.name}' came too late: outside a pipeline, a component runs when it is called.",
                hint="Call the component inside a pipeline, and run that.",
            )

    def _has_run(self, method: str) -> bool:
        if self._results is None:
            return False
        warnings.warn(f"'{method}' has no effect on a component that has run locally.", UserWarning, stacklevel=3)
        return True

    def _sources(self) -> list[Source]:
        return list(dict.fromkeys((*_sources_of(self._arguments.values()), *self._extra)))

    def _checked(self, name: str, value: Any) -> Argument:
        """The argument for input ``name``, after a check of its type."""
        wanted = self._component.interface.inputs[name].type
        where = f"input '{name}' of component '{self._component.name}'"
        if isinstance(value, Channel):
            source = source_of(value)
            is_loop_value = isinstance(source, graph.LoopItem | graph.LoopItemKey)
            if not can_connect(source.type, _as_value(wanted), is_loop_value=is_loop_value):
                origin = (
                    f"output '{source.name}' of task '{source.producer}'" if source.producer else f"'{source.name}'"
                )
                raise IncompatibleTypeError(
                    f"{where} is {wanted}, but {origin} is {source.type}.", hint=_conversion_hint(wanted, source.type)
                )
            return source
        given = type_of_constant(value)
        if given is None:
            raise _bad_constant(where, value)
        if not can_connect(given, _as_value(wanted)):
            raise IncompatibleTypeError(
                f"{where} is {wanted}, but {value!r} is {given}.", hint=_conversion_hint(wanted, given)
            )
        return literal_of(value, self._references)


def _sources_of(arguments: Iterable[Argument]) -> Iterable[Source]:
    for argument in arguments:
        if isinstance(argument, Literal):
            yield from argument.references.values()
        else:
            yield argument


def _refers(argument: Argument) -> bool:
    return not isinstance(argument, Literal) or bool(argument.references)


def _as_value(wanted: ValueType) -> ValueType:
    """What a caller may pass for a TaskConfig: a dict."""
    if isinstance(wanted, ParameterType) and wanted.kind is Kind.TASK_CONFIG:
        return ParameterType(Kind.STRUCT)
    return wanted


def _bad_constant(where: str, value: object) -> AuthoringError:
    if isinstance(value, Artifact):
        return ComponentSignatureError(
            f"{where} got a {type(value).__name__} object; artifacts cannot be constants.",
            hint="Use dsl.importer(artifact_uri=..., artifact_class=...) for an artifact that exists already.",
        )
    if isinstance(value, PipelineTask):
        return ComponentSignatureError(
            f"{where} got the task '{value.name}' itself.",
            hint=f"Pass '{value.name}.output', or one of its '.outputs'.",
        )
    return ComponentSignatureError(
        f"{where} got {value!r} of type {type(value).__name__}, which no parameter can hold.",
        hint="Pass a str, int, float, bool, list or dict, or an output of a task.",
    )


def _conversion_hint(wanted: ValueType, given: ValueType) -> str:
    match wanted, given:
        case ParameterType(kind=Kind.NUMBER_DOUBLE), ParameterType(kind=Kind.NUMBER_INTEGER):
            return "Write a float, such as 1.0, or declare the parameter as int."
        case ParameterType(), ArtifactType():
            return "Declare the input as dsl.Input[...], or read the artifact in a task and pass the value on."
        case ArtifactType(), ParameterType():
            return "Pass an artifact, such as an output of a task; dsl.importer makes one from a URI."
        case _:
            return f"Declare the input as {given}, or put a converting task between the two."
