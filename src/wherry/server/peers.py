"""Who is at the other end of a loopback connection: Linux says, by sock_diag or else in /proc/net/tcp and tcp6."""

from __future__ import annotations

import contextlib
import ipaddress
import os
import struct
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from wherry.server.socket_diag import Address, DiagUnavailableError, End, Socket, find_socket

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
    theirs, ours = (address, client[1]), (_plain(server[0]), server[1])
    try:
        found = find_socket(theirs, ours)
        # A kernel without the module for TCP knows no connection at all, ours neither.
        if found is None and find_socket(ours, theirs) is None:
            found = _in_proc(theirs, ours)
    except DiagUnavailableError:
        found = _in_proc(theirs, ours)
    # The kernel says 0 once the other side has closed; that must not count as root.
    return found.uid if found is not None and found.is_held else None


def _in_proc(local: End, remote: End) -> Socket | None:
    locals_, remotes = _texts(local), _texts(remote)
    for fields in _lines():
        if fields[1] in locals_ and fields[2] in remotes:
            return Socket(int(fields[_UID]), int(fields[_INODE]) != 0)
    return None


def _texts(end: End) -> frozenset[str]:
    """``0100007F:1F90``: an end as /proc writes it, by 32-bit words in the machine's byte order; IPv4 in two ways."""
    address, port = end
    forms = [address.packed]
    if isinstance(address, ipaddress.IPv4Address):
        forms.append(b"\0" * 10 + b"\xff\xff" + address.packed)
    words = (struct.unpack(f"={len(form) // 4}I", form) for form in forms)
    return frozenset("".join(f"{word:08X}" for word in one) + f":{port:04X}" for one in words)


def port_holder(port: int) -> str:
    """The process that listens on a port, as ``process 12 (command)``; empty if it cannot be known."""
    inodes = {fields[_INODE] for fields in _lines() if fields[3] == _LISTEN and fields[1].endswith(f":{port:04X}")}
    if not inodes:
        return ""
    wanted = {f"socket:[{inode}]" for inode in inodes}
    for folder in Path("/proc").glob("[0-9]*"):
        if not wanted.isdisjoint(_open_files(folder)):
            try:
                command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
            except OSError:
                continue
            return f"process {folder.name} ({command[:120]})"
    return ""


def _open_files(process: Path) -> Iterator[str]:
    """What the descriptors of a process point at, as far as it may be seen."""
    with contextlib.suppress(OSError):
        for link in os.listdir(process / "fd"):  # noqa: PTH208  names alone, and at once: the folder changes meanwhile
            with contextlib.suppress(OSError):
                yield os.readlink(process / "fd" / link)  # noqa: PTH115  no path: a link of /proc


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


def _plain(text: str) -> Address:
    """An address; one of IPv4 that is dressed as IPv6 is undressed."""
    address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address
