"""Placeholders in a container's command, arguments and environment, and in constants. Pure.

Every text is read once and from left to right: what a placeholder is replaced by is never looked at again, so a
parameter whose value looks like a placeholder stays that value. ``Concat`` is joined, as its documentation says and
KFP's backend does not. A placeholder that names nothing known (``{{$.Values.x}}``) is the user's own text and stays.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from functools import cached_property
from typing import Final

import msgspec

from wherry.errors import SpecError
from wherry.ir.executor_io import ExecutorInput, RuntimeArtifact, encode_executor_input
from wherry.ir.findings import nearest
from wherry.ir.spec import Json
from wherry.ir.types import parameter_text
from wherry.runtime.uris import WORKSPACE_MOUNT_PATH, path_of_uri

_KEY = r"\[(?:'(?P<{0}>[^']*)'|\"(?P<{0}_>[^\"]*)\")\]"
_PLACEHOLDER: Final = re.compile(
    r"\{\{\$(?:"
    r"(?P<all>)\}\}"
    r"|\.(?P<fact>[a-z_]+|outputs\.output_file|outputMetadataUri)\}\}"
    r"|\.inputs\.parameters" + _KEY.format("input") + r"\}\}"
    r"|\.outputs\.parameters" + _KEY.format("output") + r"\.output_file\}\}"
    r"|\.(?P<side>inputs|outputs)\.artifacts" + _KEY.format("artifact") + r"(?:\.(?P<field>uri|path|name|metadata"
    r"(?:" + _KEY.format("key") + r")?))?\}\}"
    r")"
)
_STRUCTURE: Final = re.compile(r'\s*\{\s*"(Concat|IfPresent)"\s*:')
_WORKSPACE_FLAG: Final = "_kfp_workspace"


class RunFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What placeholders can say of a run and of one of its tasks."""

    run_id: str
    """``{{$.pipeline_job_uuid}}``."""
    run_display_name: str
    """``{{$.pipeline_job_name}}``, as in KFP's backend."""
    run_resource_name: str
    """``{{$.pipeline_job_resource_name}}``."""
    task_name: str
    """``{{$.pipeline_task_name}}``: the task's name in its DAG."""
    parent_id: str
    """``{{$.pipeline_task_uuid}}``: KFP gives the execution of the enclosing DAG."""
    created_at: datetime
    """``{{$.pipeline_job_create_time_utc}}``. With a time zone."""
    scheduled_at: datetime
    """``{{$.pipeline_job_schedule_time_utc}}``. With a time zone; a run without a schedule has its creation here."""
    pipeline_root: str
    """``{{$.pipeline_root}}``."""
    workspace_path: str = WORKSPACE_MOUNT_PATH
    """``{{$.workspace_path}}``: where the task sees the volume that all tasks of the run share."""


def facts_by_name(facts: RunFacts) -> dict[str, str]:
    """The text of every placeholder that needs no executor input, by its name."""
    return {
        "pipeline_job_name": facts.run_display_name,
        "pipeline_job_resource_name": facts.run_resource_name,
        "pipeline_job_uuid": facts.run_id,
        "pipeline_task_name": facts.task_name,
        "pipeline_task_uuid": facts.parent_id,
        "pipeline_job_create_time_utc": _time_text(facts.created_at),
        "pipeline_job_schedule_time_utc": _time_text(facts.scheduled_at),
        "pipeline_root": facts.pipeline_root,
        "workspace_path": facts.workspace_path,
    }


def _time_text(time: datetime) -> str:
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def resolve_constant(value: Json, *, parameters: Mapping[str, Json], facts: RunFacts, name: str) -> Json:
    """A constant of the pipeline with the placeholders in it replaced, also within lists and mappings.

    f-strings over outputs compile to constants that hold ``{{$.inputs.parameters['pipelinechannel--x']}}``.

    Args:
        value: The constant.
        parameters: The other inputs of the same task, as far as they are resolved.
        facts: Of the run and the task.
        name: The input the constant is for; used in errors.

    Raises:
        SpecError: A placeholder names an input that the task does not have.
    """
    texts = facts_by_name(facts)

    def replace(match: re.Match[str]) -> str:
        wanted = _either(match, "input")
        if wanted is not None:
            return _parameter_text(wanted, parameters, where=f"the constant for input '{name}'")
        return texts.get(match["fact"] or "", match[0])

    return _replace_within(value, lambda text: _PLACEHOLDER.sub(replace, text))


def _replace_within(value: Json, replace: Callable[[str], str]) -> Json:
    match value:
        case str():
            return replace(value) if "{{$" in value else value
        case list() | tuple():
            return [_replace_within(item, replace) for item in value]
        case dict():
            return {replace(key): _replace_within(item, replace) for key, item in value.items()}
        case _:
            return value


class Placeholders:
    """Replaces the placeholders of one task's container.

    Args:
        executor_input: What the task is told, with defaults filled in.
        facts: Of the run and the task.
    """

    def __init__(self, executor_input: ExecutorInput, facts: RunFacts) -> None:
        self._input = executor_input
        self._facts = facts_by_name(facts)

    @cached_property
    def _input_json(self) -> str:
        return encode_executor_input(self._input).decode()

    def resolve_command(self, texts: Iterable[str]) -> tuple[str, ...]:
        """A command or its arguments: ``IfPresent`` may remove elements or put several in one's place.

        Raises:
            SpecError: A placeholder names an input or output that the task does not have, or a structure is not
                what kfp writes. The message names it.
        """
        result: list[str] = []
        for text in texts:
            if _STRUCTURE.match(text):
                result.extend(self._structure(_structure_of(text)))
            else:
                result.append(self.resolve_text(text))
        return tuple(result)

    def resolve_text(self, text: str) -> str:
        """One text, such as the value of an environment variable or the name of an image.

        Raises:
            SpecError: A placeholder names an input or output that the task does not have.
        """
        return _PLACEHOLDER.sub(self._replacement, text) if "{{$" in text else text

    # -- structures ---------------------------------------------------------------------------------------------------

    def _structure(self, structure: Json) -> list[str]:
        match structure:
            case str():
                return [self.resolve_text(structure)]
            case list():
                return [text for item in structure for text in self._structure(item)]
            case {"Concat": list(items), **rest} if not rest:
                return ["".join(text for item in items for text in self._structure(item))]
            case {"IfPresent": {"InputName": str(name), "Then": then, **choice}, **rest} if not rest:
                chosen = then if self._is_present(name) else choice.get("Else")
                return [] if chosen is None else self._structure(chosen)
            case _:
                raise SpecError(f"no placeholder is written like this: {json.dumps(structure)[:200]}")

    def _is_present(self, name: str) -> bool:
        """Whether an input was given. A null parameter and an empty list of artifacts were not."""
        if self._input.inputs.parameter_values.get(name) is not None:
            return True
        artifacts = self._input.inputs.artifacts.get(name)
        return artifacts is not None and bool(artifacts.artifacts)

    # -- single placeholders ------------------------------------------------------------------------------------------

    def _replacement(self, match: re.Match[str]) -> str:
        where = f"placeholder {match[0]}"
        if match["all"] is not None:
            return self._input_json
        if match["fact"] is not None:
            return self._fact(match["fact"], match[0])
        wanted = _either(match, "input")
        if wanted is not None:
            return _parameter_text(wanted, self._input.inputs.parameter_values, where=where)
        output = _either(match, "output")
        if output is not None:
            parameters = self._input.outputs.parameters
            if output not in parameters:
                raise _unknown("output parameter", output, parameters, where=where)
            return parameters[output].output_file
        return self._artifact_text(match, where=where)

    def _fact(self, name: str, placeholder: str) -> str:
        if name in {"outputs.output_file", "outputMetadataUri"}:
            return self._input.outputs.output_file
        return self._facts.get(name, placeholder)

    def _artifact_text(self, match: re.Match[str], *, where: str) -> str:
        name = _either(match, "artifact") or ""
        side = self._input.inputs.artifacts if match["side"] == "inputs" else self._input.outputs.artifacts
        field = match["field"]
        if name not in side:
            raise _unknown(f"{match['side'][:-1]} artifact", name, side, where=where)
        if field is None:
            return msgspec.json.encode(side[name].artifacts).decode()
        if not side[name].artifacts:
            raise SpecError(f"{where} asks for one artifact, and there is none at '{name}'")
        return _field_text(side[name].artifacts[0], field, _either(match, "key"), where=where)


def _either(match: re.Match[str], group: str) -> str | None:
    """The key between single or double quotes."""
    single: str | None = match[group]
    double: str | None = match[f"{group}_"]
    return single if single is not None else double


def _parameter_text(name: str, parameters: Mapping[str, Json], *, where: str) -> str:
    if name not in parameters:
        raise _unknown("input parameter", name, parameters, where=where)
    return parameter_text(parameters[name])


def _field_text(artifact: RuntimeArtifact, field: str, key: str | None, *, where: str) -> str:
    if key is not None:
        if key not in artifact.metadata:
            raise _unknown("metadata", key, artifact.metadata, where=where)
        return parameter_text(artifact.metadata[key])
    match field:
        case "uri":
            return artifact.uri
        case "name":
            return artifact.name
        case "path":
            return artifact_path(artifact)
        case _:
            return parameter_text(artifact.metadata)


def artifact_path(artifact: RuntimeArtifact) -> str:
    """Where a task finds or puts an artifact on its own file system."""
    if artifact.custom_path:
        return artifact.custom_path
    path = path_of_uri(artifact.uri)
    if artifact.metadata.get(_WORKSPACE_FLAG) is True:
        return f"{WORKSPACE_MOUNT_PATH}/.artifacts/{path.lstrip('/')}"
    return path


def _structure_of(text: str) -> Json:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise SpecError(f"a Concat or IfPresent placeholder is no valid JSON: {text[:200]}") from None


def _unknown(what: str, name: str, known: Iterable[str], *, where: str) -> SpecError:
    return SpecError(
        f"{where} asks for {what} '{name}', which the task does not have", hint=nearest(name, known, what="names")
    )
