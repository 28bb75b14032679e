"""A zygote goes through what its children will, so that they do not each do it for the first time.

Python rewrites code that runs often and remembers what it has looked up. In a fork both are writes to memory, and each
page that is written to is copied first: done before the fork, they cost nothing after it.
"""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Iterator

from wherry.runtime import attempt as attempts
from wherry.runtime import attempt_folder, json_text, performance, process_tree
from wherry.runtime.parking import make_ready, take
from wherry.runtime.protocol import PACKET_LIMIT, encode
from wherry.runtime.report import Reporter

#: Python rewrites a function after it was called eight times, and some of it only later.
_TIMES = 20


def warm_up(folder: str, death_signal: int) -> None:
    """Be parked, take a task, run it and report, some times over. The process is afterwards as it was.

    Args:
        folder: where parked children have their folders.
        death_signal: what this process gets when its parent dies.

    Raises:
        OSError: the folder cannot be used.
        ProtocolError: the environment is too long for a packet.
    """
    here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with here, there, _as_before():
        for number in range(_TIMES):
            process_tree.die_with_parent(death_signal)
            _live(f"{folder}/{os.getpid()}-warm-up-{number}", here, there)


def _live(folder: str, host: socket.socket, child: socket.socket) -> None:
    task = {**performance.REHEARSAL, "folder": f"{folder}-attempt", "env": {**attempts.environment(), "TMPDIR": folder}}
    host.send(encode({"op": "launch", "attempt": ""}, json_text.write(task).encode()))
    try:
        make_ready(folder)
        attempt, task, _ = take(child.recv(2 * PACKET_LIMIT))
        reporter = Reporter(attempt, task["folder"], child)
        attempt_folder.enter(task["folder"], folder)
        outcome = performance.carry_out(task, reporter)
        performance.forget_rehearsal()
        reporter.tell(*outcome)
        host.recv(2 * PACKET_LIMIT)
    finally:
        for left in (folder, task["folder"]):
            attempt_folder.remove_unused(left)


@contextlib.contextmanager
def _as_before() -> Iterator[None]:
    """Put the folder, the standard streams and the environment back."""
    environment = dict(attempts.environment())
    where = os.open(".", os.O_RDONLY)
    streams = [(number, os.dup(number)) for number in (1, 2)]
    try:
        yield
    finally:
        os.fchdir(where)
        for number, kept in streams:
            os.dup2(kept, number)
            os.close(kept)
        os.close(where)
        attempts.set_environment(environment)
