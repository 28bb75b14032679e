"""Both ways of asking Linux who is at the other end of a connection say the same."""

import contextlib
import os
import socket
from collections.abc import Callable, Iterator

import pytest

from wherry.server.peers import _in_proc, _plain, peer_uid, port_holder
from wherry.server.socket_diag import End, Socket, find_socket

Ask = Callable[[End, End], Socket | None]


@contextlib.contextmanager
def connected(listen_on: str, call: str) -> Iterator[tuple[socket.socket, socket.socket]]:
    """Both ends of a connection: the caller's, and the server's."""
    family = socket.AF_INET if "." in listen_on else socket.AF_INET6
    both = {"dualstack_ipv6": True} if listen_on == "::" else {}
    with (
        socket.create_server((listen_on, 0), family=family, **both) as listener,
        socket.create_connection((call, listener.getsockname()[1])) as caller,
        listener.accept()[0] as server,
    ):
        yield caller, server


def ends(server: socket.socket) -> tuple[End, End]:
    """The caller's end and the server's, as the server knows them."""
    (far, far_port), (near, near_port) = server.getpeername()[:2], server.getsockname()[:2]
    return (_plain(far), far_port), (_plain(near), near_port)


WAYS = pytest.mark.parametrize("ask", [find_socket, _in_proc])
FAMILIES = pytest.mark.parametrize(
    ("listen_on", "call"), [("127.0.0.1", "127.0.0.1"), ("::1", "::1"), ("::", "127.0.0.1")]
)


@WAYS
@FAMILIES
def test_the_owner_of_the_other_end_is_found(ask: Ask, listen_on: str, call: str) -> None:
    with connected(listen_on, call) as (_, server):
        assert ask(*ends(server)) == Socket(uid=os.getuid(), is_held=True)


@WAYS
def test_an_end_that_has_said_all_it_had_to_say_is_held_still(ask: Ask) -> None:
    with connected("127.0.0.1", "127.0.0.1") as (caller, server):
        caller.shutdown(socket.SHUT_WR)

        assert ask(*ends(server)) == Socket(uid=os.getuid(), is_held=True)


@WAYS
def test_an_end_that_has_been_closed_is_not_held(ask: Ask) -> None:
    with connected("127.0.0.1", "127.0.0.1") as (caller, server):
        caller.close()

        found = ask(*ends(server))

    assert found is None or not found.is_held


@WAYS
def test_a_listener_is_no_end_of_a_connection(ask: Ask) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        local = (_plain("127.0.0.1"), listener.getsockname()[1])

        assert ask(local, (_plain("127.0.0.1"), 1)) is None


@FAMILIES
def test_a_caller_of_this_machine_is_known(listen_on: str, call: str) -> None:
    with connected(listen_on, call) as (_, server):
        assert peer_uid(server.getpeername()[:2], server.getsockname()[:2]) == os.getuid()


def test_a_caller_who_has_left_is_not_taken_for_root() -> None:
    with connected("127.0.0.1", "127.0.0.1") as (caller, server):
        caller.close()

        assert peer_uid(server.getpeername(), server.getsockname()) is None


def test_who_listens_on_a_port_is_named() -> None:
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as listener:
        assert port_holder(listener.getsockname()[1]).startswith(f"process {os.getpid()} (")
