"""The engine's end of the connection to the task host."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable

from wherry.runtime.protocol import FrameReader, Header, ProtocolError


class HostConnection(asyncio.Protocol):
    """Frames in; frames out, everything of one turn of the loop in one piece.

    Args:
        on_frame: called with header and body of each frame that arrives.
        on_end: called once, when the host is gone or has closed the connection; not after `close`.
    """

    def __init__(self, *, on_frame: Callable[[Header, bytes], None], on_end: Callable[[], None]) -> None:
        self._on_frame = on_frame
        self._on_end = on_end
        self._reader = FrameReader()
        self._waiting: list[bytes] = []
        self._transport: asyncio.Transport | None = None
        self._loop = asyncio.get_running_loop()
        self._closed = False

    @classmethod
    async def over(
        cls, sock: socket.socket, *, on_frame: Callable[[Header, bytes], None], on_end: Callable[[], None]
    ) -> HostConnection:
        """Use a connected socket."""
        _, connection = await asyncio.get_running_loop().create_unix_connection(
            lambda: cls(on_frame=on_frame, on_end=on_end), sock=sock
        )
        return connection

    @property
    def ended(self) -> bool:
        """The host is gone, or `close` was called."""
        return self._closed

    def send(self, frame: bytes) -> None:
        """Queue a frame. Nothing happens if the connection has ended: `on_end` tells."""
        if not self._waiting:
            self._loop.call_soon(self._flush)
        self._waiting.append(frame)

    def close(self) -> None:
        """Send what is queued, and disconnect."""
        self._flush()
        self._closed = True
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:  # noqa: D102  of asyncio.Protocol
        assert isinstance(transport, asyncio.Transport)  # noqa: S101  a stream's transport is one
        self._transport = transport

    def data_received(self, data: bytes) -> None:  # noqa: D102  of asyncio.Protocol
        try:
            for header, body in self._reader.feed(data):
                if self._closed:
                    return
                self._on_frame(header, body)
        except ProtocolError:
            if self._transport is not None:
                self._transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002, D102  of asyncio.Protocol
        if not self._closed:
            self._closed = True
            self._on_end()

    def _flush(self) -> None:
        if self._waiting and self._transport is not None and not self._transport.is_closing():
            self._transport.write(b"".join(self._waiting))
        self._waiting.clear()
