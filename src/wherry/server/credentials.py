"""The server's secret and its token, kept in the state folder for its user alone."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Credentials:
    """What is kept."""

    secret: bytes
    token: str

    def __repr__(self) -> str:
        return "Credentials(***)"


def load_credentials(state: Path) -> Credentials:
    """Read ``server/secret`` and ``server/token`` of a state folder; they are made if they are not there."""
    folder = state / "server"
    folder.mkdir(mode=0o700, exist_ok=True)
    secret = _kept(folder / "secret", secrets.token_hex(32))
    return Credentials(secret=bytes.fromhex(secret), token=_kept(folder / "token", secrets.token_urlsafe(32)))


def _kept(path: Path, fresh: str) -> str:
    if not path.exists():
        new = path.with_suffix(".new")
        new.unlink(missing_ok=True)
        file = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            os.write(file, fresh.encode() + b"\n")
            os.fsync(file)
        finally:
            os.close(file)
        new.replace(path)
    return path.read_text(encoding="ascii").strip()
