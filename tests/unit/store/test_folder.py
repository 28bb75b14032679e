from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from wherry.errors import FailedPreconditionError, StateHeldError
from wherry.store.folder import StateFolder


def held(path: Path, command: str = "wherry run a.py") -> StateFolder:
    folder = StateFolder(path)
    folder.hold(command=command)
    return folder


def test_a_second_holder_learns_who_the_first_is_and_what_to_do(tmp_path: Path) -> None:
    first = held(tmp_path)

    with pytest.raises(StateHeldError) as caught:
        held(tmp_path)

    first.release()
    assert f"held by 'wherry run a.py' (process {os.getpid()} on " in caught.value.message
    assert f"'kill {os.getpid()}'" in caught.value.hint
    assert "--state OTHER" in caught.value.hint


def test_a_released_folder_can_be_held_again(tmp_path: Path) -> None:
    held(tmp_path).release()
    again = held(tmp_path)

    again.release()
    assert again.holder() is None


def test_the_holder_is_told_to_whoever_asks(tmp_path: Path) -> None:
    first = held(tmp_path)
    holder = StateFolder(tmp_path).holder()

    first.release()
    assert holder is not None
    assert (holder.pid, holder.command) == (os.getpid(), "wherry run a.py")


def test_nobody_holds_a_folder_that_is_not_there(tmp_path: Path) -> None:
    assert StateFolder(tmp_path / "absent").holder() is None


def test_the_lock_ends_with_the_process_however_it_ends(tmp_path: Path) -> None:
    script = (
        "import os, pathlib, sys\n"
        "from wherry.store.folder import StateFolder\n"
        "StateFolder(pathlib.Path(sys.argv[1])).hold(command='killed')\n"
        "os.kill(os.getpid(), 9)\n"
    )
    subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=False)

    held(tmp_path).release()


def test_a_child_process_does_not_keep_the_lock(tmp_path: Path) -> None:
    first = held(tmp_path)
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        first.release()
        held(tmp_path).release()
        child.communicate(b"\n")


def test_only_its_owner_can_look_into_it(tmp_path: Path) -> None:
    path = tmp_path / "state"
    held(path).release()

    assert stat.S_IMODE(path.stat().st_mode) == 0o700
    assert stat.S_IMODE((path / "lock").stat().st_mode) == 0o600


def test_a_newer_format_is_refused_and_the_lock_let_go(tmp_path: Path) -> None:
    (tmp_path / "format").write_text('{"state": 2}')

    with pytest.raises(FailedPreconditionError, match="format 2"):
        held(tmp_path)
    assert StateFolder(tmp_path).holder() is None


def test_a_writer_that_was_killed_as_it_wrote_the_format_is_in_nobodys_way(tmp_path: Path) -> None:
    folder = StateFolder(tmp_path)
    (tmp_path / "format").touch()
    (tmp_path / "format.new").write_text("{")

    folder.hold(command="test")
    folder.release()
    assert sorted(path.name for path in tmp_path.glob("format*")) == ["format"]
    folder.check_format()


def test_a_format_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "format").write_text("two")

    with pytest.raises(FailedPreconditionError, match="format"):
        held(tmp_path)


def test_a_folder_that_cannot_be_made_is_an_error_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(FailedPreconditionError, match=r"file/state' cannot be written: Not a directory"):
        held(tmp_path / "file" / "state")
