"""How an exit task learns how the tasks before it ended."""

from __future__ import annotations

import json

import pytest

from wherry.runtime.final_status import FinalState, PipelineTaskFinalStatus


def status(**more: object) -> dict[str, object]:
    return {"state": "SUCCEEDED", "pipelineJobResourceName": "run-1", "pipelineTaskName": "train", **more}


def test_the_keys_may_be_camel_case_or_snake_case() -> None:
    snake = {"state": "SUCCEEDED", "pipeline_job_resource_name": "run-1", "pipeline_task_name": "train"}

    assert PipelineTaskFinalStatus.from_wire(snake) == PipelineTaskFinalStatus.from_wire(status())


def test_the_error_is_told_with_its_code() -> None:
    failed = PipelineTaskFinalStatus.from_wire(status(state="FAILED", error={"code": 9.0, "message": "no rows"}))

    assert failed == PipelineTaskFinalStatus("FAILED", "run-1", "train", 9, "no rows")
    assert isinstance(failed.error_code, int)


@pytest.mark.parametrize(
    ("state", "equal"),
    [
        ("SUCCEEDED", {"SUCCEEDED", "COMPLETE"}),
        ("CANCELLED", {"CANCELLED", "CANCELED"}),
        ("FAILED", {"FAILED"}),
    ],
)
def test_a_state_equals_the_documented_word_and_the_one_the_backend_sends(state: str, equal: set[str]) -> None:
    words = ["SUCCEEDED", "COMPLETE", "FAILED", "CANCELLED", "CANCELED", "CACHED", ""]

    assert {word for word in words if FinalState(state) == word} == equal
    assert {word for word in words if word == FinalState(state)} == equal
    assert {word for word in words if FinalState(state) != word} == set(words) - equal


def test_a_state_is_text_otherwise() -> None:
    state = FinalState("SUCCEEDED")

    assert (f"{state}", json.dumps(state), {state: 1}["SUCCEEDED"], state == 1) == (
        "SUCCEEDED",
        '"SUCCEEDED"',
        1,
        False,
    )
