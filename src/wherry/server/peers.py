"""Who is at the other end of a loopback connection: Linux says in /proc/net/tcp and tcp6."""

from __future__ import annotations

import ipaddress
import os
import socket
import struct
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

_UID: Final = 7
_INODE: Final = 9
_LISTEN: Final = "0A"


def peer_uid(client: tuple[str, int], server: tuple[str, int]) -> int | None:
    """The uid that owns the client's end of a connection; None if it is not on this machine or cannot be known.

    Where there is no /proc a loopback caller counts as the server's own user.

    Args:
        client: address and port of the other end.
        server: address and port of this end.
    """
    address = _plain(client[0])
    if not address.is_loopback and client[0] != server[0]:
        return None
    if not sys.platform.startswith("linux"):
        return os.getuid() if address.is_loopback else None
    local, remote = (address, client[1]), (_plain(server[0]), server[1])
    for fields in _lines():
        if _end(fields[1]) == local and _end(fields[2]) == remote:
            # The kernel says 0 once the other side has closed; that must not count as root.
            return int(fields[_UID]) if fields[3] == "01" else None
    return None


def port_holder(port: int) -> str:
    """The process that listens on a port, as ``process 12 (command)``; empty if it cannot be known."""
    inodes = {fields[_INODE] for fields in _lines() if fields[3] == _LISTEN and _end(fields[1])[1] == port}
    if not inodes:
        return ""
    wanted = {f"socket:[{inode}]" for inode in inodes}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if any(os.readlink(link) in wanted for link in _links(folder / "fd")):  # noqa: PTH115  no path: a link of /proc
                command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
                return f"process {folder.name} ({command[:120]})"
        except OSError:
            continue
    return ""


def _links(folder: Path) -> Iterable[Path]:
    return folder.iterdir()


def _lines() -> Iterator[list[str]]:
    for name in ("tcp", "tcp6"):
        try:
            text = Path("/proc/net", name).read_text(encoding="ascii")
        except OSError:
            continue
        for line in text.splitlines()[1:]:
            fields = line.split()
            if len(fields) > _INODE:
                yield fields


def _end(text: str) -> tuple[ipaddress.IPv4Address | ipaddress.IPv6Address, int]:
    """``0100007F:1F90`` as an address and a port: 32-bit words in the machine's byte order."""
    address, _, port = text.partition(":")
    words = [int(address[at : at + 8], 16) for at in range(0, len(address), 8)]
    raw = b"".join(struct.pack("=I", word) for word in words)
    family = socket.AF_INET if len(raw) == 4 else socket.AF_INET6  # noqa: PLR2004  bytes of an IPv4 address
    return _plain(socket.inet_ntop(family, raw)), int(port, 16)


def _plain(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """An address; one of IPv4 that is dressed as IPv6 is undressed."""
    address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address
