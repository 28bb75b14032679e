"""Specifications that are none: each is refused with its place, and the server goes on."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from command import PIPELINES, Command
from served import Answer, Served, served

#: Takes a value out.
GONE = object()

BILLION_LAUGHS = "a0: &a0 [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12)
)
PAGES = "pipelineInfo: {name: x}\nroot: {}\nschemaVersion: 2.1.0\n"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("specs") / "state") as running:
        yield running
        assert "Traceback" not in running.stop()


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    path = tmp_path_factory.mktemp("ledger") / "ledger.yaml"
    done = Command(path.parent / "unused")("compile", str(PIPELINES / "ledger.py"), "-o", str(path))
    assert done.returncode == 0, done.stdout
    return dict(yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader))


# -- texts that are no YAML, or too much of it ------------------------------------------------------------------------

TEXTS: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "is empty"),
    "space": (b" \n\n ", "is empty"),
    "a comment": (b"# nothing here\n", "is empty"),
    "a document mark": (b"---\n", "is empty"),
    "null": (b"null", "is empty"),
    "many empty documents": (b"---\n" * 5000, "is empty"),
    "a text": (b"pipeline", "a text"),
    "a number": (b"1", "a mapping"),
    "a list": (b"- a\n- b\n", "a list"),
    "a flag": (b"true", "a mapping"),
    "another mapping": (b"a: b", "no pipeline specification"),
    "an empty mapping": (b"{}", "no pipeline specification"),
    "a v1 component": (b"name: x\nimplementation: {container: {image: y}}\n", "kfp 1.x"),
    "an Argo workflow": (b"apiVersion: argoproj.io/v1alpha1\nkind: Workflow\n", "Argo"),
    "two pipelines": (PAGES.encode() + b"---\n" + PAGES.encode(), "2 pipeline specifications"),
    "three documents": (PAGES.encode() + b"---\na: b\n---\nc: d\n", "3 documents"),
    "an open list": (b"root: [", "not valid YAML"),
    "an open mapping": (b"root: {a: ", "not valid YAML"),
    "an open text": (b'root: "a', "not valid YAML"),
    "a tab": (b"root:\n\ta: b\n", "not valid YAML"),
    "a stray bracket": (b"root: ]", "not valid YAML"),
    "a bad escape": (b'root: "\\q"', "not valid YAML"),
    "bad indentation": (b"root:\n  a: b\n c: d\n", "not valid YAML"),
    "a directive alone": (b"%YAML 9.9\n---\n", "YAML"),
    "a key without a colon": (b"root: {}\nrubbish\n", "not valid YAML"),
    "a reserved sign": (b"root: @x", "not valid YAML"),
    "100,000 open lists": (b"[" * 100_000, "nest"),
    "100,000 open mappings": (b"{a: " * 100_000, "nest"),
    "100,000 lists in blocks": (b"- " * 100_000, "nest"),
    "a list of 101 levels": (b"a: " + b"[" * 101 + b"]" * 101, "nested more than"),
    "a mapping of 5,000 levels": (b"".join(b" " * n + b"a:\n" for n in range(5000)), "nest"),
    "a billion laughs": (BILLION_LAUGHS.encode(), "aliases replaced"),
    "an alias of long texts": (
        b"a: &a " + b"x" * 100_000 + b"\nb: [" + b",".join([b"*a"] * 1000) + b"]\n",
        "aliases replaced",
    ),
    "an anchor in itself": (b"a: &a [*a]", "contains itself"),
    "an anchor merged into itself": (b"a: &a\n  <<: *a\n", "contains itself"),
    "an alias of nothing": (b"a: *nowhere", "nowhere"),
    "a merge of a text": (b"a:\n  <<: text\n", "merge"),
    "a Python object": (b"a: !!python/object:os.system {}", "python/object"),
    "a Python call": (b"a: !!python/object/apply:os.system ['true']", "python/object"),
    "a tag of one's own": (b"a: !mine b", "!mine"),
    "a binary": (b"a: !!binary aGVsbG8=", "binary"),
    "a set": (b"a: !!set {x, y}", "set"),
    "a wrong integer": (b"a: !!int x", "int"),
    "a key twice": (b"root: {}\nroot: {}\n", "twice"),
    "a key that is a list": (b"? [a, b]\n: c\n", "key"),
    "a key that is a mapping": (b"? {a: b}\n: c\n", "key"),
    "a key that is a number": (b"1: a\n", "key"),
    "a NUL character": (b'root: "\\0"', "NUL"),
    "NUL bytes": (b"\0" * 100, "not valid YAML"),
    "control characters": (b"\x01\x02\x03", "not valid YAML"),
    "half a surrogate pair": (b'root: "\\ud800"', "YAML"),
    "half a surrogate pair in JSON": (b'{"root": "\\ud800", "pipelineInfo": {}}', "surrogate"),
    "Latin-1": ("root: é".encode("latin-1"), "UTF-8"),
    "half a character": ("root: é".encode()[:-1], "UTF-8"),
    "UTF-16 cut in half": ("\ufeffroot: a".encode("utf-16-le")[:-1], "UTF-16"),
    "UTF-16 of nothing": (b"\xff\xfe", "is empty"),
    "UTF-16 of another mapping": ("a: b".encode("utf-16"), "no pipeline specification"),
    "not a number": (PAGES.replace("{}", "{dag: .nan}").encode(), "finite"),
    "infinity": (PAGES.replace("{}", "{dag: -.inf}").encode(), "finite"),
    "a number too large": (PAGES.replace("{}", "{dag: 1e999}").encode(), "root.dag"),
    "10,000 digits": (PAGES.replace("{}", "{dag: " + "9" * 10_000 + "}").encode(), "dag"),
    "JSON cut off": (b'{"root": {', "not valid YAML"),
    "JSON with a key twice": (b'{"root": {}, "root": {}}', "twice"),
    "JSON with NaN": (b'{"root": NaN, "pipelineInfo": {}, "schemaVersion": "2.1.0"}', "NaN"),
    "JSON of 100,000 levels": (b'{"a":' * 100_000, "nest"),
    "JSON of 101 levels": (b'{"a":' * 101 + b"1" + b"}" * 101, "nest"),
    "a wrapper around a text": (b"pipeline_spec: text\n", "pipeline_spec"),
    "a wrapper around nothing": (b"pipeline_spec: {}\n", "no pipeline specification"),
    "a wrapper with another": (b"pipeline_spec: {}\nextra: {}\n", "no pipeline specification"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + b"\0" * 64, "UTF-8"),
    "an executable": (b"\x7fELF" + b"\0" * 64, "not valid YAML"),
    "a pickle": (b"\x80\x04\x95" + b"\0" * 64, "UTF-8"),
    "a script": (b"#!/bin/sh\nrm -rf /\n", "a text"),
    "HTML": (b"<script>alert(1)</script>", "a text"),
    "a long line": (b"x" * 1_000_000, "a text"),
}  # fmt: skip


def upload(server: Served, content: bytes) -> Answer:
    with server.unharmed():
        return server.upload("/pipelines/upload?name=bad", "bad.yaml", content)


@pytest.mark.parametrize("case", TEXTS)
def test_a_text_that_holds_no_specification_is_refused(server: Served, case: str) -> None:
    content, word = TEXTS[case]

    answer = upload(server, content)

    assert (answer.status, word in answer.json["error_details"]) == (400, True), answer.body


# -- specifications that break a rule ---------------------------------------------------------------------------------

LOOP = "components/comp-for-loop-2"
TASKS = "root/dag/tasks"
EXECUTOR = "deploymentSpec/executors/exec-step"

#: (place, what is put there, words of the answer). A place is a path of keys in the compiled ledger pipeline.
RULES: list[tuple[str, Any, str]] = [
    # The whole.
    ("schemaVersion", "9.9.9", "schemaVersion"),
    ("schemaVersion", "2.0.0", "schemaVersion"),
    ("schemaVersion", GONE, "schemaVersion"),
    ("schemaVersion", 2.1, "schemaVersion"),
    ("schemaVersion", {}, "schemaVersion"),
    ("pipelineInfo", GONE, "pipelineInfo"),
    ("pipelineInfo", "ledger", "pipelineInfo"),
    ("pipelineInfo/name", "", "pipelineInfo.name"),
    ("pipelineInfo/name", "With Blanks", "With Blanks"),
    ("pipelineInfo/name", "-dash", "-dash"),
    ("pipelineInfo/name", "x" * 129, "pipelineInfo.name"),
    ("pipelineInfo/name", "../../etc", "../../etc"),
    ("pipelineInfo/name", "naïve", "naïve"),
    ("pipelineInfo/name", 3, "pipelineInfo.name"),
    ("pipelineInfo/namex", "x", "namex"),
    ("root", GONE, "root"),
    ("root", {}, "root"),
    ("root", [], "root"),
    ("root", "dag", "root"),
    ("rot", {}, "rot"),
    ("sdkVersion", [], "sdkVersion"),
    ("defaultPipelineRoot", 7, "defaultPipelineRoot"),
    ("components", [], "components"),
    ("components", "x", "components"),
    ("components", {}, "comp-"),
    ("deploymentSpec", GONE, "exec-"),
    ("deploymentSpec", [], "deploymentSpec"),
    ("deploymentSpec/executors", {}, "exec-"),
    ("deploymentSpec/executors", 5, "executors"),
    # The root.
    ("root/dag", GONE, "root"),
    ("root/dag", [], "root.dag"),
    ("root/executorLabel", "exec-step", "both"),
    ("root/dag/tasks", GONE, "no tasks"),
    ("root/dag/tasks", {}, "no tasks"),
    ("root/dag/tasks", [1], "root.dag.tasks"),
    ("root/dag/tasks", {"": {}}, "root.dag.tasks"),
    ("root/dag/outputs", [], "root.dag.outputs"),
    ("root/dag/outputs/parameters/Output/valueFromParameter/producerSubtask", "nowhere", "nowhere"),
    ("root/dag/outputs/parameters/Output/valueFromParameter/outputParameterKey", "nothing", "nothing"),
    ("root/dag/outputs/parameters/Output/valueFromParameter", GONE, "Output"),
    ("root/dag/outputs/parameters/Output/valueFromOneof", {"parameterSelectors": []}, "Output"),
    ("root/outputDefinitions/parameters/Extra", {"parameterType": "STRING"}, "Extra"),
    ("root/inputDefinitions/parameters/ledger/parameterType", "STRANGE", "STRANGE"),
    ("root/inputDefinitions/parameters/ledger/parameterType", 12, "parameterType"),
    ("root/inputDefinitions/parameters/ledger", "STRING", "ledger"),
    ("root/inputDefinitions/parameters/ledger/typo", 1, "typo"),
    ("root/inputDefinitions/parameters/ledger", GONE, "ledger"),
    ("root/inputDefinitions/parameters/seconds/isOptional", "perhaps", "isOptional"),
    ("root/inputDefinitions/parameters/ledger/parameterType", "TASK_FINAL_STATUS", "final status"),
    ("root/inputDefinitions/parameters", ["ledger"], "parameters"),
    ("root/inputDefinitions/artifacts", {"a": {"artifactType": 5}}, "artifactType"),
    # Tasks.
    (f"{TASKS}/step", GONE, "step"),
    (f"{TASKS}/step", [], "step"),
    (f"{TASKS}/step", None, "step"),
    (f"{TASKS}/step/frobnicate", True, "frobnicate"),
    (f"{TASKS}/step/componentRef", GONE, "step"),
    (f"{TASKS}/step/componentRef", "comp-step", "componentRef"),
    (f"{TASKS}/step/componentRef/name", "comp-stepp", "comp-stepp"),
    (f"{TASKS}/step/componentRef/name", "", "componentRef"),
    (f"{TASKS}/step/componentRef/name", ["comp-step"], "componentRef.name"),
    (f"{TASKS}/step/componentRef/name", "../x", "../x"),
    (f"{TASKS}/step/dependentTasks", ["step"], "cycle"),
    (f"{TASKS}/step/dependentTasks", ["gather"], "cycle"),
    (f"{TASKS}/step/dependentTasks", ["step-2"], "cycle"),
    (f"{TASKS}/step/dependentTasks", ["nowhere"], "nowhere"),
    (f"{TASKS}/step/dependentTasks", "step-2", "dependentTasks"),
    (f"{TASKS}/step/dependentTasks", [1], "dependentTasks"),
    (f"{TASKS}/step/dependentTasks", {"a": 1}, "dependentTasks"),
    (f"{TASKS}/step/dependentTasks", [None], "dependentTasks"),
    (f"{TASKS}/step/cachingOptions", True, "cachingOptions"),
    (f"{TASKS}/step/cachingOptions/enableCache", "si", "enableCache"),
    (f"{TASKS}/step/cachingOptions/cacheKey", 3, "cacheKey"),
    (f"{TASKS}/step/taskInfo", "step", "taskInfo"),
    (f"{TASKS}/step/taskInfo/name", 3, "taskInfo.name"),
    (f"{TASKS}/step/inputs", [], "inputs"),
    (f"{TASKS}/step/inputs", GONE, "is not given"),
    (f"{TASKS}/step/inputs/parameters/name", GONE, "name"),
    (f"{TASKS}/step/inputs/parameters/nameless", {"runtimeValue": {"constant": "x"}}, "nameless"),
    (f"{TASKS}/step/inputs/parameters/name", {}, "exactly one source"),
    (f"{TASKS}/step/inputs/parameters/name", "x", "name"),
    (f"{TASKS}/step/inputs/parameters/name/runtimeValue", {}, "exactly one"),
    (f"{TASKS}/step/inputs/parameters/name/runtimeValue", "first", "runtimeValue"),
    (f"{TASKS}/step/inputs/parameters/name/componentInputParameter", "ledger", "exactly one source"),
    (f"{TASKS}/step/inputs/parameters/ledger/componentInputParameter", "legder", "legder"),
    (f"{TASKS}/step/inputs/parameters/ledger/componentInputParameter", 4, "componentInputParameter"),
    (f"{TASKS}/step/inputs/artifacts", {"a": {}}, "a"),
    (f"{TASKS}/step-2/inputs/parameters/before/taskOutputParameter/producerTask", "nowhere", "nowhere"),
    (f"{TASKS}/step-2/inputs/parameters/before/taskOutputParameter/producerTask", "step-2", "cycle"),
    (f"{TASKS}/step-2/inputs/parameters/before/taskOutputParameter/producerTask", "step-3", "cycle"),
    (f"{TASKS}/step-2/inputs/parameters/before/taskOutputParameter/producerTask", "gather", "cycle"),
    (f"{TASKS}/step-2/inputs/parameters/before/taskOutputParameter/outputParameterKey", "Outptu", "Outptu"),
    (f"{TASKS}/step-2/inputs/parameters/before/taskOutputParameter", {}, "before"),
    (f"{TASKS}/step-2/inputs/parameters/before/taskOutputParameter", "step", "taskOutputParameter"),
    # Retries, conditions, loops.
    (f"{TASKS}/step/retryPolicy", {"maxRetryCount": -1}, "maxRetryCount"),
    (f"{TASKS}/step/retryPolicy", {"maxRetryCount": "many"}, "maxRetryCount"),
    (f"{TASKS}/step/retryPolicy", {"maxRetryCount": 1.5}, "maxRetryCount"),
    (f"{TASKS}/step/retryPolicy", {"maxRetryCount": 10**30}, "maxRetryCount"),
    (f"{TASKS}/step/retryPolicy", {"backoffFactor": -2}, "backoffFactor"),
    (f"{TASKS}/step/retryPolicy", {"backoffDuration": "soon"}, "soon"),
    (f"{TASKS}/step/retryPolicy", {"backoffMaxDuration": "-1s"}, "-1s"),
    (f"{TASKS}/step/retryPolicy", {"backoffDuration": 5}, "backoffDuration"),
    (f"{TASKS}/step/retryPolicy", {"retries": 5}, "retries"),
    (f"{TASKS}/condition-3/triggerPolicy/condition", 3, "condition"),
    (f"{TASKS}/condition-3/triggerPolicy/condition", "inputs.parameter_values['n'] ==", "column"),
    (f"{TASKS}/condition-3/triggerPolicy/condition", "1 == " * 4000 + "1", "characters"),
    (f"{TASKS}/condition-3/triggerPolicy/condition", "(" * 200 + "true" + ")" * 200, "nest"),
    (f"{TASKS}/condition-3/triggerPolicy/strategy", "SOMETIMES", "SOMETIMES"),
    (f"{TASKS}/condition-3/triggerPolicy", "always", "triggerPolicy"),
    (f"{TASKS}/for-loop-2/parameterIterator/items", {}, "exactly one"),
    (f"{TASKS}/for-loop-2/parameterIterator/items", {"raw": "[1" }, "no JSON list"),
    (f"{TASKS}/for-loop-2/parameterIterator/items", {"raw": "{}"}, "no JSON list"),
    (f"{TASKS}/for-loop-2/parameterIterator/items", {"raw": "1"}, "no JSON list"),
    (f"{TASKS}/for-loop-2/parameterIterator/items", {"raw": "[" * 100_000}, "no JSON list"),
    (f"{TASKS}/for-loop-2/parameterIterator/items", {"raw": 5}, "raw"),
    (f"{TASKS}/for-loop-2/parameterIterator/items", {"raw": "[]", "inputParameter": "x"}, "exactly one"),
    (f"{TASKS}/for-loop-2/parameterIterator/items", {"inputParameter": "nothing"}, "nothing"),
    (f"{TASKS}/for-loop-2/parameterIterator/itemInput", "nothing", "nothing"),
    (f"{TASKS}/for-loop-2/parameterIterator/itemInput", GONE, "for-loop-2"),
    (f"{TASKS}/for-loop-2/parameterIterator", [], "parameterIterator"),
    (f"{TASKS}/for-loop-2/artifactIterator", {"itemInput": "x", "items": {"inputArtifact": "y"}}, "for-loop-2"),
    (f"{TASKS}/for-loop-2/iteratorPolicy/parallelismLimit", -1, "below 0"),
    (f"{TASKS}/for-loop-2/iteratorPolicy/parallelismLimit", "all", "parallelismLimit"),
    (f"{TASKS}/for-loop-2/iteratorPolicy/parallelismLimit", 0.5, "parallelismLimit"),
    (f"{TASKS}/for-loop-2/iteratorPolicy/parallelismLimit", 2**80, "parallelismLimit"),
    # Components.
    (f"{LOOP}/dag/tasks/step-7/dependentTasks", ["step-7"], "cycle"),
    (f"{LOOP}/dag/tasks/step-6/dependentTasks", ["step-7"], "cycle"),
    (f"{LOOP}/dag/tasks/step-6/dependentTasks", ["gather"], "gather"),
    (f"{LOOP}/dag/tasks/step-6/componentRef/name", "comp-for-loop-2", "contains itself"),
    (f"{LOOP}/dag/tasks/step-6/inputs/parameters/before/componentInputParameter", "nothing", "nothing"),
    (f"{LOOP}/dag/outputs/parameters/pipelinechannel--step-7-Output/valueFromParameter/producerSubtask", "x", "step-7-Output"),
    (f"{LOOP}/inputDefinitions", GONE, "pipelinechannel--"),
    (f"{LOOP}/outputDefinitions", GONE, "pipelinechannel--step-7-Output"),
    (f"{LOOP}/executorLabel", "exec-step", "both"),
    ("components/comp-step", {}, "neither"),
    ("components/comp-step", [], "comp-step"),
    ("components/comp-step", None, "comp-step"),
    ("components/comp-step", GONE, "comp-step"),
    ("components/comp-step/executorLabel", "exec-nothing", "exec-nothing"),
    ("components/comp-step/executorLabel", 1, "executorLabel"),
    ("components/comp-step/executorLabel", GONE, "neither"),
    ("components/comp-step/inputDefinitions/parameters/before/parameterType", "STRANGE", "STRANGE"),
    ("components/comp-step/inputDefinitions", GONE, "no input"),
    ("components/comp-step/outputDefinitions", GONE, "Output"),
    ("components/comp-step/outputDefinitions/parameters/Output/parameterType", "STRUCT", "STRUCT"),
    ("components/comp-gather/outputDefinitions/artifacts/note/artifactType", "system.Dataset", "artifactType"),
    # Executors.
    (EXECUTOR, {}, "neither"),
    (EXECUTOR, [], "exec-step"),
    (EXECUTOR, GONE, "exec-step"),
    (f"{EXECUTOR}/importer", {"artifactUri": {"constant": "x"}, "typeSchema": {"schemaTitle": "system.Artifact"}}, "both"),
    (f"{EXECUTOR}/containers", {}, "containers"),
    (f"{EXECUTOR}/container", GONE, "neither"),
    (f"{EXECUTOR}/container", "python", "container"),
    (f"{EXECUTOR}/container/image", GONE, "image"),
    (f"{EXECUTOR}/container/image", "", "image"),
    (f"{EXECUTOR}/container/image", ["python"], "image"),
    (f"{EXECUTOR}/container/command", "sh", "command"),
    (f"{EXECUTOR}/container/command", [1], "command"),
    (f"{EXECUTOR}/container/args", {"a": "b"}, "args"),
    (f"{EXECUTOR}/container/args", [["nested"]], "args"),
    (f"{EXECUTOR}/container/args", ["a\0b"], "NUL"),
    (f"{EXECUTOR}/container/env", {"A": "b"}, "env"),
    (f"{EXECUTOR}/container/env", [{"name": "A", "val": "b"}], "val"),
    (f"{EXECUTOR}/container/env", ["A=b"], "env"),
    (f"{EXECUTOR}/container/env", [{"name": 1}], "env"),
    (f"{EXECUTOR}/container/resources", {"cpuLimit": "much"}, "cpuLimit"),
    (f"{EXECUTOR}/container/resources", [], "resources"),
]  # fmt: skip


def changed(spec: dict[str, Any], place: str, value: Any) -> bytes:
    """The specification with one place changed, as JSON."""
    whole = copy.deepcopy(spec)
    *above, last = place.split("/")
    inner = whole
    for key in above:
        inner = inner.setdefault(key, {})
    if value is GONE:
        del inner[last]
    else:
        inner[last] = value
    return json.dumps(whole).encode()


@pytest.mark.parametrize(
    ("place", "value", "words"), RULES, ids=[f"{n}-{place}" for n, (place, _, _) in enumerate(RULES)]
)
def test_a_specification_that_breaks_a_rule_is_refused_with_the_place(
    server: Served, ledger: dict[str, Any], place: str, value: Any, words: str
) -> None:
    answer = upload(server, changed(ledger, place, value))

    assert (answer.status, words in answer.json["error_details"]) == (400, True), answer.body
