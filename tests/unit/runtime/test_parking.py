"""Who is parked and who was, as the zygote keeps it: ends and the host's word may come in either order."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import pytest

from wherry.runtime.parking import Parking
from wherry.runtime.protocol import decode


class Zygote:
    """A parking whose children only wait to be killed, and the host's end of its control socket."""

    def __init__(self, folder: Path) -> None:
        self.host, self.control = socket.socketpair()
        self.parking = Parking(str(folder), self.control)
        self.folder = folder
        self.pid = 0

    def park(self) -> str:
        """Park one child, its folder made. Returns its name."""
        self.parking.park(lambda _work: _sleep(), self.control, 0)
        data, files, _, _ = socket.recv_fds(self.host, 1 << 16, 1)
        header, _ = decode(data)
        os.close(files[0])
        name = str(header["parked"])
        (self.folder / name / "work").mkdir(parents=True)
        (self.pid,) = (int(pid) for pid in Path("/proc/thread-self/children").read_text().split())
        return name

    def end(self) -> int:
        os.kill(self.pid, signal.SIGKILL)
        return os.waitpid(self.pid, 0)[1]


def _sleep() -> NoReturn:
    while True:
        signal.pause()


@pytest.fixture
def zygote(tmp_path: Path) -> Iterator[Zygote]:
    made = Zygote(tmp_path)
    yield made
    if Path(f"/proc/{made.pid}").exists():
        made.end()
    made.host.close()
    made.control.close()


def test_a_child_that_ended_before_the_word_of_its_task_came_is_still_known(zygote: Zygote) -> None:
    name = zygote.park()
    (zygote.folder / name).rename(zygote.folder / "attempt")

    zygote.parking.ended(zygote.pid, zygote.end())
    given = zygote.parking.given(name)

    assert given.status == signal.SIGKILL
    assert given.look()


def test_one_killed_before_it_took_its_task_has_not_begun_and_leaves_no_folder(zygote: Zygote) -> None:
    name = zygote.park()

    zygote.parking.ended(zygote.pid, zygote.end())

    assert not zygote.parking.given(name).look()
    assert list(zygote.folder.iterdir()) == []


def test_nobody_parks_after_a_death_until_a_task_had_to_be_forked(zygote: Zygote) -> None:
    zygote.parking.want_more()
    assert zygote.parking.wants_more
    zygote.park()

    zygote.parking.ended(zygote.pid, zygote.end())

    assert not zygote.parking.wants_more
    zygote.parking.want_more()
    assert zygote.parking.wants_more
