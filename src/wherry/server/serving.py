"""Listens, and serves an application until told to stop. The only module that knows uvicorn."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import logging
import socket
from collections.abc import Iterator
from typing import Any, Final

import uvicorn
from h11 import LocalProtocolError
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from wherry.errors import FailedPreconditionError, InvalidArgumentError
from wherry.server.gate import PEER_UID
from wherry.server.peers import peer_uid, port_holder

_BACKLOG: Final = 2048
_GRACE_SECONDS: Final = 3
_CLOSING: Final = "state=MUST_CLOSE"
"""What h11 says of a connection on which uvicorn has answered a broken request itself."""


def listen(host: str, port: int, *, token_required: bool) -> socket.socket:
    """A listening socket.

    Args:
        host: a name or an address.
        port: 0 means any that is free.
        token_required: whether every caller has to show a token. Without it only loopback is listened on.

    Raises:
        InvalidArgumentError: the host is unknown, or reachable from elsewhere without a token being required.
        FailedPreconditionError: the port is taken; the message names who has it, if that can be found.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except OSError as error:
        raise InvalidArgumentError(f"there is no host '{host}': {error.strerror or error}") from error
    if not token_required and not ipaddress.ip_address(str(address[0]).partition("%")[0]).is_loopback:
        raise InvalidArgumentError(
            f"'{host}' can be reached from other machines, and whoever reaches the server can run code",
            hint="Add --require-token, or listen on 127.0.0.1.",
        )
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        holder = port_holder(port)
        raise FailedPreconditionError(
            f"port {port} of {host} is taken" + (f" by {holder}" if holder else f": {error.strerror}"),
            hint="Choose another with --port N; --port 0 takes any that is free.",
        ) from error
    return listener


class _PeerProtocol(H11Protocol):
    """Looks up once per connection whose process is at the other end, and waits some time for a request."""

    patience = 0.0
    """Seconds."""

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        uid = None
        if self.client is not None and self.server is not None and self.server[1] is not None:
            uid = peer_uid(self.client, (self.server[0], self.server[1]))
        self.app_state = {**self.app_state, PEER_UID: uid}
        self.loop.call_later(self.patience, self._leave_if_silent)

    def _leave_if_silent(self) -> None:
        """Close a connection on which no request has come: who opens many of them uses up the descriptors."""
        # None until the first request, which its type does not say.
        if getattr(self, "cycle", None) is None and not self.transport.is_closing():
            self.transport.close()


def _to_whoever_listens(app: ASGIApp) -> ASGIApp:
    """``app``, whose answers are dropped where a broken request has closed the connection meanwhile."""

    async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
        async def sending(message: Message) -> None:
            try:
                await send(message)
            except LocalProtocolError as error:
                if _CLOSING not in str(error):
                    raise

        await app(scope, receive, sending)

    return guarded


class _Quiet(uvicorn.Server):
    """Leaves signals to whoever runs it."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def serve(app: ASGIApp, listener: socket.socket, *, stop: asyncio.Event, patience: float = 30.0) -> None:
    """Serve until ``stop`` is set; calls under way get a few seconds then, and are broken off.

    Args:
        app: what answers.
        listener: where.
        stop: ends it.
        patience: seconds in which a new connection has to bring a request.
    """
    config = uvicorn.Config(
        _to_whoever_listens(app),
        http=type("PatientProtocol", (_PeerProtocol,), {"patience": patience}),
        ws="none",
        lifespan="off",
        log_config=None,
        # Our own log has the errors; it would tell them twice, and warn of every caller who speaks no HTTP.
        log_level="critical",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_GRACE_SECONDS,
        proxy_headers=False,
    )
    server = _Quiet(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]), name="wherry-http")
    stopping = asyncio.create_task(stop.wait(), name="wherry-http-stop")
    voice = logging.getLogger("uvicorn.error")
    try:
        await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
        server.should_exit = True
        # It tells with a traceback which calls it breaks off. That is what stopping means, and no error.
        voice.disabled = stop.is_set()
        await serving
    finally:
        voice.disabled = False
        stopping.cancel()
        listener.close()
