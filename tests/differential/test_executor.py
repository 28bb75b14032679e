"""The same component on the same ExecutorInput, run by kfp's executor and by ours: the reports are equal."""

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

PROLOGUE = "import kfp\nfrom kfp import dsl\nfrom kfp.dsl import *\nfrom typing import *\n\n"

RUN = """
import json, sys
asked = json.loads(sys.argv[1])
from wherry.runtime.executor import run_component
try:
    report = run_component(source=asked["source"], function="f", executor_input=asked["input"], use_kfp=asked["use_kfp"])
    print("REPORT", json.dumps(report))
except Exception as error:
    print("RAISED", type(error).__name__)
"""


def artifact(title: str, uri: str, **metadata: object) -> dict[str, Any]:
    item = {"name": "n", "type": {"schemaTitle": title, "schemaVersion": "0.0.1"}, "uri": uri, "metadata": metadata}
    return {"artifacts": [item]}


INPUTS = {
    "parameterValues": {
        "i": 3,
        "x": 0.5,
        "s": "text",
        "b": True,
        "l": [1, "a", None],
        "d": {"k": [1.5]},
        "none": None,
        "status": {"state": "FAILED", "pipelineTaskName": "t", "error": {"code": 9, "message": "m"}},
        "config": {"nodeSelector": {"a": "b"}, "volumeMounts": []},
    },
    "artifacts": {
        "data": artifact("system.Dataset", "s3://b/data", rows=3),
        "model": artifact("system.Model", "oci://r/m:1", framework="x"),
        "many": {"artifacts": [*artifact("system.Dataset", "/a")["artifacts"], *artifact("acme.X", "/b")["artifacts"]]},
    },
}

COMPONENTS = {
    "parameters of every type": """
        def f(i: int, x: float, s: str, b: bool, l: list, d: Dict[str, list], none: Optional[int] = 4,
              unsent: str = 'u') -> list:
            return [i, x, s, b, l, d, none, unsent]
    """,
    "an int for a float": "def f() -> float:\n    return 3",
    "a bool for an int": "def f() -> int:\n    return True",
    "a float for an int": "def f() -> int:\n    return 3.0",
    "text for a list": "def f() -> List[int]:\n    return 'x'",
    "nothing": "def f() -> int:\n    pass",
    "undeclared": "def f():\n    return 1",
    "declared None": "def f() -> None:\n    return 1",
    "a set": "def f() -> set:\n    return {1}",
    "a named tuple": "def f() -> NamedTuple('O', [('a', int), ('b', str)]):\n    return (1, 'x')",
    "a named tuple by name": """
        def f() -> NamedTuple('O', [('a', int), ('b', Dict[str, int])]):
            return __import__('collections').namedtuple('P', ['b', 'a'])({'k': 1}, 2)
    """,
    "a named tuple that is short": "def f() -> NamedTuple('O', [('a', int), ('b', str)]):\n    return (1,)",
    "a named tuple with None": "def f() -> NamedTuple('O', [('a', int), ('b', str)]):\n    return (1, None)",
    "a final status": """
        def f(status: PipelineTaskFinalStatus) -> list:
            return [status.state, status.pipeline_task_name, status.pipeline_job_resource_name, status.error_code,
                    status.error_message]
    """,
    "a task configuration": """
        def f(config: dsl.TaskConfig, unsent: dsl.TaskConfig) -> list:
            return [config.node_selector, config.volume_mounts, config.env, unsent.resources]
    """,
    "input artifacts": """
        def f(data: Input[Artifact], model: Model, gone: Input[Dataset] = None) -> list:
            return [[type(a).__name__, a.name, a.uri, a.path, a.metadata] for a in (data, model)] + [gone]
    """,
    "a list of artifacts": """
        def f(many: Input[List[Artifact]]) -> list:
            return [[type(a).__name__, a.path] for a in many]
    """,
    "a pythonic list of artifacts": "def f(many: List[Artifact]) -> int:\n    return len(many)",
    "paths of artifacts": "def f(data: InputPath('Dataset'), model: InputPath()) -> list:\n    return [data, model]",
    "a class of its own": """
        class Plan(Artifact):
            schema_title = 'acme.X'
            schema_version = '1.0.0'
        def f(many: Input[List[Plan]]) -> list:
            return [type(a).__name__ for a in many]
    """,
    "output artifacts": """
        def f(out: Output[Model], metrics: Output[ClassificationMetrics], page: OutputPath('HTML')):
            out.framework = 'sklearn'
            out.set_path('/scratch/m')
            metrics.log_confusion_matrix(['a', 'b'], [[1, 2], [3, 4]])
            metrics.log_confusion_matrix_row('a', [5, 6])
            metrics.log_roc_curve([0.0, 1.0], [0.5, 1.0], [0.9, 0.1])
            __import__('pathlib').Path(page).write_text('x')
    """,
    "a returned artifact": "def f() -> Dataset:\n    return Dataset(name='x', uri=dsl.get_uri('mine'), metadata={'a': (1,)})",
    "a value for an artifact": "def f() -> Dataset:\n    return {'a': 1}",
    "an artifact in a named tuple": """
        def f() -> NamedTuple('O', [('a', int), ('out', Model)]):
            return (1, 'text')
    """,
    "an exception": "def f():\n    raise KeyError('x')",
}


def run(source: str, root: Path, *, use_kfp: bool) -> tuple[str, dict[str, str]]:
    """What a component reports or raises, and the files it leaves."""
    outputs = {
        "parameters": {name: {"outputFile": f"{root}/parameters/{name}"} for name in ("Output", "a", "b")},
        "artifacts": {
            "Output": artifact("system.Dataset", f"{root}/o/Output"),
            "out": artifact("system.Model", f"{root}/o/out"),
            "metrics": artifact("system.ClassificationMetrics", f"{root}/o/metrics"),
            "page": artifact("system.HTML", f"{root}/o/page"),
        },
        "outputFile": f"{root}/executor_output.json",
    }
    used = {name: port for name, port in outputs["artifacts"].items() if name in source or name == "Output"}
    if "-> Dataset" not in source:
        del used["Output"]
    inputs = {
        **INPUTS,
        "artifacts": {name: port for name, port in INPUTS["artifacts"].items() if f"{name}:" in source},
    }
    asked = {
        "source": PROLOGUE + source,
        "input": {"inputs": inputs, "outputs": {**outputs, "artifacts": used}},
        "use_kfp": use_kfp,
    }
    ended = subprocess.run(
        [sys.executable, "-c", RUN, json.dumps(asked)],
        capture_output=True,
        text=True,
        check=False,
        cwd=root,
        env={**os.environ, "_KFP_RUNTIME": "true"},
    )
    assert ended.returncode == 0, ended.stderr
    left = {
        str(path.relative_to(root)): path.read_text(encoding="utf-8")
        for path in sorted(root.rglob("*"))
        if path.is_file() and path.name != "executor_output.json"
    }
    return ended.stdout.replace(str(root), "ROOT"), left


#: kfp raises its own classes of error; that both refuse is what counts.
REFUSED = {"ValueError", "RuntimeError", "TypeError", "ReturnedValueError"}


@pytest.mark.parametrize("name", COMPONENTS)
def test_a_component_reports_the_same_under_kfp_and_here(tmp_path: Path, name: str) -> None:
    source = textwrap.dedent(COMPONENTS[name])
    (tmp_path / "kfp").mkdir()
    (tmp_path / "wherry").mkdir()

    theirs, their_files = run(source, tmp_path / "kfp", use_kfp=True)
    ours, our_files = run(source, tmp_path / "wherry", use_kfp=False)

    assert our_files == their_files
    if theirs.startswith("RAISED") and theirs.split()[1] in REFUSED:
        assert ours.split()[0] == "RAISED"
        assert ours.split()[1] in REFUSED
    else:
        assert ours == theirs
