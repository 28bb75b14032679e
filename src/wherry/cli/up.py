"""``wherry up``: the server."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import sys
from collections.abc import AsyncIterator
from importlib.metadata import version
from pathlib import Path

import click
import msgspec

from wherry.cli.options import state_option
from wherry.cli.stop_signals import stop_on_signals
from wherry.local import embedded, whoami
from wherry.server.app import create_app, prepare
from wherry.server.credentials import load_credentials
from wherry.server.parts import ServerSettings
from wherry.server.serving import listen, serve
from wherry.settings import Settings, load_settings
from wherry.wiring import server_parts

_LOOPBACK = ("localhost", "127.0.0.1", "::1")


@click.command("up")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=8080, show_default=True, help="0: any that is free.")
@click.option("--allow-host", multiple=True, metavar="NAME", help="A further name callers may use; repeatable.")
@click.option("--require-token", is_flag=True, help="Every caller has to show the token, this user's own too.")
@click.option(
    "--token-file",
    type=click.Path(path_type=Path),
    envvar="WHERRY_TOKEN_FILE",
    help="File that holds the token to use. Default: $WHERRY_TOKEN_FILE, else one is made in the state folder.",
)
@state_option
def command(
    host: str,
    port: int,
    allow_host: tuple[str, ...],
    require_token: bool,  # noqa: FBT001  click's way
    token_file: Path | None,
    state: Path | None,
) -> int:
    """Serve the KFP API (/apis/v2beta1) over a state folder, and run what is submitted.

    On SIGTERM tasks are left running, and the next start finds them. Ctrl-C in a terminal asks what is to become of
    unfinished runs.
    """
    settings = load_settings(state=state)
    return asyncio.run(
        _up(settings, host=host, port=port, names=allow_host, require_token=require_token, token_file=token_file)
    )


async def _up(
    settings: Settings,
    *,
    host: str,
    port: int,
    names: tuple[str, ...],
    require_token: bool,
    token_file: Path | None,
) -> int:
    async with embedded(settings) as session:
        listener = listen(host, port, token_required=require_token)
        credentials = load_credentials(settings.state, token_file=token_file)
        parts = server_parts(session.parts)
        await prepare(parts)
        stopping = asyncio.Event()
        app = create_app(
            parts,
            ServerSettings(
                hosts=_names(host, names, listener, require_token=require_token),
                secret=credentials.secret,
                token=credentials.token,
                trust_own_user=not require_token,
                known_uids=(os.getuid(),),
                owner=whoami(),
                version=version("wherry"),
            ),
            stopping=stopping,
        )
        url = _url(host, listener)
        async with stop_on_signals(session, stopping), _announced(settings.state, url):
            click.echo(f"Wherry serves {url} (state {settings.state}).")
            click.echo(f"  kfp.Client(host={url!r})")
            if require_token:
                click.echo(f"  token: {settings.state / 'server' / 'token'}")
            sys.stdout.flush()
            await serve(app, listener, stop=stopping)
        click.echo("Stopped.")
    return 0


def _names(host: str, names: tuple[str, ...], listener: socket.socket, *, require_token: bool) -> frozenset[str]:
    """Names that a Host header may have; none are checked where every caller shows a token to any address."""
    address = str(listener.getsockname()[0])
    if require_token and address in {"0.0.0.0", "::"} and not names:  # noqa: S104  compared, not listened on
        return frozenset()
    return frozenset(name.lower() for name in (*_LOOPBACK, host, address, *names))


def _url(host: str, listener: socket.socket) -> str:
    port = listener.getsockname()[1]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class _Address(msgspec.Struct, frozen=True, kw_only=True):
    """Where the server of a state folder answers."""

    url: str
    pid: int


@contextlib.asynccontextmanager
async def _announced(state: Path, url: str) -> AsyncIterator[None]:
    """Leave the server's address in the state folder while it runs."""
    place = state / "server" / "address.json"
    new = place.with_suffix(".new")
    new.write_bytes(msgspec.json.encode(_Address(url=url, pid=os.getpid())) + b"\n")
    new.replace(place)
    try:
        yield
    finally:
        place.unlink(missing_ok=True)
