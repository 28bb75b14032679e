"""Where the server is."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import msgspec

from wherry.errors import InvalidArgumentError

_DEFAULT: Final = "http://127.0.0.1:8080"


class Announcement(msgspec.Struct, frozen=True, kw_only=True):
    """What a server leaves in the state folder that it holds, as ``server/address.json``."""

    url: str
    pid: int
    token_file: str = ""
    """Where its token stands; empty: in ``server/token`` of the folder."""


@dataclass(frozen=True)
class Address:
    """A server's address, and the token of its state folder where that is at hand."""

    url: str
    token: str = ""

    def __repr__(self) -> str:
        return f"Address({self.url!r})"


def announcement_file(state: Path) -> Path:
    """Where the server of a state folder leaves its address."""
    return state / "server" / "address.json"


def announced_address(state: Path) -> Address | None:
    """The server that holds a state folder; None if there is none.

    What a killed server left behind does not count: another one may have its port by now.
    """
    try:
        found = msgspec.json.decode(announcement_file(state).read_bytes(), type=Announcement)
    except (OSError, msgspec.MsgspecError):
        return None
    token_file = Path(found.token_file) if found.token_file else state / "server" / "token"
    return Address(found.url, _token(token_file)) if _is_alive(found.pid) else None


def address_of(host: str) -> Address:
    """The address a person wrote: ``http://…``, ``https://…``, or a bare ``host:port``, which means http.

    Raises:
        InvalidArgumentError: it is none.
    """
    url = (host if "://" in host else f"http://{host}").rstrip("/")
    try:
        parts = urlsplit(url)
        fits = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        fits = False
    if not fits:
        raise InvalidArgumentError(f"{host!r} is no address of a server", hint=f"Like {_DEFAULT}.")
    return Address(url)


def default_address() -> Address:
    """Where ``wherry up`` listens if it is told nothing."""
    return Address(_DEFAULT)


def _token(file: Path) -> str:
    try:
        return file.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True  # somebody else's
    return True
