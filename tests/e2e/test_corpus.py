"""The corpus: pipelines written against kfp, compiled by kfp, submitted by kfp's client, and what comes of them.

Each file of ``tests/corpus`` holds one pipeline and, beside it, what is expected of its run: the state of every task,
every parameter that came out and every artifact with its contents. All of them are submitted to one server at once.
"""

import importlib.util
import json
import sys
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace
from served import Served, served

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import kfp
    from kfp import compiler

CORPUS = Path(__file__).parents[1] / "corpus"
ANY = "*"
"""Stands for a value or a content that differs from run to run."""
NAMES = sorted(path.stem for path in CORPUS.glob("*.py"))

pytestmark = pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::DeprecationWarning")


class ExpectedArtifact(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One artifact: its type in the words of the API, its metadata and, if it is a file, the text in it."""

    type: str
    content: str | None = None
    metadata: dict[str, Any] = {}


class Expected(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What becomes of a run. Tasks are named by the path below the root; an output is ``path.name``."""

    tasks: dict[str, str]
    arguments: dict[str, Any] = {}
    state: str = "SUCCEEDED"
    parameters: dict[str, Any] = {}
    artifacts: dict[str, list[ExpectedArtifact]] = {}
    errors: dict[str, str] = {}
    logs: dict[str, str] = {}
    """A text that the log of the task contains."""


@dataclass(frozen=True)
class Case:
    """A file of the corpus."""

    package: Path
    expected: Expected


def load(name: str, folder: Path) -> Case:
    """Compile a file of the corpus with kfp."""
    path = CORPUS / f"{name}.py"
    spec = importlib.util.spec_from_file_location(f"corpus_{name}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            spec.loader.exec_module(module)
            package = folder / f"{name}.yaml"
            compiler.Compiler().compile(module.pipeline, str(package))
    finally:
        del sys.modules[spec.name]
    return Case(package, msgspec.convert(module.EXPECTED, Expected))


@dataclass(frozen=True)
class Corpus:
    """All files of the corpus, submitted to one server."""

    server: Served
    client: Any
    cases: dict[str, Case]
    runs: dict[str, str]

    def ended(self, name: str) -> Any:
        """The run of a file, when it has ended."""
        return self.client.wait_for_run_completion(self.runs[name], timeout=240, sleep_duration=0.2)

    def tasks(self, name: str) -> dict[str, dict[str, Any]]:
        """Every task of a run by its path below the root, which itself is the empty path."""
        found = []
        token = ""
        while True:
            page = self.server.get(f"/runs/{self.runs[name]}/tasks?page_size=200&page_token={token}").json
            found += page["tasks"]
            token = page.get("next_page_token", "")
            if not token:
                return {task["scope_path"].replace(".", "/").removeprefix("root").lstrip("/"): task for task in found}


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Corpus]:
    folder = tmp_path_factory.mktemp("corpus")
    cases = {name: load(name, folder) for name in NAMES}
    with served(folder / "state") as server:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            client = kfp.Client(host=server.url)
        runs = {
            name: client.create_run_from_pipeline_package(
                str(case.package), arguments=case.expected.arguments, run_name=name, experiment_name="corpus"
            ).run_id
            for name, case in cases.items()
        }
        yield Corpus(server, client, cases, runs)


def like(expected: Any, found: Any) -> Any:
    """What is expected; where that is ``ANY``, what was found, if something was."""
    if isinstance(expected, dict) and isinstance(found, dict):
        return {name: like(value, found.get(name)) for name, value in expected.items()}
    return found if expected == ANY and found is not None else expected


def parameters(tasks: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Every parameter that came out of a task that does work, or of the run itself."""
    return {
        f"{path}.{one['parameter_key']}" if path else one["parameter_key"]: one.get("value")
        for path, task in tasks.items()
        if task["type"] in {"ROOT", "RUNTIME", "IMPORTER"}
        for one in task.get("outputs", {}).get("parameters", ())
    }


def artifacts(server: Served, tasks: dict[str, dict[str, Any]]) -> dict[str, list[ExpectedArtifact]]:
    """Every artifact that a task made."""
    return {
        f"{path}.{one['artifact_key']}": [
            ExpectedArtifact(artifact["type"], content(server, artifact), artifact.get("metadata", {}))
            for artifact in one.get("artifacts", ())
        ]
        for path, task in tasks.items()
        if task["type"] in {"RUNTIME", "IMPORTER"}
        for one in task.get("outputs", {}).get("artifacts", ())
    }


def content(server: Served, artifact: dict[str, Any]) -> str | None:
    """The text of an artifact, if there is a file."""
    answer = server.get(f"/artifacts/{artifact['artifact_id']}/download")
    return answer.body.decode() if answer.status == 200 else None


@pytest.mark.parametrize("name", NAMES)
def test_a_pipeline_compiled_by_kfp_runs_as_declared(corpus: Corpus, name: str) -> None:
    run, expected = corpus.ended(name), corpus.cases[name].expected

    tasks = corpus.tasks(name)
    below_root = {path: task for path, task in tasks.items() if path}
    why = json.dumps({path: task.get("status_metadata", {}).get("message") for path, task in tasks.items()}, indent=1)
    assert {path: task["state"] for path, task in below_root.items()} == expected.tasks, why
    assert run.state == expected.state, why
    assert parameters(tasks) == like(expected.parameters, parameters(tasks))
    made = artifacts(corpus.server, tasks)
    assert made == {
        name: [
            replace(one, content=like(one.content, other.content))
            for one, other in zip(ports, made.get(name, ports), strict=True)
        ]
        for name, ports in expected.artifacts.items()
    }
    for path, text in expected.errors.items():
        assert text in tasks[path]["status_metadata"]["message"]
    for path, text in expected.logs.items():
        log = corpus.server.get(f"/runs/{run.run_id}/tasks/{tasks[path]['task_id']}/log").body.decode()
        assert text in log


def test_no_environment_of_a_task_has_kfp_in_it(corpus: Corpus) -> None:
    for name in NAMES:
        corpus.ended(name)

    environments = corpus.server.command.state / "environments"
    installed = {path.name.partition("-")[0] for path in environments.rglob("*.dist-info")}
    assert "corpus_greeting" in installed
    assert {name for name in installed if name.startswith("kfp")} == set()
