"""The kfp command, unmodified, as a person at a terminal has it."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from kfp_pipelines import adding, package_of, quiet, waiting
from served import Served, served

pytestmark = quiet()


@dataclass(frozen=True)
class KfpCommand:
    """``kfp --endpoint URL``, with a home folder of its own."""

    server: Served
    home: Path

    def __call__(self, *arguments: str, answer: str = "", status: int = 0) -> str:
        done = subprocess.run(
            [str(Path(sys.executable).parent / "kfp"), "--endpoint", self.server.url, "--output", "json", *arguments],
            env={**os.environ, "HOME": str(self.home), "PYTHONWARNINGS": "ignore"},
            input=answer,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == status, done.stdout + done.stderr
        return done.stdout if status == 0 else done.stdout + done.stderr

    def json(self, *arguments: str) -> Any:
        """The first JSON that a command prints, behind whatever it says before."""
        text = self(*arguments)
        start = re.search(r"^[\[{]", text, re.MULTILINE)
        assert start is not None, text
        return json.JSONDecoder().raw_decode(text, start.start())[0]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("command") / "state") as running:
        yield running


@pytest.fixture
def kfp_command(server: Served, tmp_path: Path) -> KfpCommand:
    return KfpCommand(server, tmp_path)


def test_pipelines_are_created_listed_shown_and_deleted(kfp_command: KfpCommand, tmp_path: Path) -> None:
    package = package_of(adding, tmp_path)
    made = kfp_command.json("pipeline", "create", "-p", "by command", "-d", "described", package)
    version = kfp_command.json("pipeline", "create-version", "-v", "v2", "-n", "by command", package)

    assert [one["pipeline_id"] for one in kfp_command.json("pipeline", "list", "-m", "5")] == [made["pipeline_id"]]
    listed = kfp_command.json("pipeline", "list-versions", made["pipeline_id"], "--sort-by", "created_at desc")
    assert [one["display_name"] for one in listed] == ["v2", "by command"]
    assert kfp_command.json("pipeline", "get", made["pipeline_id"])["display_name"] == "by command"
    shown = kfp_command.json("pipeline", "get-version", made["pipeline_id"], version["pipeline_version_id"])
    assert (shown["display_name"], shown["pipeline_id"]) == ("v2", made["pipeline_id"])
    kfp_command("pipeline", "delete-version", made["pipeline_id"], version["pipeline_version_id"], answer="y\n")
    kfp_command("pipeline", "delete", made["pipeline_id"], answer="y\n", status=1)
    kfp_command("pipeline", "delete-version", made["pipeline_id"], listed[1]["pipeline_version_id"], answer="y\n")
    kfp_command("pipeline", "delete", made["pipeline_id"], answer="y\n")
    assert "there is no pipeline" in kfp_command("pipeline", "get", made["pipeline_id"], status=1)


def test_runs_are_created_watched_listed_archived_and_deleted(kfp_command: KfpCommand, tmp_path: Path) -> None:
    package = package_of(adding, tmp_path)
    made = kfp_command.json("run", "create", "-e", "by command", "-r", "first", "-f", package, "a=4")

    assert (made["display_name"], made["runtime_config"]["parameters"]) == ("first", {"a": 4})
    assert "Run is finished with state SUCCEEDED." in kfp_command("run", "get", "-w", made["run_id"])
    assert [one["run_id"] for one in kfp_command.json("run", "list", "-m", "5")] == [made["run_id"]]
    kfp_command("run", "archive", made["run_id"])
    assert kfp_command.json("run", "get", made["run_id"])["storage_state"] == "ARCHIVED"
    kfp_command("run", "unarchive", made["run_id"])
    kfp_command("run", "delete", made["run_id"], answer="y\n")
    assert "there is no run" in kfp_command("run", "get", made["run_id"], status=1)


def test_experiments_are_created_listed_archived_and_deleted(kfp_command: KfpCommand) -> None:
    made = kfp_command.json("experiment", "create", "commanded", "-d", "described")

    assert kfp_command.json("experiment", "get", made["experiment_id"])["display_name"] == "commanded"
    names = [
        one["display_name"] for one in kfp_command.json("experiment", "list", "--sort-by", "created_at desc", "-m", "1")
    ]
    assert names == ["commanded"]
    kfp_command("experiment", "archive", "--experiment-name", "commanded")
    assert kfp_command.json("experiment", "get", made["experiment_id"])["storage_state"] == "ARCHIVED"
    kfp_command("experiment", "unarchive", "--experiment-id", made["experiment_id"])
    kfp_command("experiment", "delete", made["experiment_id"], answer="y\n")
    assert "there is no experiment" in kfp_command("experiment", "get", made["experiment_id"], status=1)


def test_a_watched_run_that_is_terminated_ends_the_watch(kfp_command: KfpCommand, tmp_path: Path) -> None:
    made = kfp_command.json("run", "create", "-e", "watched", "-f", package_of(waiting, tmp_path))
    kfp_command.server.post(f"/runs/{made['run_id']}:terminate")

    assert "Run is finished with state FAILED." in kfp_command("run", "get", "-w", made["run_id"])


def test_recurring_runs_are_refused_with_a_reason(kfp_command: KfpCommand) -> None:
    said = kfp_command("recurring-run", "list", status=1)

    assert "recurring runs are not built in this version of wherry" in said
