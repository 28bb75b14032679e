"""From a component or pipeline to a package file."""

from __future__ import annotations

import importlib.metadata

import pytest

from wherry import dsl
from wherry.compiler import Compiler, compile_package
from wherry.errors import AuthoringError, PipelineTopologyError
from wherry.ir.spec import ParameterType
from wherry.ir.validate import validate
from wherry.ir.yaml import parse_package


@dsl.component(base_image="i")
def say(text: str, times: int = 2) -> str:
    """Say a text."""
    return text * times


@dsl.pipeline
def twice(text: str, times: int = 2) -> str:
    """Says it twice."""
    return say(text=say(text=text, times=times).output).output


def test_compiling_twice_gives_the_same():
    assert compile_package(twice) == compile_package(twice)


def test_the_sdk_and_its_version_are_named():
    assert compile_package(twice).spec.sdk_version == f"wherry-{importlib.metadata.version('wherry')}"


def test_a_component_alone_is_a_pipeline_of_one_task():
    spec = compile_package(say).spec

    assert spec.pipeline_info.name == "say"
    assert spec.root.dag is not None
    assert list(spec.root.dag.tasks) == ["say"]
    assert spec.root.output_definitions is not None
    assert spec.root.output_definitions.parameters["Output"].parameter_type is ParameterType.STRING


def test_a_component_knows_its_spec():
    assert twice.pipeline_spec == compile_package(twice).spec
    assert twice.platform_spec is None


def test_the_file_says_what_it_is(tmp_path):
    path = tmp_path / "twice.yaml"

    Compiler().compile(twice, str(path), pipeline_name="other", pipeline_parameters={"times": 5})

    text = path.read_text(encoding="utf-8")
    assert text.startswith(
        "# PIPELINE DEFINITION\n# Name: other\n# Description: Says it twice.\n"
        "# Inputs:\n#    text: str\n#    times: int [Default: 5.0]\n# Outputs:\n#    Output: str\n"
    )
    spec = parse_package(text).spec
    assert spec.root.input_definitions is not None
    assert spec.root.input_definitions.parameters["times"].default_value == 5


def test_an_unknown_parameter_is_named_with_the_known_ones(tmp_path):
    with pytest.raises(PipelineTopologyError, match="'volume' is no input of pipeline 'twice'") as caught:
        Compiler().compile(twice, str(tmp_path / "a.yaml"), pipeline_parameters={"volume": 1})

    assert caught.value.hint == "Its parameters are: 'text', 'times'."


def test_a_function_that_is_no_pipeline_is_refused(tmp_path):
    with pytest.raises(AuthoringError, match="of type function; expected a pipeline or component"):
        Compiler().compile(lambda: None, str(tmp_path / "a.yaml"))  # type: ignore[arg-type]  # this is what is refused


def test_other_file_types_are_refused(tmp_path):
    with pytest.raises(PipelineTopologyError, match=r"should end with '\.yaml'"):
        Compiler().compile(twice, str(tmp_path / "a.txt"))


def test_json_is_deprecated_and_works(tmp_path):
    path = tmp_path / "a.json"

    with pytest.warns(DeprecationWarning, match=r"use '\.yaml'"):
        Compiler().compile(twice, str(path))

    assert parse_package(path.read_text(encoding="utf-8")) == compile_package(twice)


def test_the_same_component_in_a_thousand_tasks_has_its_interface_once():
    def chain():
        task = say(text="a")
        for _ in range(999):
            task = say(text=task.output)

    components = compile_package(dsl.pipeline(chain)).spec.components

    assert len(components) == 1000
    assert len({id(component.input_definitions) for component in components.values()}) == 1


def test_a_component_can_be_written_while_it_is_defined(tmp_path):
    path = tmp_path / "c.yaml"

    @dsl.component(base_image="i", output_component_file=str(path))
    def small(n: int) -> int:
        return n

    assert parse_package(path.read_text(encoding="utf-8")) == compile_package(small)


def test_nested_pipelines_get_names_of_their_own():
    @dsl.pipeline
    def outer(text: str = "a"):
        twice(text=twice(text=say(text=text).output).output)

    spec = compile_package(outer).spec
    labels = [
        component.executor_label for component in spec.components.values() if component.executor_label is not None
    ]
    assert len(labels) == 5
    assert sorted(labels) == sorted(spec.deployment_spec.executors)
    assert {"comp-say", "comp-twice", "comp-twice-2"} <= spec.components.keys()
    assert validate(compile_package(outer)) == ()
