"""Environments built by the real uv, out of wheels that a test writes: no index is asked."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

from wherry.launchers.process.environments import Environment, EnvironmentRequest, Environments
from wherry.launchers.process.file_locks import FileLock, LockKind
from wherry.launchers.process.index_options import IndexOptions
from wherry.launchers.process.interpreters import Interpreters, running_interpreter
from wherry.launchers.process.uv import EnvironmentBuildError, RequirementsError
from wherry.model.outcomes import Fault

PYTHON = running_interpreter().minor


def write_wheel(folder: Path, name: str, version: str = "1.0", *, requires: str = "") -> None:
    folder.mkdir(parents=True, exist_ok=True)
    info = f"{name}-{version}.dist-info"
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as wheel:
        wheel.writestr(f"{name}.py", f"VERSION = {version!r}\n")
        need = f"Requires-Dist: {requires}\n" if requires else ""
        wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{need}")
        wheel.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        wheel.writestr(f"{info}/RECORD", f"{name}.py,,\n{info}/METADATA,,\n{info}/WHEEL,,\n{info}/RECORD,,\n")


def environments(folder: Path, *, options: IndexOptions | None = None) -> Environments:
    wheels = folder / "wheels"
    wheels.mkdir(exist_ok=True)
    environ = {**os.environ, "UV_CACHE_DIR": str(folder / "cache"), "UV_HTTP_RETRIES": "0"}
    return Environments(
        folder / "envs",
        interpreters=Interpreters(environ),
        options=options or IndexOptions(find_links=(str(wheels),), no_index=True),
        environ=environ,
    )


def request(*requirements: str, **more: tuple[str, ...]) -> EnvironmentRequest:
    return EnvironmentRequest(python=PYTHON, requirements=requirements, **more)


def run(environment: Environment, code: str) -> str:
    return subprocess.run(
        [environment.python, "-I", "-c", code], capture_output=True, text=True, check=True
    ).stdout.strip()


def unfinished(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "envs" / "builds").glob("*"))


def test_a_request_without_packages_gets_the_standard_library_alone(tmp_path: Path) -> None:
    environment = environments(tmp_path).ensure(request())

    seen = run(
        environment, "import sys, importlib.util as u; print(sys.prefix, u.find_spec('msgspec'), u.find_spec('pip'))"
    )
    assert seen == f"{environment.path} None None"
    assert environment.includes_kfp is False


def test_packages_and_what_they_need_are_installed(tmp_path: Path) -> None:
    write_wheel(tmp_path / "wheels", "alpha", requires="beta>=2")
    write_wheel(tmp_path / "wheels", "beta", "2.5")
    environment = environments(tmp_path).ensure(request("alpha"))

    assert run(environment, "import alpha, beta; print(alpha.VERSION, beta.VERSION)") == "1.0 2.5"


def test_the_second_time_nothing_is_resolved_or_built(tmp_path: Path) -> None:
    write_wheel(tmp_path / "wheels", "alpha")
    first = environments(tmp_path).ensure(request("alpha"))
    (tmp_path / "wheels" / "alpha-1.0-py3-none-any.whl").unlink()
    told: list[str] = []

    assert environments(tmp_path).find(request("alpha")) == first
    assert environments(tmp_path).ensure(request("alpha"), on_progress=told.append) == first
    assert told == []


def test_what_was_resolved_stays_until_an_upgrade_is_asked_for(tmp_path: Path) -> None:
    write_wheel(tmp_path / "wheels", "alpha", "1.0")
    old = environments(tmp_path).ensure(request("alpha"))
    write_wheel(tmp_path / "wheels", "alpha", "2.0")

    assert environments(tmp_path).ensure(request("alpha")).key == old.key
    new = environments(tmp_path).ensure(request("alpha"), upgrade=True)
    assert run(new, "import alpha; print(alpha.VERSION)") == "2.0"
    assert new.lock_digest != old.lock_digest
    assert environments(tmp_path).find(request("alpha")) == new


def test_requests_that_resolve_to_the_same_packages_share_an_environment(tmp_path: Path) -> None:
    write_wheel(tmp_path / "wheels", "alpha")
    write_wheel(tmp_path / "wheels", "beta")
    made = environments(tmp_path)

    assert made.ensure(request("alpha", "beta")) == made.ensure(request("beta", "alpha", "alpha"))
    assert made.ensure(request("alpha==1.0", "beta")) == made.ensure(request("alpha", "beta"))


def test_a_collected_environment_is_rebuilt_as_it_was(tmp_path: Path) -> None:
    write_wheel(tmp_path / "wheels", "alpha", "1.0")
    made = environments(tmp_path)
    old = made.ensure(request("alpha"))
    made.collect()
    write_wheel(tmp_path / "wheels", "alpha", "2.0")

    assert made.find(request("alpha")) is None
    assert made.ensure(request("alpha")) == old


def test_an_environment_with_kfp_says_so(tmp_path: Path) -> None:
    write_wheel(tmp_path / "wheels", "alpha", requires="kfp")
    write_wheel(tmp_path / "wheels", "kfp", "2.17.0")

    assert environments(tmp_path).ensure(request("alpha")).includes_kfp is True


def test_progress_says_what_is_waited_for(tmp_path: Path) -> None:
    write_wheel(tmp_path / "wheels", "alpha")
    told: list[str] = []
    environments(tmp_path).ensure(request("alpha"), on_progress=told.append)

    assert told == ["resolving alpha", "installing 1 packages: alpha==1.0"]


def test_scripts_work_after_the_environment_was_moved_to_its_place(tmp_path: Path) -> None:
    environment = environments(tmp_path).ensure(request())

    assert "builds" not in (environment.path / "pyvenv.cfg").read_text(encoding="utf-8")
    assert run(environment, "import sys; print(sys.executable)") == str(environment.python)


# -- failures ---------------------------------------------------------------------------------------------------------


def test_a_package_that_does_not_exist_is_the_authors_fault_and_named(tmp_path: Path) -> None:
    with pytest.raises(RequirementsError, match="no-such-package") as caught:
        environments(tmp_path).ensure(request("no-such-package"))

    assert caught.value.fault is Fault.USER
    assert caught.value.retryable is False
    assert "packages_to_install" in caught.value.hint
    assert unfinished(tmp_path) == []


def test_packages_that_contradict_each_other_are_explained(tmp_path: Path) -> None:
    write_wheel(tmp_path / "wheels", "alpha", requires="beta>=2")
    write_wheel(tmp_path / "wheels", "beta", "1.0")

    with pytest.raises(RequirementsError, match=r"alpha depend on beta>=2"):
        environments(tmp_path).ensure(request("alpha", "beta==1.0"))


@pytest.mark.parametrize("wrong", ["pandas>>2", "-r requirements.txt", "alpha\nbeta", " "])
def test_what_is_no_requirement_is_refused(tmp_path: Path, wrong: str) -> None:
    with pytest.raises(RequirementsError):
        environments(tmp_path).ensure(request(wrong))


def test_an_index_that_cannot_be_reached_is_nobodys_fault_in_the_task(tmp_path: Path) -> None:
    unreachable = environments(tmp_path, options=IndexOptions(index_url="http://127.0.0.1:9/simple"))

    with pytest.raises(EnvironmentBuildError, match="could not be fetched") as caught:
        unreachable.ensure(request("alpha"))
    assert caught.value.fault is Fault.INFRASTRUCTURE
    assert caught.value.retryable is True


def test_a_password_of_an_index_is_not_shown(tmp_path: Path) -> None:
    secret = environments(tmp_path, options=IndexOptions(index_url="http://user:hunter2@127.0.0.1:9/simple"))

    with pytest.raises(EnvironmentBuildError) as caught:
        secret.ensure(request("alpha"))
    assert "hunter2" not in str(caught.value)


# -- several processes, and the death of one ---------------------------------------------------------------------------


PREAMBLE = """
import sys
from pathlib import Path
from wherry.launchers.process.environments import EnvironmentRequest, Environments
from wherry.launchers.process.index_options import IndexOptions
from wherry.launchers.process.interpreters import Interpreters
folder = Path(sys.argv[1])
options = IndexOptions(find_links=(str(folder / "wheels"),), no_index=True)
environ = {"UV_CACHE_DIR": str(folder / "cache"), "HOME": str(folder)}
made = Environments(folder / "envs", interpreters=Interpreters(environ), options=options, environ=environ)
print("ready", flush=True)
"""


def another_process(folder: Path, code: str) -> subprocess.Popen[str]:
    """Another process that has ``made``, the environments of the folder, and has said that it is ready."""
    process = subprocess.Popen(
        [sys.executable, "-c", PREAMBLE + code, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def test_of_several_builders_one_builds_and_the_others_wait(tmp_path: Path) -> None:
    write_wheel(tmp_path / "wheels", "alpha")
    code = (
        "sys.stdin.readline()\n"
        "told = []\n"
        f"asked = EnvironmentRequest(python={PYTHON!r}, requirements=('alpha',))\n"
        "environment = made.ensure(asked, on_progress=told.append)\n"
        "print(environment.key, any(line.startswith('installing') for line in told))\n"
    )
    processes = [another_process(tmp_path, code) for _ in range(3)]
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    outcomes = [process.communicate(timeout=60)[0].split() for process in processes]

    assert len({key for key, _ in outcomes}) == 1
    assert sorted(built for _, built in outcomes) == ["False", "False", "True"]


def test_a_killed_builder_leaves_nothing_that_a_later_start_does_not_remove(tmp_path: Path) -> None:
    code = (
        "with made._build_folder() as (folder, lock):\n"
        "    (folder / 'half').write_text('half')\n"
        "    print('building', flush=True)\n"
        "    sys.stdin.read()\n"
    )
    made = environments(tmp_path)
    with another_process(tmp_path, code) as builder:
        assert builder.stdout is not None
        assert builder.stdout.readline() == "building\n"
        kept_while_it_builds = made.remove_leftovers()
        builder.send_signal(signal.SIGKILL)
        builder.wait()

    assert kept_while_it_builds == 0
    assert made.remove_leftovers() == 1
    assert unfinished(tmp_path) == []


def test_half_an_environment_is_never_taken_for_one(tmp_path: Path) -> None:
    made = environments(tmp_path)
    environment = made.ensure(request())
    (environment.path / "wherry-environment.json").unlink()

    assert made.find(request()) is None
    assert made.ensure(request()) == environment


def test_an_environment_whose_interpreter_is_gone_is_built_anew(tmp_path: Path) -> None:
    made = environments(tmp_path)
    environment = made.ensure(request())
    environment.python.unlink()
    environment.python.symlink_to("/no/such/python")

    assert made.find(request()) is None
    assert run(made.ensure(request()), "print(1)") == "1"


def test_a_row_of_another_format_is_ignored(tmp_path: Path) -> None:
    made = environments(tmp_path)
    made.ensure(request())
    (row,) = (tmp_path / "envs" / "requests").glob("*.json")
    row.write_text(json.dumps({**json.loads(row.read_text(encoding="utf-8")), "format": "e0"}), encoding="utf-8")

    assert made.find(request()) is None


# -- collection --------------------------------------------------------------------------------------------------------


def test_collection_spares_what_is_leased_or_kept(tmp_path: Path) -> None:
    write_wheel(tmp_path / "wheels", "alpha")
    write_wheel(tmp_path / "wheels", "beta")
    made = environments(tmp_path)
    leased, kept, free = made.ensure(request("alpha")), made.ensure(request("beta")), made.ensure(request())

    with made.lease(leased):
        assert made.collect(keep={kept.key}) == (free.key,)
    assert leased.python.exists()
    assert not free.path.exists()
    assert set(made.collect()) == {leased.key, kept.key}


def test_a_lease_outlives_its_process_in_a_child_that_inherited_it(tmp_path: Path) -> None:
    made = environments(tmp_path)
    environment = made.ensure(request())
    with FileLock(environment.lease_file, LockKind.SHARED) as lock:
        child = subprocess.Popen(["cat"], stdin=subprocess.PIPE, pass_fds=(lock.fileno(),))
    with child:
        assert made.collect() == ()
        child.kill()

    assert made.collect() == (environment.key,)


def test_a_lease_on_a_collected_environment_is_refused(tmp_path: Path) -> None:
    made = environments(tmp_path)
    environment = made.ensure(request())
    made.collect()

    with pytest.raises(Exception, match="was collected"), made.lease(environment):
        pass


@pytest.mark.crash
def test_a_builder_killed_at_any_time_leaves_a_whole_environment_or_none(tmp_path: Path) -> None:
    for number in range(20):
        write_wheel(tmp_path / "wheels", "alpha", f"{number + 1}.0")
    made = environments(tmp_path)
    for number in range(20):
        asked = request(f"alpha=={number + 1}.0")
        code = f"made.ensure(EnvironmentRequest(python={PYTHON!r}, requirements={asked.requirements!r}))\n"
        with another_process(tmp_path, code) as builder:
            try:
                builder.wait(timeout=number * 0.01)
            except subprocess.TimeoutExpired:
                builder.kill()

        found = made.find(asked)
        if found is not None:
            assert run(found, "import alpha; print(alpha.VERSION)") == f"{number + 1}.0"
        assert run(made.ensure(asked), "import alpha; print(alpha.VERSION)") == f"{number + 1}.0"
    # A killed builder's uv works on, and holds the lock of its folder, until it is done.
    deadline = time.monotonic() + 30
    while unfinished(tmp_path) and time.monotonic() < deadline:
        made.remove_leftovers()
        time.sleep(0.05)
    assert unfinished(tmp_path) == []
