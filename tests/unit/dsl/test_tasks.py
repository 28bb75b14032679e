"""Calling a component: inside a pipeline it places a task, outside it runs."""

from __future__ import annotations

import warnings

import pytest

from wherry import dsl
from wherry.dsl import hooks
from wherry.dsl.hooks import NoLocalRunError
from wherry.dsl.tasks import LocalTaskError
from wherry.errors import AuthoringError, ComponentSignatureError, IncompatibleTypeError, PipelineTopologyError


@dsl.component(base_image="i")
def say(text: str) -> str:
    return text


@dsl.component(base_image="i")
def add(a: int, b: int = 1) -> int:
    return a + b


def traced(body):
    return dsl.pipeline(body).graph


@pytest.fixture
def ran():
    calls = []

    def run(component, arguments):
        calls.append((component.name, dict(arguments)))
        return {"Output": component.execute(**arguments)}

    hooks.register_runner(run)
    yield calls
    hooks.register_runner(None)


def test_outside_a_pipeline_a_component_needs_a_runner():
    with pytest.raises(NoLocalRunError, match=r"wherry\.local\.init\(\)"):
        say(text="a")


def test_outside_a_pipeline_a_component_runs_at_once(ran):
    task = add(a=2)

    assert (task.output, task.outputs, ran) == (3, {"Output": 3}, [("add", {"a": 2})])


@pytest.mark.usefixtures("ran")
def test_what_has_run_cannot_be_changed_any_more():
    task = add(a=2)

    with pytest.raises(LocalTaskError, match="came too late"):
        task.set_retry(2)
    with pytest.warns(UserWarning, match="has no effect"):
        assert task.set_cpu_limit("1") is task


def test_arguments_are_checked_outside_a_pipeline_too(ran):
    with pytest.raises(ComponentSignatureError, match="unexpected keyword argument 'c'"):
        add(a=2, c=3)
    assert ran == []


@pytest.mark.usefixtures("ran")
def test_a_pipeline_leaves_nothing_behind_when_its_function_fails():
    def broken():
        add(a=1)
        raise LookupError

    with pytest.raises(LookupError):
        dsl.pipeline(broken)

    assert add(a=1).output == 2


def test_names_of_repeated_tasks_are_numbered():
    def body():
        for _ in range(3):
            say(text="a")
        add(a=1)

    assert [task.name for task in traced(body).root.tasks] == ["say", "say-2", "say-3", "add"]


def test_setters_chain_and_are_frozen_with_the_task():
    def body():
        say(text="a").set_display_name("A").set_env_variable("X", "1").set_retry(2, "1 minute").set_caching_options(
            False
        )

    settings = traced(body).root.tasks[0].settings

    assert (settings.display_name, dict(settings.env), settings.enable_caching) == ("A", {"X": "1"}, False)
    assert settings.retry is not None
    assert (settings.retry.max_retry_count, settings.retry.backoff_duration) == (2, 60)


def test_a_wrong_connection_names_both_sides_and_a_way_out():
    def body():
        say(text=add(a=1).output)

    with pytest.raises(IncompatibleTypeError) as caught:
        traced(body)

    assert str(caught.value) == (
        "input 'text' of component 'say' is STRING, but output 'Output' of task 'add' is NUMBER_INTEGER.\n"
        "  hint: Declare the input as NUMBER_INTEGER, or put a converting task between the two."
    )


def test_a_missing_argument_is_named():
    with pytest.raises(ComponentSignatureError, match=r"add\(\) missing 1 required argument: a"):
        add()


def test_deprecated_setters_warn_and_work():
    def body():
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            say(text="a").add_node_selector_constraint("gpu").set_gpu_limit("2")
        assert [w.category for w in caught] == [DeprecationWarning] * 2

    resources = traced(body).root.tasks[0].settings.resources

    assert resources is not None
    assert {name: value.value for name, value in resources.items()} == {
        "accelerator_type": "gpu",
        "accelerator_count": "2",
    }


def test_ignoring_failures_needs_a_default():
    def body():
        say(text=say(text="a").output).ignore_upstream_failure()

    with pytest.raises(PipelineTopologyError, match="its input 'text' comes from task 'say' and has no default"):
        traced(body)


def test_execute_calls_the_function_itself():
    assert add.execute(a=1, b=5) == 6
    assert add.python_func(2) == 3


def test_without_the_compiler_a_component_has_no_spec(monkeypatch):
    monkeypatch.setattr(hooks, "_compiler", None)

    with pytest.raises(AuthoringError, match=r"import wherry\.compiler"):
        _ = add.pipeline_spec
