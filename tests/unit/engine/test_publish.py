from __future__ import annotations

import json
from typing import Any

import pytest

from wherry.engine.planning import plan_run
from wherry.engine.publish import OutputError, Published, Report, publish, read_report
from wherry.engine.requests import planned_artifacts
from wherry.model.artifacts import MODEL_NAME_KEY
from wherry.model.identity import Micros, RunId, TaskKey
from wherry.ports import StoredContent
from wherry.testing.ids import SequentialIds
from wherry.testing.pipelines import INT, pipeline, task
from wherry.testing.records import SOON

PLAN = plan_run(pipeline(task("train", makes=["n"], types={"n": INT}, makes_artifacts=["model"]))).root.tasks[0]


def report(*, n: Any = 1, **said: Any) -> Report:
    """What the task made, from what it says of its model."""
    output = {"parameterValues": {"n": n}, "artifacts": {"model": {"artifacts": [said]}} if said else {}}
    return read_report(
        PLAN, json.dumps(output).encode(), planned_artifacts(PLAN, lambda *parts: "/root/" + "/".join(parts))
    )


def published(found: Report, contents: dict[str, StoredContent | None] | None = None) -> Published:
    return publish(
        PLAN,
        found,
        contents or {},
        key=TaskKey("root/train"),
        run_id=RunId("run-1"),
        generation=1,
        namespace="",
        now=SOON,
        new_id=SequentialIds().artifact_id,
    )


def test_an_artifact_is_where_it_was_planned_unless_the_task_says_otherwise() -> None:
    assert [one.uri for one in report().artifacts] == ["/root/model"]
    assert [one.uri for one in report(uri="/elsewhere").artifacts] == ["/elsewhere"]
    assert [one.uri for one in report(uri="/root/model", custom_path="/mine").artifacts] == ["/root/model"]


def test_metadata_is_merged_key_by_key() -> None:
    assert report(metadata={"auc": 0.8}).artifacts[0].metadata == {"auc": 0.8}


def test_size_and_time_are_those_of_what_was_found() -> None:
    (artifact,) = published(report(), {"/root/model": StoredContent(7, Micros(5))}).artifacts

    assert (artifact.size, artifact.mtime, artifact.type) == (7, 5, "system.Dataset")


def test_an_artifact_without_content_is_recorded_all_the_same() -> None:
    (artifact,) = published(report(), {"/root/model": None}).artifacts

    assert artifact.size is None


def test_a_model_name_asks_for_a_version() -> None:
    (registration,) = published(report(metadata={MODEL_NAME_KEY: "attrition"})).registrations

    assert registration.name == "attrition"


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"", "output 'n' of task 'train' is NUMBER_INTEGER, but the task did not set it."),
        (
            b'{"parameterValues": {"n": "x"}}',
            "output 'n' of task 'train' is NUMBER_INTEGER, but the task returned the text 'x'.",
        ),
        (
            b'{"parameterValues": {"n": 1.5}}',
            "output 'n' of task 'train' is NUMBER_INTEGER, but the task returned 1.5.",
        ),
        (b"{", "task 'train': executor output is not a valid ExecutorOutput"),
    ],
)
def test_outputs_that_are_not_as_declared_are_refused(raw: bytes, message: str) -> None:
    with pytest.raises(OutputError) as error:
        read_report(PLAN, raw, {})

    assert message in error.value.message
