"""Placeholders are replaced once, by what the task was told."""

from datetime import UTC, datetime

import pytest

from wherry.errors import SpecError
from wherry.ir.executor_io import (
    ArtifactList,
    ExecutorInput,
    ExecutorInputs,
    ExecutorOutputs,
    OutputParameter,
    RuntimeArtifact,
)
from wherry.ir.placeholders import Placeholders, RunFacts, resolve_constant
from wherry.ir.spec import Json

FACTS = RunFacts(
    run_id="run-1",
    run_display_name="My run",
    run_resource_name="my-run-abc",
    task_name="train",
    parent_id="dag-1",
    created_at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
    scheduled_at=datetime(2026, 1, 2, 3, 0, 0, tzinfo=UTC),
    pipeline_root="/artifacts",
)


def one(artifact: RuntimeArtifact) -> ArtifactList:
    return ArtifactList(artifacts=(artifact,))


TOLD = ExecutorInput(
    inputs=ExecutorInputs(
        parameter_values={"n": 3.0, "text": "{{$.inputs.parameters['n']}}", "none": None, "list": [1, "a"]},
        artifacts={
            "data": one(RuntimeArtifact(name="a1", uri="gs://bucket/data", metadata={"rows": 7.0})),
            "shared": one(RuntimeArtifact(uri="s3://bucket/x", metadata={"_kfp_workspace": True})),
            "moved": one(RuntimeArtifact(uri="/a/b", custom_path="/elsewhere")),
            "empty": ArtifactList(),
        },
    ),
    outputs=ExecutorOutputs(
        parameters={"score": OutputParameter(output_file="/out/score")},
        artifacts={"model": one(RuntimeArtifact(uri="/artifacts/model"))},
        output_file="/out/executor_output.json",
    ),
)


def resolved(*texts: str) -> tuple[str, ...]:
    return Placeholders(TOLD, FACTS).resolve_command(texts)


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("--n={{$.inputs.parameters['n']}}!", "--n=3!"),
        ('{{$.inputs.parameters["n"]}}', "3"),
        ("{{$.inputs.parameters['none']}}", ""),
        ("{{$.inputs.parameters['list']}}", '[1,"a"]'),
        ("{{$.inputs.artifacts['data'].uri}}", "gs://bucket/data"),
        ("{{$.inputs.artifacts['data'].path}}", "/gcs/bucket/data"),
        ("{{$.inputs.artifacts['data'].name}}", "a1"),
        ("{{$.inputs.artifacts['data'].metadata['rows']}}", "7"),
        ("{{$.inputs.artifacts['data'].metadata}}", '{"rows":7.0}'),
        ("{{$.inputs.artifacts['data']}}", '[{"name":"a1","uri":"gs://bucket/data","metadata":{"rows":7.0}}]'),
        ("{{$.inputs.artifacts['empty']}}", "[]"),
        ("{{$.inputs.artifacts['shared'].path}}", "/kfp-workspace/.artifacts/s3/bucket/x"),
        ("{{$.inputs.artifacts['moved'].path}}", "/elsewhere"),
        ("{{$.outputs.parameters['score'].output_file}}", "/out/score"),
        ("{{$.outputs.artifacts['model'].path}}", "/artifacts/model"),
        ("{{$.outputs.output_file}}", "/out/executor_output.json"),
        ("{{$.pipeline_job_name}}/{{$.pipeline_job_resource_name}}", "My run/my-run-abc"),
        ("{{$.pipeline_job_uuid}}/{{$.pipeline_task_name}}/{{$.pipeline_task_uuid}}", "run-1/train/dag-1"),
        ("{{$.pipeline_job_create_time_utc}}", "2026-01-02T03:04:05Z"),
        ("{{$.pipeline_job_schedule_time_utc}}", "2026-01-02T03:00:00Z"),
        ("{{$.pipeline_root}} {{$.workspace_path}}", "/artifacts /kfp-workspace"),
    ],
)
def test_a_placeholder_becomes_what_it_stands_for(text: str, result: str) -> None:
    assert resolved(text) == (result,)


def test_the_whole_input_is_its_json() -> None:
    told = ExecutorInput(inputs=ExecutorInputs(parameter_values={"n": 1}))

    assert Placeholders(told, FACTS).resolve_command(["{{$}}"]) == (
        '{"inputs":{"parameterValues":{"n":1}},"outputs":{}}',
    )


def test_a_value_that_looks_like_a_placeholder_stays_that_value() -> None:
    assert resolved("{{$.inputs.parameters['text']}}") == ("{{$.inputs.parameters['n']}}",)


@pytest.mark.parametrize("text", ["{{$.Values.image}}", "{{ $.x }}", "{{.x}}", "$.inputs.parameters['n']"])
def test_what_is_no_placeholder_of_kfp_stays(text: str) -> None:
    assert resolved(text) == (text,)


def if_present(name: str, then: str, otherwise: str) -> str:
    return f'{{"IfPresent": {{"InputName": "{name}", "Then": {then}, "Else": {otherwise}}}}}'


@pytest.mark.parametrize(
    ("text", "result"),
    [
        (if_present("n", '["--n", "{{$.inputs.parameters[\'n\']}}"]', "null"), ("--n", "3")),
        (if_present("none", '"given"', '"absent"'), ("absent",)),
        (if_present("nowhere", '"given"', "null"), ()),
        ('{"IfPresent": {"InputName": "nowhere", "Then": ["x"]}}', ()),
        (if_present("data", "\"{{$.inputs.artifacts['data'].uri}}\"", "null"), ("gs://bucket/data",)),
        (if_present("empty", '"given"', '["absent"]'), ("absent",)),
        ('{"Concat": ["a", "{{$.inputs.parameters[\'n\']}}", "b"]}', ("a3b",)),
        ('{"Concat": ["x", ' + if_present("none", '"+"', '"-"') + "]}", ("x-",)),
        (if_present("n", '[{"Concat": ["a", "b"]}]', "null"), ("ab",)),
        ('{"Concat": []}', ("",)),
    ],
)
def test_structures_are_chosen_and_joined(text: str, result: tuple[str, ...]) -> None:
    assert resolved(text) == result


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{{$.inputs.parameters['m']}}", "asks for input parameter 'm', which the task does not have"),
        ("{{$.inputs.artifacts['date'].uri}}", "asks for input artifact 'date', which the task does not have"),
        ("{{$.inputs.artifacts['empty'].uri}}", "asks for one artifact, and there is none at 'empty'"),
        ("{{$.inputs.artifacts['data'].metadata['cols']}}", "asks for metadata 'cols', which the task does not have"),
        ("{{$.outputs.parameters['x'].output_file}}", "asks for output parameter 'x', which the task does not have"),
        ("{{$.outputs.artifacts['x'].path}}", "asks for output artifact 'x', which the task does not have"),
    ],
)
def test_a_name_the_task_does_not_have_is_named(text: str, says: str) -> None:
    with pytest.raises(SpecError) as caught:
        resolved(text)

    assert caught.value.message == f"placeholder {text} {says}"


@pytest.mark.parametrize(
    "text", ['{"Concat": ', '{"Concat": [], "x": 1}', '{"Concat": [3]}', '{"IfPresent": {"Then": "a"}}']
)
def test_a_structure_that_kfp_does_not_write_is_refused(text: str) -> None:
    with pytest.raises(SpecError):
        resolved(text)


@pytest.mark.parametrize(
    ("constant", "result"),
    [
        ("n is {{$.inputs.parameters['pipelinechannel--n']}}", "n is 3"),
        ({"a": ["{{$.pipeline_job_uuid}}", 1, None]}, {"a": ["run-1", 1, None]}),
        ("{{$.workspace_path}}/x", "/kfp-workspace/x"),
        ("{{$.outputs.output_file}} {{$}}", "{{$.outputs.output_file}} {{$}}"),
        (3, 3),
    ],
)
def test_a_constant_may_hold_inputs_and_facts(constant: Json, result: Json) -> None:
    assert resolve_constant(constant, parameters={"pipelinechannel--n": 3}, facts=FACTS, name="text") == result


def test_a_constant_that_asks_for_an_unknown_input_is_refused() -> None:
    with pytest.raises(SpecError, match="the constant for input 'text' asks for input parameter 'm'"):
        resolve_constant("{{$.inputs.parameters['m']}}", parameters={}, facts=FACTS, name="text")
