from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec

from wherry.launchers.process.lightweight import recognise
from wherry.launchers.process.preparation import LentInterpreter, Prepared
from wherry.launchers.process.task_message import allowed_environment, inherited_environment, launch_frame
from wherry.model.identity import AttemptId, RunId, TaskKey
from wherry.ports import LaunchRequest, Secret
from wherry.runtime.protocol import decode
from wherry.settings import ProcessLauncherSettings
from wherry.testing.lightweight import lightweight_command

COMMAND = lightweight_command("def train(): ...\n", "train", packages=["pandas"])
FOLDER = Path("/state/attempts/run/a1")
ENVIRON = {"PATH": "/usr/bin", "HOME": "/home/ada", "AWS_SECRET_ACCESS_KEY": "canary", "EXTRA": "1"}
INTERPRETER = LentInterpreter(key="e1-1", python=Path("/env/bin/python"), lease=Path("/env.lock"), includes_kfp=True)


def request(**fields: Any) -> LaunchRequest:
    base = LaunchRequest(
        attempt_id=AttemptId("a1"),
        run_id=RunId("run"),
        task=TaskKey("root/train"),
        component="train",
        image="python:3.11",
        command=COMMAND,
        resolved_command=("echo", "resolved"),
        executor_input=b'{"inputs":{}}',
        output_types={"Output": "NUMBER_INTEGER"},
    )
    return msgspec.structs.replace(base, **fields)


def frame(one: LaunchRequest, *, lightweight: bool = True, **settings: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    prepared = Prepared(
        component=recognise(one.command) if lightweight else None, interpreter=INTERPRETER, packages=("pandas",)
    )
    chosen = ProcessLauncherSettings(**settings)
    inherited = inherited_environment(ENVIRON, chosen)
    header, body = decode(launch_frame(one, prepared, folder=FOLDER, inherited=inherited, settings=chosen))
    return header, json.loads(body)


def test_a_lightweight_component_is_forked_from_the_zygote_of_its_environment() -> None:
    header, task = frame(request())

    assert header["zygote"] == {
        "key": "e1-1",
        "kind": "kfp",
        "python": ["/env/bin/python", "-I", "-u", "-X", "utf8"],
        "lease": "/env.lock",
    }
    assert (task["function"], task["use_kfp"], task["spawn"], task["argv"], task["lease"]) == (
        "train",
        True,
        [],
        [],
        "",
    )
    assert task["executor_input"] == {"inputs": {}}


def test_without_zygotes_it_is_spawned_by_the_bare_one_and_holds_the_lease_itself() -> None:
    header, task = frame(request(), zygote=False)

    assert header["zygote"]["kind"] == "bare"
    assert task["spawn"] == ["/env/bin/python", "-I", "-u", "-X", "utf8"]
    assert task["lease"] == "/env.lock"


def test_a_task_that_sets_variables_of_the_interpreter_is_spawned_and_listened_to() -> None:
    interpreters = {
        name: frame(request(env={name: "1"}))[1]["spawn"][1:2]
        for name in ("PYTHONHASHSEED", "LD_PRELOAD", "OMP_NUM_THREADS")
    }

    assert interpreters == {"PYTHONHASHSEED": ["-s"], "LD_PRELOAD": ["-I"], "OMP_NUM_THREADS": ["-I"]}
    assert frame(request(env={"MY_LD_": "1"}))[1]["spawn"] == []


def test_any_other_command_runs_as_written_with_its_placeholders_replaced() -> None:
    header, task = frame(request(), lightweight=False)

    assert header["zygote"]["kind"] == "bare"
    assert (task["argv"], task["source"], task["lease"]) == (["echo", "resolved"], "", "/env.lock")


def test_a_task_sees_the_allow_list_what_is_passed_what_it_sets_and_its_secrets() -> None:
    own = request(env={"KFP_RUN_ID": "run"}, secrets={"TOKEN": Secret("t")})

    assert frame(own, pass_env=("EXTRA", "ABSENT"))[1]["env"] == {
        "PATH": "/env/bin:/usr/bin",
        "HOME": "/home/ada",
        "EXTRA": "1",
        "TMPDIR": "/state/attempts/run/a1/work",
        "KFP_RUN_ID": "run",
        "TOKEN": "t",
    }


def test_a_path_of_the_tasks_own_stays() -> None:
    assert frame(request(env={"PATH": "/opt/bin"}))[1]["env"]["PATH"] == "/opt/bin"


def test_no_secret_is_in_the_header() -> None:
    header, _ = frame(request(secrets={"TOKEN": Secret("canary")}))

    assert "canary" not in json.dumps(header)


def test_a_zygote_sees_the_allow_list_alone() -> None:
    assert allowed_environment(ENVIRON) == {"PATH": "/usr/bin", "HOME": "/home/ada"}
