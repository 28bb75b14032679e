"""The server's secret and its token, kept in the state folder for its user alone."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from wherry.errors import InvalidArgumentError

_SHORTEST: Final = 16
"""Characters of a token: what is shorter can be guessed by trying."""


@dataclass(frozen=True)
class Credentials:
    """What is kept."""

    secret: bytes
    token: str

    def __repr__(self) -> str:
        return "Credentials(***)"


def load_credentials(state: Path, *, token_file: Path | None = None) -> Credentials:
    """Read ``server/secret`` and ``server/token`` of a state folder; they are made if they are not there.

    Args:
        state: the state folder; it exists.
        token_file: holds the token to use, which replaces the folder's. None: the folder's own is used.

    Raises:
        InvalidArgumentError: the token file cannot be read, or holds no token that could be sent or trusted.
    """
    given = None if token_file is None else _read_token(token_file)
    folder = state / "server"
    folder.mkdir(mode=0o700, exist_ok=True)
    secret, token = folder / "secret", folder / "token"
    if not secret.exists():
        _keep(secret, secrets.token_hex(32))
    if given is not None or not token.exists():
        _keep(token, given or secrets.token_urlsafe(32))
    return Credentials(secret=bytes.fromhex(_kept(secret)), token=_kept(token))


def _read_token(path: Path) -> str:
    try:
        token = path.read_text(encoding="ascii").strip()
    except OSError as error:
        raise InvalidArgumentError(f"the token file '{path}' cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError:
        token = ""
    if len(token) < _SHORTEST or not all("!" <= character <= "~" for character in token):
        raise InvalidArgumentError(
            f"the token file '{path}' holds no token: one is a word of at least {_SHORTEST} printable ASCII characters",
            hint="`python3 -c 'import secrets; print(secrets.token_urlsafe(32))'` prints a good one.",
        )
    return token


def _keep(path: Path, value: str) -> None:
    new = path.with_suffix(".new")
    new.unlink(missing_ok=True)
    file = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        os.write(file, value.encode() + b"\n")
        os.fsync(file)
    finally:
        os.close(file)
    new.replace(path)


def _kept(path: Path) -> str:
    return path.read_text(encoding="ascii").strip()
