"""Package files: both ways, and the errors of a reader."""

import json
import time
from typing import Any

import pytest

from wherry.errors import SpecError
from wherry.ir.spec import (
    ComponentRef,
    ComponentSpec,
    ContainerSpec,
    DagSpec,
    DeploymentSpec,
    ExecutorSpec,
    Json,
    PipelineConfig,
    PipelineInfo,
    PipelinePackage,
    PipelineSpec,
    PipelineTaskSpec,
    PlatformSpec,
    RetryPolicy,
    SinglePlatformSpec,
    TaskInputParameterSpec,
    TaskInputsSpec,
    ValueOrRuntimeParameter,
)
from wherry.ir.yaml import parse_package, write_package


def package_of(constant: Json, *, platform: PlatformSpec | None = None, tasks: int = 1) -> PipelinePackage:
    source = TaskInputParameterSpec(runtime_value=ValueOrRuntimeParameter(constant=constant))
    task = PipelineTaskSpec(
        component_ref=ComponentRef(name="comp-say"),
        inputs=TaskInputsSpec(parameters={"text": source}),
        retry_policy=RetryPolicy(max_retry_count=3, backoff_duration="0s", backoff_factor=2.0),
    )
    executor = ExecutorSpec(container=ContainerSpec(image="python:3.11", command=("sh", "-c", "echo 'a'\necho b")))
    spec = PipelineSpec(
        pipeline_info=PipelineInfo(name="small"),
        root=ComponentSpec(dag=DagSpec(tasks={f"say-{n}": task for n in range(tasks)})),
        components={"comp-say": ComponentSpec(executor_label="exec-say")},
        deployment_spec=DeploymentSpec(executors={"exec-say": executor}),
        schema_version="2.1.0",
    )
    return PipelinePackage(spec=spec, platform=platform)


WITH_TTL = PlatformSpec(
    platforms={"kubernetes": SinglePlatformSpec(pipeline_config=PipelineConfig(resource_ttl_on_completion=60))}
)


def document_of(package: PipelinePackage) -> dict[str, Any]:
    """The first document as plain values, for a test to break."""
    return json.loads(json.dumps(read_plain(write_package(package))))  # type: ignore[no-any-return]


def read_plain(text: str) -> Json:
    from wherry.ir.documents import read_yaml

    return read_yaml(text, source="p.yaml")[0]


def refusal(text: str | bytes) -> str:
    with pytest.raises(SpecError) as caught:
        parse_package(text, source="p.yaml")
    return str(caught.value)


def test_a_package_is_written_in_the_form_of_kfps_compiler() -> None:
    assert write_package(package_of(1, platform=WITH_TTL), header="# PIPELINE DEFINITION\n") == (
        """\
# PIPELINE DEFINITION
components:
  comp-say:
    executorLabel: exec-say
deploymentSpec:
  executors:
    exec-say:
      container:
        command:
        - sh
        - -c
        - 'echo ''a''

          echo b'
        image: python:3.11
pipelineInfo:
  name: small
root:
  dag:
    tasks:
      say-0:
        componentRef:
          name: comp-say
        inputs:
          parameters:
            text:
              runtimeValue:
                constant: 1.0
        retryPolicy:
          backoffDuration: 0s
          backoffFactor: 2.0
          maxRetryCount: 3
schemaVersion: 2.1.0
---
platforms:
  kubernetes:
    pipelineConfig:
      resourceTtlOnCompletion: 60
"""
    )


@pytest.mark.parametrize(
    "constant",
    [
        None, True, 0, -3, 2**53 + 1, 0.1, 1e20, 1e-9, "", "yes", "1e3", "08", "0o17", "3", "2024-01-01", "~", "<<", "=",
        "a\nb\n", " lead", "trail ", "tab\there", "ünï\U0001f600", "x" * 300, "\x85\u2028", "# no comment", "- a", "{a",
        "null", "1:30", "+.5", ".inf", {"b": [1, {"a": None}], "": {}, "3": []}, [[[]], {}],
    ],
)  # fmt: skip
def test_a_value_comes_back_as_it_was_written(constant: Json) -> None:
    package = package_of(constant)

    assert parse_package(write_package(package)) == package


def test_whole_numbers_are_integers_again_when_they_are_read() -> None:
    package = parse_package(write_package(package_of([1, 2.0, 2.5])))

    source = package.spec.root.dag.tasks["say-0"].inputs.parameters["text"]  # type: ignore[union-attr]
    assert json.dumps(source.runtime_value.constant) == "[1, 2, 2.5]"  # type: ignore[union-attr]


def test_a_thousand_tasks_are_written_in_a_fraction_of_a_second() -> None:
    package = package_of("a text", tasks=1000)
    started = time.process_time()

    write_package(package)

    assert time.process_time() - started < 0.3


def test_a_value_nested_without_end_is_not_written() -> None:
    endless: list[Json] = []
    for _ in range(200):
        endless = [endless]

    with pytest.raises(SpecError, match="more than 100 levels deep"):
        write_package(package_of(endless))


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -float("inf"), object()])
def test_a_value_that_json_cannot_hold_is_not_written(bad: Json) -> None:
    with pytest.raises(SpecError):
        write_package(package_of([bad]))


def test_json_wrappers_encodings_and_empty_documents_are_read() -> None:
    package = package_of("ü\U0001f600", platform=WITH_TTL)
    spec, platform = write_package(package).split("---\n")
    plain, plain_platform = read_plain(spec), read_plain(platform)
    wrapped = json.dumps({"pipeline_spec": plain, "platform_spec": plain_platform})

    texts: list[str | bytes] = [
        wrapped,
        wrapped.encode(),
        f"---\n{platform}---\n{spec}---\n",
        write_package(package).encode("utf-8-sig"),
        write_package(package).encode("utf-16"),
    ]
    assert [parse_package(text) == package for text in texts] == [True] * 5


def test_an_empty_platform_document_is_none() -> None:
    assert parse_package(write_package(package_of(1)) + "---\nplatforms: {}\n").platform is None


def test_the_liberties_of_protojson_are_taken() -> None:
    document = document_of(package_of(None))
    document["pipeline_info"] = document.pop("pipelineInfo")
    document["defaultPipelineRoot"] = None
    task = document["root"]["dag"]["tasks"]["say-0"]
    task["retryPolicy"]["maxRetryCount"] = "3"
    task["dependentTasks"] = None

    assert parse_package(json.dumps(document)) == package_of(None)


def broken(*path: str, value: Json) -> str:
    document = document_of(package_of("x"))
    place = document
    for key in path[:-1]:
        place = place[key]
    if value is ...:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return json.dumps(document)


TASK = ("root", "dag", "tasks", "say-0")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (broken(*TASK, "inputs", value=3), "root.dag.tasks['say-0'].inputs: expected a mapping, got a whole number"),
        (broken(*TASK, "componentRef", value=...), "root.dag.tasks['say-0']: the field 'componentRef' is missing"),
        (
            broken(*TASK, "retryPolicy", "maxRetryCount", value=2.5),
            "root.dag.tasks['say-0'].retryPolicy.maxRetryCount: expected a whole number, got a number",
        ),
        (
            broken("deploymentSpec", "executors", "exec-say", "container", "command", value=["sh", 3]),
            "deploymentSpec.executors['exec-say'].container.command[1]: expected text, got a whole number",
        ),
        (
            broken(*TASK, "inputz", value={}),
            "root.dag.tasks['say-0']: the field 'inputz' is unknown\n  hint: Did you mean 'inputs'?",
        ),
        (
            broken("components", "comp-say", "inputDefinitions", value={"parameters": {"n": {"parameterType": "INT"}}}),
            (
                "components['comp-say'].inputDefinitions.parameters['n'].parameterType: 'INT' is unknown\n  hint: The "
                "values here are 'BOOLEAN', 'LIST', 'NUMBER_DOUBLE', 'NUMBER_INTEGER', "
                "'PARAMETER_TYPE_ENUM_UNSPECIFIED', 'STRING', 'STRUCT', 'TASK_CONFIG', 'TASK_FINAL_STATUS'."
            ),
        ),
        (broken("root", value=...), "the field 'root' is missing"),
    ],
)
def test_a_value_of_the_wrong_kind_is_named_with_its_path(text: str, says: str) -> None:
    assert refusal(text) == says


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "'p.yaml' is empty."),
        ("[1]", "'p.yaml' holds a list, and a pipeline specification is a mapping."),
        ("a: 1", "'p.yaml' holds no pipeline specification: its top-level keys are 'a'."),
        ("implementation: {}", "This is a component file of kfp 1.x"),
        ("apiVersion: argoproj.io/v1alpha1", "This is an Argo Workflow (kfp 1.x)"),
        (b"\xff\xff", "'p.yaml' is not valid UTF-8: invalid start byte at byte 0."),
        ('{"pipeline_spec": 3}', "pipeline_spec: expected a mapping, got 3"),
        ("root: {}\n---\nroot: {}\n", "'p.yaml' holds 2 pipeline specifications, expected one."),
        ("root: {}\n---\nplatforms: {}\n---\nplatforms: {}\n", "'p.yaml' holds 3 documents"),
        ("x" * (32 * 1024 * 1024 + 1), "'p.yaml' is 33,554,433 bytes long, and at most 33,554,432 are allowed."),
    ],
)
def test_what_is_no_package_is_told_from_one(text: str | bytes, says: str) -> None:
    assert says in refusal(text)
