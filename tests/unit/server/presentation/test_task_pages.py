"""The panel of one task, from its records and the specification of its run."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from wherry.api.pages.tasks import CacheAnswer, RetryDescription, TaskEnvironment, TaskPage, TaskResources
from wherry.ir.spec import ContainerSpec, EnvVar, PipelinePackage, ResourceSpec
from wherry.model.identity import ROOT, AttemptId, RunId, TaskId, TaskKey, child
from wherry.model.outcomes import Failure, FailureReason, Fault, Kept, Reused, Succeeded, TaskOutcome
from wherry.model.pages import TaskPlace, TaskSummary, TaskView
from wherry.model.runs import CachePolicy, TaskInputs, TaskKind, TaskRecord
from wherry.model.states import AttemptState, RuntimeState
from wherry.ports import AttemptEnvironment
from wherry.server.presentation import task_pages
from wherry.server.python_code import PythonCode
from wherry.testing.pipelines import const, dag, importer, loop, out, pipeline, retries, run_of, task
from wherry.testing.records import attempt

CONTAINER = ContainerSpec(
    image="python:3.11",
    command=("sh", "-c"),
    args=("x" * 5000, *(["y"] * 200)),
    env=(EnvVar(name="MODE", value="<b>"),),
    resources=ResourceSpec(resource_cpu_limit="2", memory_limit=4.0),
)


def package() -> PipelinePackage:
    return pipeline(
        task("load", makes=["Output"]),
        task(
            "train", reads={"rows": out("load"), "seed": const(7)}, retry=retries(3, backoff="60s"), container=CONTAINER
        ),
        task("fresh", cached=False),
        importer("old", "/x"),
        loop("each", items=[1, 2]),
        dag("nested", loop("for-loop-1", task("deep", retry=retries(5)), items=[1]), condition="1 == 1"),
    )


def summary_of(record: TaskRecord) -> TaskSummary:
    fields = {name: getattr(record, name) for name in TaskSummary.__struct_fields__ if hasattr(record, name)}
    return TaskSummary(**{**fields, "attempts": 0})


def view(
    *keys: str,
    kinds: tuple[TaskKind, ...] = (TaskKind.RUNTIME,),
    outcome: TaskOutcome | None = None,
    inputs: TaskInputs | None = None,
    base_key: str | None = None,
    cache: CachePolicy = CachePolicy.AS_COMPILED,
    origin: TaskPlace | None = None,
    attempts: tuple[Any, ...] = (),
) -> TaskView:
    """The last of these tasks, each inside the one before it."""
    run = msgspec.structs.replace(run_of(package()).run, cache=cache)
    parent, rows = ROOT, [_record(run.id, ROOT, None, TaskKind.ROOT)]
    for key, kind in zip(keys, kinds, strict=True):
        rows.append(_record(run.id, TaskKey(key), parent, kind))
        parent = TaskKey(key)
    record = msgspec.structs.replace(
        rows[-1], outcome=outcome, inputs=inputs or TaskInputs(), base_key=base_key, cache_note="because"
    )
    rows[-1] = record
    return TaskView(
        run=run,
        record=record,
        siblings={row.key: summary_of(row) for row in rows},
        attempts=attempts,
        attempts_of=record.id,
        artifacts={},
        versions={},
        origin=origin,
        warnings=("careful",),
    )


def _record(run_id: RunId, key: TaskKey, parent: TaskKey | None, kind: TaskKind) -> TaskRecord:
    name = key.rpartition("/")[2].partition("[")[0]
    component = _component(package(), name)
    return TaskRecord(
        run_id=run_id,
        generation=1,
        key=key,
        id=TaskId(f"id of {key}"),
        parent=parent,
        name=name,
        display_name=name,
        component=component,
        kind=kind,
        state=RuntimeState.RUNNING,
        created_at=run_of(package()).run.created_at,
    )


def _component(of: PipelinePackage, name: str) -> str:
    """Name of the component that a task of this name has, wherever it stands."""
    dags = [of.spec.root.dag, *(one.dag for one in of.spec.components.values())]
    return next((one.tasks[name].component_ref.name for one in dags if one is not None and name in one.tasks), "")


def panel(
    given: TaskView,
    *,
    logged: tuple[str, ...] = (),
    code: PythonCode | None = None,
    ran_with: AttemptEnvironment | None = None,
) -> TaskPage:
    ids = [AttemptId(one) for one in logged]
    return task_pages.page(given, package(), python_code=lambda _: code, logged=ids, ran_with=ran_with)


@pytest.mark.parametrize(
    ("keys", "kinds", "node", "retry"),
    [
        (["root/train"], (TaskKind.RUNTIME,), "root/train", RetryDescription(max_retries=3, backoff="60s")),
        (["root/each", "root/each[1]/each"], (TaskKind.LOOP, TaskKind.RUNTIME), "root/each/each", None),
        (
            ["root/nested", "root/nested/for-loop-1", "root/nested/for-loop-1[0]/deep"],
            (TaskKind.CONDITION, TaskKind.LOOP, TaskKind.RUNTIME),
            "root/nested/for-loop-1/deep",
            RetryDescription(max_retries=5, backoff="0s"),
        ),
    ],
)
def test_a_task_is_found_in_the_specification(
    keys: list[str], kinds: tuple[TaskKind, ...], node: str, retry: RetryDescription | None
) -> None:
    shown = panel(view(*keys, kinds=kinds))

    assert (shown.task.node_id, shown.retry) == (node, retry)


def test_a_condition_is_shown_with_its_text() -> None:
    assert panel(view("root/nested", kinds=(TaskKind.CONDITION,))).condition == "1 == 1"


def test_what_went_in_is_shown_beside_what_is_still_unknown() -> None:
    shown = panel(view("root/train", inputs=TaskInputs(parameters={"seed": 7, "extra": None})))

    assert [(port.name, port.value, port.has_value) for port in shown.inputs.parameters] == [
        ("extra", None, True),
        ("rows", None, False),
        ("seed", 7, True),
    ]


def test_a_container_is_shown_as_it_was_asked_for_and_no_longer_than_can_be_read() -> None:
    shown = panel(view("root/train"))

    assert shown.code is not None
    assert (shown.code.image, shown.code.environment_variables) == ("python:3.11", {"MODE": "<b>"})
    assert (len(shown.code.command), max(map(len, shown.code.command))) == (100, 4096)
    assert shown.resources == TaskResources(
        cpu_limit="2", memory_limit="4G", cpu_request="", memory_request="", accelerator_type="", accelerator_count=""
    )


def test_a_lightweight_component_is_shown_as_its_function() -> None:
    code = PythonCode(source="def train(): ...", function="train", packages=("pandas",))

    ran_with = AttemptEnvironment(python="3.11.7", packages=("numpy==2.4.6", "pandas==2.3.3"))

    shown = panel(view("root/train"), code=code, ran_with=ran_with)

    assert shown.code is not None
    assert (shown.code.source, shown.code.function, shown.code.command) == ("def train(): ...", "train", [])
    assert shown.environment == TaskEnvironment(
        python="3.11.7", requirements=["pandas"], lock=["numpy==2.4.6", "pandas==2.3.3"], note=""
    )


def test_an_importer_has_no_container() -> None:
    shown = panel(view("root/old", kinds=(TaskKind.IMPORTER,)))

    assert (shown.environment, shown.resources) == (None, None)
    assert shown.code is not None
    assert shown.code.image == ""


def test_a_loop_does_no_work_of_its_own() -> None:
    shown = panel(view("root/each", kinds=(TaskKind.LOOP,)))

    assert (shown.code, shown.environment, shown.resources) == (None, None, None)


@pytest.mark.parametrize(
    ("given", "answer"),
    [
        (view("root/train", base_key="f1:x"), CacheAnswer.MISSED),
        (view("root/train"), CacheAnswer.NOT_ASKED),
        (view("root/train", base_key="f1:x", cache=CachePolicy.RERUN), CacheAnswer.RERUN),
        (view("root/fresh", base_key="f1:x"), CacheAnswer.OFF),
        (view("root/each", kinds=(TaskKind.LOOP,)), CacheAnswer.NOT_ASKED),
        (
            view("root/train", outcome=Reused(run_id=RunId("r"), task=child(ROOT, "t"), attempt_id=AttemptId("a"))),
            CacheAnswer.REUSED,
        ),
    ],
)
def test_what_the_cache_said_is_told(given: TaskView, answer: CacheAnswer) -> None:
    assert panel(given).cache.answer is answer


def test_a_kept_task_says_where_it_had_been_reused_from() -> None:
    lender = TaskPlace(
        id=TaskId("x"),
        current_id=TaskId("x"),
        generation=1,
        key=TaskKey("root/train"),
        display_name="train",
        kind=TaskKind.RUNTIME,
        state=RuntimeState.SUCCEEDED,
        reused=False,
        ended_at=None,
        run_id=RunId("r"),
        run_name="first",
        pipeline="demo",
    )

    shown = panel(view("root/train", outcome=Kept(generation=2), origin=lender)).cache

    assert (shown.answer, shown.sentence) == (
        CacheAnswer.REUSED,
        "Reused in generation 2 from task train of run first.",
    )


def test_a_failure_comes_with_its_traceback_and_a_way_out() -> None:
    failed = Failure(
        fault=Fault.USER, reason=FailureReason.RAISED, message="no\nrows", hint="Give rows.", traceback="Traceback …"
    )

    shown = panel(view("root/train", outcome=failed))

    assert (shown.why, shown.hint, shown.traceback) == ("no\nrows", "Give rows.", "Traceback …")


def test_nothing_is_said_where_the_state_says_it_all() -> None:
    assert panel(view("root/train", outcome=Succeeded())).why == ""


def test_an_attempt_says_whether_it_has_a_log_and_where() -> None:
    begun = [attempt(run_of(package()).run, "train", 1, number=number) for number in (1, 2, 3)]
    ended = [msgspec.structs.replace(one, state=AttemptState.FAILED) for one in begun[:2]]

    shown = panel(view("root/train", attempts=(*ended, begun[2])), logged=(begun[0].id,))

    assert [(one.number, one.has_log, one.log_url) for one in shown.attempts] == [
        (1, True, "apis/v2beta1/runs/run-0001/tasks/id of root/train/log?attempt=1"),
        (2, False, "apis/v2beta1/runs/run-0001/tasks/id of root/train/log?attempt=2"),
        (3, True, "apis/v2beta1/runs/run-0001/tasks/id of root/train/log?attempt=3"),
    ]


def test_warnings_are_shown() -> None:
    assert panel(view("root/train")).warnings == ["careful"]
