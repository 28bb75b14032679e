"""Every rule of a specification: broken, it is named with its place; kept, nothing is found."""

import time
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from wherry.errors import SpecError
from wherry.ir.findings import MAX_FINDINGS
from wherry.ir.spec import PipelinePackage
from wherry.ir.validate import check, validate

Document = dict[str, Any]


def document() -> Document:
    """A pipeline with a chain, a loop with Collected, a condition with OneOf, an exit task and an importer."""
    number = {"parameters": {"n": {"parameterType": "NUMBER_INTEGER"}}}
    gives = {"parameters": {"Output": {"parameterType": "NUMBER_INTEGER"}}}
    item = {"parameters": {"item": {"parameterType": "NUMBER_INTEGER"}}}
    collected = {"parameters": {"all": {"parameterType": "LIST"}}}
    data = {"artifacts": {"data": {"artifactType": {"schemaTitle": "system.Dataset"}}}}
    inner = {"componentRef": {"name": "comp-add"}, "inputs": {"parameters": {"n": {"componentInputParameter": "item"}}}}
    return {
        "schemaVersion": "2.1.0",
        "pipelineInfo": {"name": "all-rules"},
        "deploymentSpec": {
            "executors": {
                "exec-run": {"container": {"image": "python:3.11"}},
                "exec-import": {
                    "importer": {
                        "artifactUri": {"runtimeParameter": "uri"},
                        "typeSchema": {"schemaTitle": "system.Dataset"},
                    }
                },
            }
        },
        "components": {
            "comp-add": {"executorLabel": "exec-run", "inputDefinitions": number, "outputDefinitions": gives},
            "comp-sum": {
                "executorLabel": "exec-run",
                "inputDefinitions": {"parameters": {"all": {"parameterType": "LIST"}}},
                "outputDefinitions": data,
            },
            "comp-use": {"executorLabel": "exec-run", "inputDefinitions": data},
            "comp-import": {
                "executorLabel": "exec-import",
                "inputDefinitions": {"parameters": {"uri": {"parameterType": "STRING"}}},
                "outputDefinitions": data,
            },
            "comp-exit": {
                "executorLabel": "exec-run",
                "inputDefinitions": {
                    "parameters": {"status": {"parameterType": "TASK_FINAL_STATUS", "isOptional": True}}
                },
            },
            "comp-loop": {
                "dag": {
                    "tasks": {"add": inner},
                    "outputs": {
                        "parameters": {
                            "all": {"valueFromParameter": {"producerSubtask": "add", "outputParameterKey": "Output"}}
                        }
                    },
                },
                "inputDefinitions": item,
                "outputDefinitions": collected,
            },
        },
        "root": {
            "inputDefinitions": {"parameters": {"start": {"parameterType": "NUMBER_INTEGER", "defaultValue": 1}}},
            "outputDefinitions": gives,
            "dag": {
                "tasks": {
                    "first": {
                        "componentRef": {"name": "comp-add"},
                        "inputs": {"parameters": {"n": {"componentInputParameter": "start"}}},
                    },
                    "second": {
                        "componentRef": {"name": "comp-add"},
                        "dependentTasks": ["first"],
                        "inputs": {
                            "parameters": {
                                "n": {"taskOutputParameter": {"producerTask": "first", "outputParameterKey": "Output"}}
                            }
                        },
                        "retryPolicy": {"maxRetryCount": 2, "backoffDuration": "1.5s", "backoffFactor": 2},
                    },
                    "loop": {
                        "componentRef": {"name": "comp-loop"},
                        "parameterIterator": {"itemInput": "item", "items": {"raw": "[1, 2]"}},
                        "iteratorPolicy": {"parallelismLimit": 2},
                    },
                    "sum": {
                        "componentRef": {"name": "comp-sum"},
                        "inputs": {
                            "parameters": {
                                "all": {"taskOutputParameter": {"producerTask": "loop", "outputParameterKey": "all"}}
                            }
                        },
                    },
                    "use": {
                        "componentRef": {"name": "comp-use"},
                        "inputs": {
                            "artifacts": {
                                "data": {"taskOutputArtifact": {"producerTask": "sum", "outputArtifactKey": "data"}}
                            }
                        },
                    },
                    "import": {
                        "componentRef": {"name": "comp-import"},
                        "inputs": {"parameters": {"uri": {"runtimeValue": {"constant": "/data"}}}},
                    },
                    "exit": {
                        "componentRef": {"name": "comp-exit"},
                        "dependentTasks": ["use"],
                        "inputs": {"parameters": {"status": {"taskFinalStatus": {"producerTask": "use"}}}},
                        "triggerPolicy": {"strategy": "ALL_UPSTREAM_TASKS_COMPLETED"},
                    },
                },
                "outputs": {
                    "parameters": {
                        "Output": {
                            "valueFromOneof": {
                                "parameterSelectors": [
                                    {"producerSubtask": "first", "outputParameterKey": "Output"},
                                    {"producerSubtask": "second", "outputParameterKey": "Output"},
                                ]
                            }
                        }
                    }
                },
            },
        },
    }


def package_of(value: Document) -> PipelinePackage:
    return msgspec.convert({"spec": value}, PipelinePackage)


def changed(*path: str | int, to: object = ...) -> Document:
    """The valid document with the value at ``path`` replaced, or removed."""
    # Parts of the document are shared, and only one place is to change.
    whole: Document = msgspec.json.decode(msgspec.json.encode(document()))
    place: Any = whole
    for key in path[:-1]:
        place = place[key]
    if to is ...:
        del place[path[-1]]
    else:
        place[path[-1]] = to
    return whole


TASKS = ("root", "dag", "tasks")
OUTPUT = ("root", "dag", "outputs", "parameters", "Output")
FIRST_INPUT = (*TASKS, "first", "inputs", "parameters", "n")
SECOND_INPUT = (*TASKS, "second", "inputs", "parameters", "n")
AT_FIRST = "root.dag.tasks['first']"
AT_SECOND_INPUT = "root.dag.tasks['second'].inputs.parameters['n']"


def test_a_specification_that_keeps_the_rules_has_no_findings() -> None:
    assert validate(package_of(document())) == ()


@pytest.mark.parametrize(
    ("broken", "finding"),
    [
        (changed("schemaVersion", to="2.0.0"), "schemaVersion: is '2.0.0', and only '2.1.0' can be run"),
        (changed("pipelineInfo", "name", to="Has Spaces"), "pipelineInfo.name: 'Has Spaces' is no pipeline name"),
        (
            changed(*TASKS, "exit", "triggerPolicy", "condition", to="1 =="),
            "root.dag.tasks['exit'].triggerPolicy.condition: unexpected end at column 5 of '1 =='",
        ),
        (
            changed(*SECOND_INPUT, "parameterExpressionSelector", to="parseJson(string_value)["),
            f"{AT_SECOND_INPUT}.parameterExpressionSelector: unexpected end at column 25 of 'parseJson(string_value)['",
        ),
        (changed("pipelineInfo", "name", to="-a"), "pipelineInfo.name: '-a' is no pipeline name"),
        (
            changed("components", "comp-use", "executorLabel"),
            "components['comp-use']: a component has either 'dag' or 'executorLabel', and this one has neither",
        ),
        (
            changed("components", "comp-loop", "executorLabel", to="exec-run"),
            "components['comp-loop']: a component has either 'dag' or 'executorLabel', and this one has both",
        ),
        (
            changed("components", "comp-use", "executorLabel", to="exec-ran"),
            "components['comp-use'].executorLabel: executor 'exec-ran' does not exist",
        ),
        (
            changed("deploymentSpec", "executors", "exec-run", "container"),
            ("deploymentSpec.executors['exec-run']: an executor is either a 'container' or an 'importer', and this one "
            "is neither"),
        ),
        (
            changed("deploymentSpec", "executors", "exec-run", "container", to={}),
            "deploymentSpec.executors['exec-run'].container.image: the container names no image",
        ),
        (
            changed("deploymentSpec", "executors", "exec-import", "importer", "artifactUri", to={}),
            ("deploymentSpec.executors['exec-import'].importer.artifactUri: expected exactly one of 'constant' and "
            "'runtimeParameter'"),
        ),
        (
            changed(*TASKS, "first", "componentRef", "name", to="comp-ad"),
            f"{AT_FIRST}.componentRef: component 'comp-ad' does not exist",
        ),
        (
            changed(*TASKS, "second", "dependentTasks", to=["frist"]),
            "root.dag.tasks['second'].dependentTasks: task 'frist' does not exist",
        ),
        (
            changed(*FIRST_INPUT, to={}),
            f"{AT_FIRST}.inputs.parameters['n']: input 'n' of task 'first' needs exactly one source",
        ),
        (
            changed(*FIRST_INPUT, "runtimeValue", to={"constant": 1}),
            f"{AT_FIRST}.inputs.parameters['n']: input 'n' of task 'first' needs exactly one source",
        ),
        (
            changed(*FIRST_INPUT, to={"runtimeValue": {}}),
            (f"{AT_FIRST}.inputs.parameters['n'].runtimeValue: expected exactly one of 'constant' and "
            "'runtimeParameter'"),
        ),
        (
            changed(*FIRST_INPUT, "componentInputParameter", to="strat"),
            f"{AT_FIRST}.inputs.parameters['n']: the enclosing DAG has no input parameter 'strat'",
        ),
        (
            changed(*SECOND_INPUT, "taskOutputParameter", "producerTask", to="none"),
            f"{AT_SECOND_INPUT}: task 'none' does not exist",
        ),
        (
            changed(*SECOND_INPUT, "taskOutputParameter", "outputParameterKey", to="output"),
            f"{AT_SECOND_INPUT}: task 'first' has no output 'output'",
        ),
        (
            changed(*SECOND_INPUT, "taskOutputParameter", to={"producerTask": "loop", "outputParameterKey": "all"}),
            f"{AT_SECOND_INPUT}: input 'n' of task 'second' is NUMBER_INTEGER, but its source is LIST",
        ),
        (
            changed(*TASKS, "first", "inputs"),
            f"{AT_FIRST}.inputs: input 'n' of task 'first' is not given and has no default",
        ),
        (
            changed(*TASKS, "first", "inputs", "parameters", "m", to={"runtimeValue": {"constant": 1}}),
            f"{AT_FIRST}.inputs.parameters['m']: the component of task 'first' has no input 'm'",
        ),
        (
            changed(*TASKS, "use", "inputs", "artifacts", "data", "taskOutputArtifact", "outputArtifactKey", to="dat"),
            "root.dag.tasks['use'].inputs.artifacts['data']: task 'sum' has no output 'dat'",
        ),
        (
            changed(*TASKS, "use", "inputs", "artifacts", "data", to={"componentInputArtifact": "given"}),
            "root.dag.tasks['use'].inputs.artifacts['data']: the enclosing DAG has no input artifact 'given'",
        ),
        (
            changed(
                "components", "comp-use", "inputDefinitions", "artifacts", "data", "artifactType", "schemaTitle",
                to="system.Model",
            ),
            ("root.dag.tasks['use'].inputs.artifacts['data']: input 'data' of task 'use' is system.Model, but its "
            "source is system.Dataset"),
        ),
        (
            changed(*TASKS, "loop", "parameterIterator", "items", to={"raw": '{"a": 1}'}),
            ("root.dag.tasks['loop'].parameterIterator.items.raw: the items of loop 'loop' are no JSON list: "
            '{"a": 1}'),
        ),
        (
            changed(*TASKS, "loop", "parameterIterator", "items", to={}),
            "root.dag.tasks['loop'].parameterIterator.items: expected exactly one of 'raw' and 'inputParameter'",
        ),
        (
            changed(*TASKS, "loop", "parameterIterator", "items", to={"inputParameter": "list"}),
            ("root.dag.tasks['loop'].parameterIterator.items.inputParameter: task 'loop' has no input 'list' to "
            "iterate over"),
        ),
        (
            changed(*TASKS, "loop", "artifactIterator", to={"itemInput": "item", "items": {"inputArtifact": "list"}}),
            "root.dag.tasks['loop']: task 'loop' iterates over parameters and over artifacts at once",
        ),
        (
            changed(*TASKS, "loop", "iteratorPolicy", "parallelismLimit", to=-1),
            "root.dag.tasks['loop'].iteratorPolicy.parallelismLimit: the limit is below 0",
        ),
        (
            changed(*TASKS, "second", "retryPolicy", "backoffDuration", to="1 minute"),
            "root.dag.tasks['second'].retryPolicy.backoffDuration: '1 minute' is no duration",
        ),
        (
            changed(*TASKS, "second", "retryPolicy", "maxRetryCount", to=-1),
            "root.dag.tasks['second'].retryPolicy.maxRetryCount: -1 retries are fewer than none",
        ),
        (
            changed(*TASKS, "exit", "triggerPolicy"),
            ("root.dag.tasks['exit'].triggerPolicy.strategy: task 'exit' asks for a final status, and would not run if "
            "that is a failure"),
        ),
        (
            changed(*TASKS, "exit", "inputs", "parameters", "status", "taskFinalStatus", "producerTask", to="us"),
            "root.dag.tasks['exit'].inputs.parameters['status']: task 'us' does not exist",
        ),
        (
            changed("root", "inputDefinitions", "parameters", "s", to={"parameterType": "TASK_FINAL_STATUS"}),
            ("root.inputDefinitions.parameters['s']: input 's' asks for a task's final status, and a pipeline has no "
            "task before it"),
        ),
        (
            changed(*OUTPUT, "valueFromOneof", "parameterSelectors", 1, "producerSubtask", to="third"),
            "root.dag.outputs.parameters['Output']: task 'third' does not exist",
        ),
        (
            changed(*OUTPUT, "valueFromOneof", "parameterSelectors", to=[]),
            ("root.dag.outputs.parameters['Output']: output 'Output' needs exactly one of 'valueFromParameter' and "
            "'valueFromOneof'"),
        ),
        (
            changed("root", "dag", "outputs"),
            "root.outputDefinitions.parameters['Output']: no task of the DAG gives output 'Output'",
        ),
        (
            changed(*TASKS, "first", "dependentTasks", to=["second"]),
            "root.dag.tasks['first']: the tasks wait for each other in a cycle: first -> second -> first",
        ),
        (
            changed(*TASKS, "import", "dependentTasks", to=["import"]),
            "root.dag.tasks['import']: the tasks wait for each other in a cycle: import -> import",
        ),
        (
            changed("components", "comp-loop", "dag", "tasks", "add", to={"componentRef": {"name": "comp-loop"}}),
            "components['comp-loop']: the component contains itself, in a cycle: comp-loop -> comp-loop",
        ),
    ],
)  # fmt: skip
def test_a_broken_rule_is_named_with_its_place(broken: Document, finding: str) -> None:
    assert finding in [str(one) for one in validate(package_of(broken))]


def test_a_hint_offers_the_name_that_was_meant() -> None:
    (finding,) = validate(package_of(changed(*TASKS, "second", "dependentTasks", to=["frist"])))

    assert finding.hint == "Did you mean 'first'?"


@pytest.mark.parametrize("key", ["base_image", "cpu_limit", "pipelinechannel--image"])
def test_inputs_that_kfp_adds_for_settings_need_no_declaration(key: str) -> None:
    added = changed(*TASKS, "first", "inputs", "parameters", key, to={"runtimeValue": {"constant": "1"}})

    assert validate(package_of(added)) == ()


def test_an_item_of_unknown_type_is_left_to_the_run() -> None:
    item = changed("components", "comp-loop", "inputDefinitions", "parameters", "item", "parameterType", to="STRING")

    assert validate(package_of(item)) == ()


def test_one_finding_is_raised_with_its_path() -> None:
    with pytest.raises(SpecError) as caught:
        check(package_of(changed("schemaVersion", to="1")))

    assert (caught.value.path, caught.value.message) == (
        "schemaVersion",
        "schemaVersion: is '1', and only '2.1.0' can be run",
    )


def test_several_findings_are_listed_and_not_without_end() -> None:
    many = document()
    for n in range(100):
        many["root"]["dag"]["tasks"][f"lost-{n}"] = {"componentRef": {"name": "nowhere"}}

    with pytest.raises(SpecError) as caught:
        check(package_of(many))

    assert caught.value.message.splitlines()[0] == f"the pipeline breaks {MAX_FINDINGS} rules:"
    assert len(caught.value.message.splitlines()) == 12


def chain(length: int) -> Document:
    long = document()
    tasks = long["root"]["dag"]["tasks"]
    for n in range(length):
        tasks[f"link-{n}"] = {
            "componentRef": {"name": "comp-add"},
            "dependentTasks": [f"link-{n - 1}"] if n else ["first"],
            "inputs": {
                "parameters": {
                    "n": {
                        "taskOutputParameter": {
                            "producerTask": f"link-{n - 1}" if n else "first",
                            "outputParameterKey": "Output",
                        }
                    }
                }
            },
        }
    return long


def nested(depth: int, width: int) -> Document:
    """Components in components, each holding ``width`` of the next."""
    deep = document()
    for n in range(depth):
        below = f"comp-level-{n + 1}" if n + 1 < depth else "comp-exit"
        tasks = {f"t{k}": {"componentRef": {"name": below}} for k in range(width)}
        deep["components"][f"comp-level-{n}"] = {"dag": {"tasks": tasks}}
    deep["root"]["dag"]["tasks"]["deep"] = {"componentRef": {"name": "comp-level-0"}}
    return deep


@pytest.mark.parametrize("build", [lambda: chain(10_000), lambda: nested(90, 1)])
def test_long_and_deep_pipelines_are_valid_and_checked_soon(build: Callable[[], Document]) -> None:
    package = package_of(build())
    started = time.process_time()

    assert validate(package) == ()
    assert time.process_time() - started < 0.5


@pytest.mark.parametrize(
    ("depth", "width", "says"),
    [
        (10_000, 1, "root: DAGs are nested 10002 deep, and at most 100 levels are allowed"),
        (40, 10, "root: the pipeline has more than 1,000,000 tasks"),
    ],
)
def test_a_pipeline_that_unfolds_without_end_is_refused(depth: int, width: int, says: str) -> None:
    assert [str(one) for one in validate(package_of(nested(depth, width)))] == [says]
