"""ExecutorInput and ExecutorOutput: what a task is told, and what it reports.

Structs of the messages of the same names in KFP's ``pipeline_spec.proto``; the runtime reads and writes the same
JSON with the standard library alone.
"""

from __future__ import annotations

import msgspec

from wherry.errors import SpecError
from wherry.ir.spec import ArtifactTypeSchema, Json


class RuntimeArtifact(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """An artifact as a task sees it. ``name`` is the service's resource name for an input, free for an output."""

    name: str = ""
    type: ArtifactTypeSchema | None = None
    uri: str = ""
    metadata: dict[str, Json] = {}
    custom_path: str | None = msgspec.field(default=None, name="custom_path")
    """Where the task really wrote it, if not at the path of ``uri``. kfp writes this one name in snake_case."""


class ArtifactList(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The artifacts at one port: one, or several for a list."""

    artifacts: tuple[RuntimeArtifact, ...] = ()


class ExecutorInputs(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """``ExecutorInput.Inputs``."""

    parameter_values: dict[str, Json] = {}
    artifacts: dict[str, ArtifactList] = {}


class OutputParameter(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Where a task writes an output parameter."""

    output_file: str


class ExecutorOutputs(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """``ExecutorInput.Outputs``: where everything a task makes goes."""

    parameters: dict[str, OutputParameter] = {}
    artifacts: dict[str, ArtifactList] = {}
    output_file: str = ""
    """Where the executor writes its ExecutorOutput."""


class ExecutorInput(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a task is told."""

    inputs: ExecutorInputs = ExecutorInputs()
    outputs: ExecutorOutputs = ExecutorOutputs()


class ExecutorOutput(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """Everything a task reports. Absent values were not written by the task."""

    parameter_values: dict[str, Json] = {}
    artifacts: dict[str, ArtifactList] = {}


_decoder = msgspec.json.Decoder(ExecutorOutput)
_encoder = msgspec.json.Encoder()


def encode_executor_input(value: ExecutorInput) -> bytes:
    """UTF-8 JSON as KFP writes it: camelCase, absent fields left out."""
    return _encoder.encode(value)


def parse_executor_output(raw: bytes) -> ExecutorOutput:
    """Read what an executor wrote.

    Args:
        raw: UTF-8 JSON. Empty means the task wrote nothing, which is an empty output.

    Raises:
        SpecError: with the path of the first value that is missing or of the wrong kind.
    """
    if not raw.strip():
        return ExecutorOutput()
    try:
        return _decoder.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise SpecError(
            f"executor output is not a valid ExecutorOutput: {error}",
            hint="A component returns values of its declared types; the executor writes this file by itself.",
        ) from error
