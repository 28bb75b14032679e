"""Pipelines from Python: ``wherry.local``."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from wherry import dsl, local
from wherry.dsl.hooks import register_runner
from wherry.errors import SpecError, StateHeldError, WherryError
from wherry.model.states import RuntimeState


@dsl.component(base_image="python:3.11")
def add(a: int, b: int = 10) -> int:
    return a + b


@dsl.component(base_image="python:3.11")
def write(text: str, note: dsl.Output[dsl.Dataset]) -> str:
    with open(note.path, "w") as file:  # noqa: PTH123  components are written as users write them
        file.write(text)
    note.metadata["length"] = len(text)
    return text


@dsl.component(base_image="python:3.11")
def fail() -> int:
    raise ValueError("no luck today")


@dsl.pipeline(name="twice")
def twice(a: int) -> int:
    return add(a=add(a=a).output).output


@pytest.fixture
def state(tmp_path: Path) -> Iterator[Path]:
    local.init(state=tmp_path / "state")
    yield tmp_path / "state"
    register_runner(None)


def test_a_pipeline_is_run_and_its_end_returned(tmp_path: Path) -> None:
    run = local.run(twice, {"a": 1}, state=tmp_path)

    assert (run.state, run.pipeline, run.parameters["a"]) == (RuntimeState.SUCCEEDED, "twice", 1)


def test_a_wrong_argument_is_refused_before_anything_is_recorded(tmp_path: Path) -> None:
    with pytest.raises(WherryError, match="a"):
        local.run(twice, {"a": "one"}, state=tmp_path / "state")

    assert not (tmp_path / "state").exists()


@pytest.mark.usefixtures("state")
def test_a_component_called_as_a_function_returns_its_value() -> None:
    assert add(a=1).output == 11


@pytest.mark.usefixtures("state")
def test_a_pipeline_called_as_a_function_returns_its_value() -> None:
    assert twice(a=1).output == 21


@pytest.mark.usefixtures("state")
def test_an_artifact_comes_back_with_its_file_and_metadata() -> None:
    task = write(text="hello")

    assert Path(task.outputs["note"].path).read_text() == "hello"
    assert task.outputs["note"].metadata == {"length": 5}
    assert isinstance(task.outputs["note"], dsl.Dataset)


@pytest.mark.usefixtures("state")
def test_a_call_that_fails_raises_what_happened() -> None:
    with pytest.raises(local.LocalRunError, match="no luck today"):
        fail()


def test_two_at_once_do_not_share_a_state_folder(state: Path) -> None:
    from wherry.store.sqlite import StoreMode, open_store

    store = open_store(state, mode=StoreMode.READ_WRITE, command="something else")
    try:
        with pytest.raises(StateHeldError, match="something else"):
            add(a=1)
    finally:
        import asyncio

        asyncio.run(store.close())


def test_what_cannot_be_compiled_is_refused() -> None:
    with pytest.raises((SpecError, WherryError)):

        @dsl.pipeline(name="empty")
        def empty() -> None:
            return None
