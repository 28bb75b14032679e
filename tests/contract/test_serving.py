"""The HTTP server with its gate, over real connections in this process."""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route as StarletteRoute
from starlette.types import ASGIApp

from wherry.server.gate import Gate
from wherry.server.parts import ServerSettings
from wherry.server.serving import listen, serve

PATIENCE = 0.3


def app() -> ASGIApp:
    async def length(request: Request) -> Response:
        try:
            return Response(str(len(await request.body())))
        except ClientDisconnect:
            return Response(status_code=400)

    settings = ServerSettings(secret=b"s", token=os.urandom(8).hex(), known_uids=(os.getuid(),), patience=PATIENCE)
    return Gate(Starlette(routes=[StarletteRoute("/", length, methods=["POST"])]), settings=settings, routes=())


@contextlib.asynccontextmanager
async def connected() -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    listener, stop = listen("127.0.0.1", 0, token_required=False), asyncio.Event()
    serving = asyncio.create_task(serve(app(), listener, stop=stop, patience=PATIENCE))
    reader, writer = await asyncio.open_connection(*listener.getsockname())
    try:
        yield reader, writer
    finally:
        writer.close()
        stop.set()
        await serving


def answered(*parts: bytes) -> bytes:
    """All that comes back until the server closes."""

    async def told() -> bytes:
        async with connected() as (reader, writer):
            for part in parts:
                writer.write(part)
                await writer.drain()
            return await asyncio.wait_for(reader.read(), 30)

    return asyncio.run(told())


HEAD = b"POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"


def test_a_request_is_answered() -> None:
    assert answered(HEAD + b"Content-Length: 3\r\n\r\n", b"abc").endswith(b"\r\n\r\n3")


def test_a_connection_that_brings_no_request_is_closed() -> None:
    assert answered() == b""


def test_a_connection_that_brings_half_a_request_is_closed() -> None:
    assert answered(b"POST / HTTP/1.1\r\nHost: local") == b""


def test_a_body_that_does_not_go_on_is_given_up() -> None:
    assert answered(HEAD + b"Content-Length: 30\r\n\r\n", b"abc").startswith(b"HTTP/1.1 400 ")
