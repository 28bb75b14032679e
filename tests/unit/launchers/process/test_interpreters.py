"""Which Python stands in for an image."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from wherry.errors import LauncherError
from wherry.launchers.process.interpreters import (
    Candidate,
    Interpreter,
    Interpreters,
    UnknownImageError,
    find_candidates,
    installed_pythons,
    running_interpreter,
)
from wherry.model.outcomes import Fault
from wherry.settings import ImageSettings

RUNNING = Interpreter(path=Path("/running/python3.11"), version="3.11.7")


def executable(folder: Path, version: str) -> Path:
    """A stand-in for an interpreter, which says that it is of ``version``."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "python3"
    path.write_text(f"#!/bin/sh\necho {version}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def interpreters(*candidates: Candidate) -> Interpreters:
    return Interpreters({}, running=RUNNING, candidates=lambda: candidates)


@pytest.mark.parametrize(
    "image",
    [
        "python:3.11",
        "python:3.11.4",
        "python:3.11-slim-bookworm",
        "python:3.11-alpine@sha256:0123abcd",
        "library/python:3.11",
        "docker.io/library/python:3.11",
        "registry.example.org:5000/python:3.11-slim",
        "mirror.example.org/hub/library/python:3.11",
        "localhost:5000/python:3.11",
        "python",
        "python:3",
        "python:latest",
        "python:slim",
        "python@sha256:0123abcd",
    ],
)
def test_a_python_image_runs_on_the_running_python_of_that_version_or_of_none_named(image: str) -> None:
    choice = interpreters().for_image(image, {})

    assert (choice.interpreter, choice.packages, choice.note) == (RUNNING, (), "")


@pytest.mark.parametrize(
    "image", ["ubuntu:22.04", "acme/python:3.11", "pytorch/pytorch", "", "python:", "my-python:3.11"]
)
def test_any_other_image_is_refused_with_the_ways_out(image: str) -> None:
    with pytest.raises(UnknownImageError) as caught:
        interpreters().for_image(image, {})

    assert caught.value.fault is Fault.USER
    assert repr(image) in caught.value.message
    assert "[images]" in caught.value.hint
    assert "container engine" in caught.value.hint


def test_another_version_is_looked_for_on_the_machine(tmp_path: Path) -> None:
    old = executable(tmp_path, "3.9.18")

    choice = interpreters(Candidate(old, (3, 9))).for_image("python:3.9-slim", {})

    assert choice.interpreter == Interpreter(path=old, version="3.9.18")
    assert choice.note == ""


def test_a_version_that_the_machine_lacks_gets_the_nearest_and_a_note(tmp_path: Path) -> None:
    near, far = executable(tmp_path / "a", "3.9.18"), executable(tmp_path / "b", "3.7.16")

    choice = interpreters(Candidate(far, (3, 7)), Candidate(near, (3, 9))).for_image("python:3.8", {})

    assert choice.interpreter.version == "3.9.18"
    assert "asks for Python 3.8" in choice.note
    assert "runs on Python 3.9.18" in choice.note


def test_of_two_equally_near_the_newer_is_taken(tmp_path: Path) -> None:
    newer = executable(tmp_path, "3.13.0")

    assert interpreters(Candidate(newer, (3, 13))).nearest("3.12").version == "3.13.0"


def test_an_interpreter_that_does_not_start_is_passed_over(tmp_path: Path) -> None:
    broken = tmp_path / "python3"
    broken.write_text("#!/bin/sh\nexit 127\n", encoding="utf-8")
    broken.chmod(0o755)

    assert interpreters(Candidate(broken, (3, 9))).nearest("3.9") == RUNNING


def test_the_project_may_say_what_an_image_holds() -> None:
    images = {
        "acme/train:7": ImageSettings(python="3.11", packages=("torch==2.1",)),
        "python:3.9": ImageSettings(packages=("numpy",)),
    }

    assert interpreters().for_image("acme/train:7", images).packages == ("torch==2.1",)
    assert interpreters().for_image("python:3.9", images).interpreter == RUNNING


def test_a_version_that_is_none_is_refused() -> None:
    with pytest.raises(LauncherError, match="'latest' is no Python version"):
        interpreters().for_image("acme/train:7", {"acme/train:7": ImageSettings(python="latest")})


def test_pythons_of_uv_and_pyenv_are_found_newest_patch_first_and_shims_are_not(tmp_path: Path) -> None:
    pyenv, managed, path = tmp_path / ".pyenv", tmp_path / ".local/share/uv/python", tmp_path / "bin"
    for version in ("3.12.2", "3.12.10", "2.7.18"):
        executable(pyenv / "versions" / version / "bin", version)
    executable(managed / "cpython-3.13.1-linux-x86_64-gnu" / "bin", "3.13.1")
    for folder in (path, pyenv / "shims"):
        folder.mkdir()
        (folder / "python3.10").touch()
        (folder / "python3.10-config").touch()
    environ = {"HOME": str(tmp_path), "PATH": f"{path}:{pyenv / 'shims'}"}

    assert list(find_candidates(environ)) == [
        Candidate(managed / "cpython-3.13.1-linux-x86_64-gnu/bin/python3", (3, 13)),
        Candidate(pyenv / "versions/3.12.10/bin/python3", (3, 12)),
        Candidate(pyenv / "versions/3.12.2/bin/python3", (3, 12)),
        Candidate(path / "python3.10", (3, 10)),
    ]
    running = ".".join(map(str, sys.version_info[:3]))
    others = [v for v in ("3.13", "3.12", "3.10") if not running.startswith(f"{v}.")]
    assert installed_pythons(environ) == (running, *others)


def test_the_running_interpreter_is_the_one_below_the_virtual_environment() -> None:
    running = running_interpreter()

    assert running.path.is_file()
    assert not (running.path.parent.parent / "pyvenv.cfg").exists()
