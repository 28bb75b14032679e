"""A stream of frames to one peer of the task host. It never blocks: what the peer does not take waits, up to a limit."""

from __future__ import annotations

import socket
import struct
from collections.abc import Callable

from wherry.launchers.process.poller import Poller
from wherry.runtime.protocol import FrameReader, Header, ProtocolError

#: A peer that leaves so many bytes unread, and is to get more, is cut off. An engine connects again, and is told again
#: what it had not read.
OUT_LIMIT = 32 * 1024 * 1024

_READ = 256 * 1024

_FILE = struct.Struct("i")

#: Room for the one file that a frame comes with: the kernel never joins two such frames in one piece.
_FILES = socket.CMSG_SPACE(_FILE.size)


class Wire:
    """Frames in and out.

    Args:
        sock: connected; made non-blocking, and closed by `close`.
        poller: calls back.
        on_frame: called with header and body of each frame that arrives.
        on_end: called once when the peer is gone, or cut off; not after `close`.
        on_file: called with each open file that comes along with a frame, before ``on_frame`` is called with that; its
            owner is who is called. None: files are refused.
    """

    def __init__(
        self,
        sock: socket.socket,
        poller: Poller,
        *,
        on_frame: Callable[[Header, bytes], None],
        on_end: Callable[[], None],
        on_file: Callable[[int], None] | None = None,
    ) -> None:
        sock.setblocking(False)
        self._socket = sock
        self._poller = poller
        self._on_frame = on_frame
        self._on_end = on_end
        self._on_file = on_file
        self._reader = FrameReader()
        self._out = bytearray()
        self._blocked = False
        self.open = True
        poller.watch(sock, self._read)

    def send(self, frame: bytes) -> None:
        """Queue a frame; everything queued in one turn goes out in one piece."""
        if not self.open:
            return
        if self._blocked and len(self._out) > OUT_LIMIT:
            self._poller.at_end_of_turn(self._end)
            return
        self._out += frame
        if not self._blocked:
            self._poller.at_end_of_turn(self._write)

    def close(self) -> None:
        """Close at once; what still waits is lost."""
        if self.open:
            self.open = False
            self._poller.forget(self._socket)
            self._socket.close()

    def flush_and_close(self) -> None:
        """Close after one attempt to send what waits."""
        self._write()
        self.close()

    def _end(self) -> None:
        if self.open:
            self.close()
            self._on_end()

    def _read(self) -> None:
        try:
            data = self._receive()
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._end()
            return
        try:
            for header, body in self._reader.feed(data):
                if not self.open:  # an earlier frame ended it
                    return
                self._on_frame(header, body)
        except ProtocolError:
            self._end()

    def _receive(self) -> bytes:
        if self._on_file is None:
            return self._socket.recv(_READ)
        data, ancillary, _, _ = self._socket.recvmsg(_READ, _FILES, socket.MSG_CMSG_CLOEXEC)
        for level, kind, content in ancillary:
            if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
                for (number,) in _FILE.iter_unpack(content):
                    self._on_file(number)
        return data

    def _write(self) -> None:
        if not self.open:
            return
        try:
            sent = self._socket.send(self._out) if self._out else 0
        except BlockingIOError:
            sent = 0
        except OSError:
            self._end()
            return
        del self._out[:sent]
        if bool(self._out) != self._blocked:
            self._blocked = bool(self._out)
            self._poller.watch(self._socket, self._read, write=self._write if self._blocked else None)
