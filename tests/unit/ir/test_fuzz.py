"""Whatever is done to a specification, reading and checking it ends in a value or a SpecError."""

import copy
import json
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings

from wherry.errors import SpecError
from wherry.ir.digest import decode_package, encode_package
from wherry.ir.validate import check, validate
from wherry.ir.yaml import parse_package, write_package

PARAMETER = {"parameterType": "NUMBER_INTEGER"}
DATA = {"artifactType": {"schemaTitle": "system.Dataset", "schemaVersion": "0.0.1"}}
SEED: dict[str, Any] = {
    "schemaVersion": "2.1.0",
    "pipelineInfo": {"name": "fuzzed"},
    "deploymentSpec": {"executors": {"exec-a": {"container": {"image": "python:3.11", "command": ["sh"]}}}},
    "components": {
        "comp-a": {
            "executorLabel": "exec-a",
            "inputDefinitions": {"parameters": {"n": {**PARAMETER, "defaultValue": 1.0, "isOptional": True}}},
            "outputDefinitions": {"parameters": {"Output": PARAMETER}, "artifacts": {"data": DATA}},
        },
        "comp-loop": {
            "inputDefinitions": {"parameters": {"item": PARAMETER}},
            "dag": {
                "tasks": {
                    "a": {
                        "componentRef": {"name": "comp-a"},
                        "inputs": {"parameters": {"n": {"componentInputParameter": "item"}}},
                    }
                }
            },
        },
    },
    "root": {
        "dag": {
            "tasks": {
                "a": {"componentRef": {"name": "comp-a"}, "cachingOptions": {"enableCache": True}},
                "b": {
                    "componentRef": {"name": "comp-a"},
                    "dependentTasks": ["a"],
                    "inputs": {
                        "parameters": {
                            "n": {"taskOutputParameter": {"producerTask": "a", "outputParameterKey": "Output"}}
                        }
                    },
                    "triggerPolicy": {"condition": "true", "strategy": "ALL_UPSTREAM_TASKS_COMPLETED"},
                    "retryPolicy": {"maxRetryCount": 2, "backoffDuration": "1s", "backoffFactor": 2.0},
                },
                "loop": {
                    "componentRef": {"name": "comp-loop"},
                    "parameterIterator": {"itemInput": "item", "items": {"raw": "[1, 2]"}},
                },
            }
        }
    },
}

Path = tuple[str | int, ...]


def paths_of(value: Any, at: Path = ()) -> list[Path]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [at, *(path for key, child in inner for path in paths_of(child, (*at, key)))]


PATHS = paths_of(SEED)[1:]
NAMES = sorted({str(key) for path in PATHS for key in path} | {"", "nowhere", "a.b", "'", "\u2028", "__class__"})
VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.sampled_from([2**31, 2**63, -(2**63) - 1, 2**64, 10**400]),
    st.floats(), st.sampled_from(NAMES), st.text(max_size=8),
    st.sampled_from([{}, [], [[]], [None], {"a": {}}, {"": None}]), st.just(SEED["components"]["comp-a"]),
)  # fmt: skip
MUTATION = st.tuples(st.sampled_from(PATHS), st.sampled_from(["drop", "set", "add", "rename", "copy"]), VALUES)


def mutate(document: Any, path: Path, how: str, value: Any) -> None:
    place = document
    for key in path[:-1]:
        try:
            place = place[key]
        except (KeyError, IndexError, TypeError):
            return
    last: Any = path[-1]
    if not isinstance(place, dict) or last not in place:
        return
    match how:
        case "drop":
            del place[last]
        case "set":
            place[last] = value
        case "add":
            place[str(value)] = copy.deepcopy(place[last])
        case "rename":
            place[str(value)] = place.pop(last)
        case _:
            place[last] = copy.deepcopy(document)


def read_and_use(text: str | bytes) -> None:
    try:
        package = parse_package(text)
    except SpecError:
        return
    findings = validate(package)
    try:
        check(package)
        assert findings == ()
    except SpecError:
        assert findings != ()
    assert decode_package(encode_package(package)) == package
    assert parse_package(write_package(package)) == package


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(MUTATION, min_size=1, max_size=4))
def test_a_mutated_specification_is_read_or_refused(mutations: list[tuple[Path, str, Any]]) -> None:
    document = copy.deepcopy(SEED)
    for mutation in mutations:
        mutate(document, *mutation)

    read_and_use(json.dumps(document))


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_mutated_text_is_read_or_refused(data: st.DataObject) -> None:
    text = write_package(parse_package(json.dumps(SEED)))
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 40)))
    insert = data.draw(
        st.one_of(st.text(max_size=6), st.sampled_from(["*a", "&a ", "<<: ", "- ", "? ", "!!set ", "\t", "---\n", "'"]))
    )

    read_and_use(text[:start] + insert + text[end:])


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    read_and_use(raw)


def test_the_seed_itself_is_valid() -> None:
    assert validate(parse_package(json.dumps(SEED))) == ()


@pytest.mark.parametrize("text", ["root: &a {dag: {tasks: {x: *a}}}\nschemaVersion: 2.1.0\n", "{root: {}, root: {}}"])
def test_a_specification_that_refers_to_itself_is_refused(text: str) -> None:
    with pytest.raises(SpecError):
        parse_package(text)
