"""Asks the Linux kernel about one TCP connection: netlink's sock_diag (linux/inet_diag.h).

One question about one connection. Reading /proc/net/tcp instead takes milliseconds where a thousand connections are
open or have just been closed, and the server asks for every connection that it takes.
"""

from __future__ import annotations

import ipaddress
import os
import socket
import struct
from typing import Final, NamedTuple, TypeAlias

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
End: TypeAlias = tuple[Address, int]
"""Address and port."""

_NETLINK_SOCK_DIAG: Final = 4
_SOCK_DIAG_BY_FAMILY: Final = 20
_NLM_F_REQUEST: Final = 1
_ALL_STATES: Final = 0xFFFFFFFF
_HEADER: Final = struct.Struct("=IHHII")
"""struct nlmsghdr: length, type, flags, sequence number, port id."""
_REQUEST: Final = struct.Struct("=BBBBI")
"""The head of struct inet_diag_req_v2: family, protocol, extensions, padding, states. An id follows."""
_PORTS: Final = struct.Struct("!HH")
_NO_COOKIE: Final = struct.pack("=III", 0, 0xFFFFFFFF, 0xFFFFFFFF)
"""The rest of struct inet_diag_sockid: any interface, any cookie."""
_ID: Final = 4
_ADDRESSES: Final = _ID + _PORTS.size
_UID: Final = 64
"""Offset in struct inet_diag_msg, as are the two above."""
_OWNER: Final = struct.Struct("=II")
"""User and inode."""
_ADDRESS_BYTES: Final = 16


class Socket(NamedTuple):
    """One end of a connection."""

    uid: int
    """Its owner; 0 also if nobody holds it."""
    is_held: bool
    """Whether a process has it open. One that has sent all it had to say holds its end still."""


class DiagUnavailableError(Exception):
    """The kernel does not answer such questions."""


def find_socket(local: End, remote: End) -> Socket | None:
    """The end of a connection that lies on this machine; None if there is no such connection.

    Args:
        local: that end.
        remote: the other.

    Raises:
        DiagUnavailableError: there is no sock_diag here, or it may not be used.
    """
    family = socket.AF_INET if local[0].version == 4 else socket.AF_INET6  # noqa: PLR2004  the version of the protocol
    ends = _PORTS.pack(local[1], remote[1]) + _padded(local[0]) + _padded(remote[0])
    body = _REQUEST.pack(family, socket.IPPROTO_TCP, 0, 0, _ALL_STATES) + ends + _NO_COOKIE
    answer = _ask(_HEADER.pack(_HEADER.size + len(body), _SOCK_DIAG_BY_FAMILY, _NLM_F_REQUEST, 0, 0) + body)
    if _HEADER.unpack_from(answer)[1] != _SOCK_DIAG_BY_FAMILY:
        return None
    found = answer[_HEADER.size :]
    # Where no connection fits, the kernel offers whoever listens on the port.
    if found[_ID:_ADDRESSES] != ends[: _PORTS.size] or not _same(found[_ADDRESSES:], local[0], remote[0]):
        return None
    uid, inode = _OWNER.unpack_from(found, _UID)
    return Socket(uid, inode != 0)


def _ask(message: bytes) -> bytes:
    try:
        with socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC, _NETLINK_SOCK_DIAG) as kernel:
            kernel.settimeout(1)
            kernel.sendto(message, (0, 0))
            answer = kernel.recv(os.sysconf("SC_PAGESIZE"))
    except OSError as error:
        raise DiagUnavailableError(str(error)) from error
    if len(answer) < _HEADER.size + _ID:
        raise DiagUnavailableError("the answer is too short")
    return answer


def _padded(address: Address) -> bytes:
    return address.packed.ljust(_ADDRESS_BYTES, b"\0")


def _same(found: bytes, local: Address, remote: Address) -> bool:
    """Whether two addresses in an answer are these; one of IPv4 may be dressed as IPv6."""
    return all(
        found[at : at + _ADDRESS_BYTES] in {_padded(one), _mapped(one)}
        for at, one in ((0, local), (_ADDRESS_BYTES, remote))
    )


def _mapped(address: Address) -> bytes:
    return b"\0" * 10 + b"\xff\xff" + address.packed if isinstance(address, ipaddress.IPv4Address) else address.packed
