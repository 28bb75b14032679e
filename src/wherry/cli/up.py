"""``wherry up``: the server."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import click

from wherry.cli.hosting import Hosting, hosted
from wherry.cli.options import state_option
from wherry.cli.stop_signals import stop_on_signals
from wherry.local import embedded
from wherry.settings import Settings, load_settings


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
    hosting = Hosting(host=host, port=port, names=allow_host, require_token=require_token, token_file=token_file)
    return asyncio.run(_up(load_settings(state=state), hosting))


async def _up(settings: Settings, hosting: Hosting) -> int:
    async with embedded(settings) as session:
        stopping = asyncio.Event()
        async with hosted(session, hosting, stopping=stopping) as server, stop_on_signals(session, stopping):
            click.echo(f"Wherry serves {server.url} (state {settings.state}).")
            click.echo(f"  kfp.Client(host={server.url!r})")
            if hosting.require_token:
                click.echo(f"  token: {server.token_file}")
            sys.stdout.flush()
            await server.serve()
        click.echo("Stopped.")
    return 0
