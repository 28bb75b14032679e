"""A server over the engine of this process: for ``wherry up``, and for as long as ``wherry demo`` tells its story."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Final

import msgspec
from starlette.types import ASGIApp

from wherry.client.address import Announcement, announcement_file
from wherry.local import Session, whoami
from wherry.server.app import create_app, prepare
from wherry.server.credentials import load_credentials
from wherry.server.parts import ServerSettings
from wherry.server.serving import listen, serve
from wherry.wiring import server_parts

_LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, kw_only=True)
class Hosting:
    """Where to listen, and whom to let in."""

    host: str = "127.0.0.1"
    port: int = 8080
    """0: any that is free."""
    names: tuple[str, ...] = ()
    """Further names that callers may use."""
    require_token: bool = False
    token_file: Path | None = None


@dataclass(frozen=True)
class Hosted:
    """A server that listens. It answers while `serve` runs."""

    url: str
    token_file: Path
    app: ASGIApp
    listener: socket.socket
    stopping: asyncio.Event

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.listener.getsockname()[1])

    async def serve(self) -> None:
        """Answer until ``stopping`` is set."""
        await serve(self.app, self.listener, stop=self.stopping)


@contextlib.asynccontextmanager
async def hosted(session: Session, hosting: Hosting, *, stopping: asyncio.Event) -> AsyncIterator[Hosted]:
    """Listen, and leave the address in the state folder for as long as the block lasts.

    Args:
        session: the open engine.
        hosting: where to listen.
        stopping: set to stop it.

    Raises:
        InvalidArgumentError, FailedPreconditionError: that address cannot be listened on.
    """
    state = session.parts.settings.state
    listener = listen(hosting.host, hosting.port, token_required=hosting.require_token)
    try:
        credentials = load_credentials(state, token_file=hosting.token_file)
        parts = server_parts(session.parts)
        await prepare(parts)
        app = create_app(
            parts,
            ServerSettings(
                hosts=_names(hosting, listener),
                secret=credentials.secret,
                token=credentials.token,
                trust_own_user=not hosting.require_token,
                known_uids=(os.getuid(),),
                owner=whoami(),
                version=version("wherry"),
            ),
            stopping=stopping,
        )
        token_file = (hosting.token_file or state / "server" / "token").absolute()
        url = _url(hosting.host, listener)
        with _announced(state, Announcement(url=url, pid=os.getpid(), token_file=str(token_file))):
            yield Hosted(url, token_file, app, listener, stopping)
    finally:
        listener.close()


def _names(hosting: Hosting, listener: socket.socket) -> frozenset[str]:
    """Names that a Host header may have; none are checked where every caller shows a token to any address."""
    address = str(listener.getsockname()[0])
    anywhere = address in {"0.0.0.0", "::"}  # noqa: S104  compared, not listened on
    if hosting.require_token and anywhere and not hosting.names:
        return frozenset()
    return frozenset(name.lower() for name in (*_LOOPBACK, hosting.host, address, *hosting.names))


def _url(host: str, listener: socket.socket) -> str:
    port = listener.getsockname()[1]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


@contextlib.contextmanager
def _announced(state: Path, announcement: Announcement) -> Iterator[None]:
    place = announcement_file(state)
    new = place.with_suffix(".new")
    new.write_bytes(msgspec.json.encode(announcement) + b"\n")
    new.replace(place)
    try:
        yield
    finally:
        place.unlink(missing_ok=True)
