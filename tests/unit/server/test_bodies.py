"""Bodies of requests: small ones are decoded at once, large ones are taken apart in a process."""

import asyncio
from typing import Any

import msgspec
import pytest

from wherry.api.dialect import Message, decode
from wherry.api.experiments import Experiment
from wherry.api.pipelines import CreatePipelineAndVersionRequest
from wherry.api.runs import Run
from wherry.errors import InvalidArgumentError, TooLargeError
from wherry.server.bodies import SMALL, read_body

SPEC = {"components": {"x" * 100: "y" * SMALL}}


def read(kind: type[Message], body: dict[str, Any]) -> Message:
    return asyncio.run(read_body(msgspec.json.encode(body), kind))


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (Run, {"display_name": "é", "pipeline_spec": SPEC, "runtime_config": {"parameters": {"a": [1, None]}}}),
        (
            CreatePipelineAndVersionRequest,
            {"pipeline": {"name": "x"}, "pipeline_version": {"name": "v", "pipeline_spec": SPEC}},
        ),
    ],
)
def test_a_large_body_gives_the_message_that_a_small_one_does(kind: type[Message], body: dict[str, Any]) -> None:
    assert read(kind, body) == decode(msgspec.json.encode(body), kind)


def test_a_large_body_with_an_unknown_field_is_refused_by_name() -> None:
    with pytest.raises(InvalidArgumentError, match='unknown field "frob"'):
        read(Run, {"pipeline_spec": SPEC, "frob": 1})


def test_a_large_body_is_large_for_its_specification_alone() -> None:
    with pytest.raises(InvalidArgumentError, match=r"beside its pipeline_spec"):
        read(Run, {"display_name": "x", "runtime_config": {"parameters": {"a": "x" * SMALL}}})


def test_a_message_without_a_specification_is_never_large() -> None:
    with pytest.raises(TooLargeError):
        read(Experiment, {"display_name": "x" * SMALL})
