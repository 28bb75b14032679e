"""Page tokens: opaque, signed, bound to the criteria of the list they continue."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from typing import Final

import msgspec

from wherry.errors import InvalidArgumentError
from wherry.model.listing import KeysetPosition

_SIGNATURE: Final = 16
_MAX: Final = 16384
MISMATCH: Final = (
    "page token does not match the supplied sort by and/or filtering criteria. Either specify the same criteria or "
    "leave the latter empty if page token is specified"
)


class Criteria(msgspec.Struct, frozen=True, kw_only=True):
    """What a list was asked for."""

    resource: str
    """Name of the operation, with the scope the path and the query gave it."""
    sort_by: str = ""
    filter: str = ""


class _Token(msgspec.Struct, frozen=True, array_like=True):
    criteria: Criteria
    position: KeysetPosition


def write_token(criteria: Criteria, position: KeysetPosition, *, secret: bytes) -> str:
    """A token for the page that begins behind ``position``."""
    body = msgspec.json.encode(_Token(criteria, position))
    return base64.urlsafe_b64encode(_sign(body, secret) + body).decode().rstrip("=")


def read_token(text: str, asked: Criteria, *, secret: bytes) -> tuple[Criteria, KeysetPosition]:
    """Criteria and position of a token.

    Args:
        text: what `write_token` returned.
        asked: of this call; what it leaves empty is taken from the token.
        secret: the server's.

    Raises:
        InvalidArgumentError: not a token of this server, or of another list.
    """
    token = _verified(text, secret)
    if token is None:
        raise InvalidArgumentError(
            "the page token is not one of this server's", hint="Pass next_page_token of the page before as it is."
        )
    found = token.criteria
    same = (
        found.resource == asked.resource and asked.sort_by in {"", found.sort_by} and asked.filter in {"", found.filter}
    )
    if not same:
        raise InvalidArgumentError(MISMATCH)
    return found, token.position


def _verified(text: str, secret: bytes) -> _Token | None:
    if len(text) > _MAX:
        return None
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        return None
    signature, body = raw[:_SIGNATURE], raw[_SIGNATURE:]
    if not hmac.compare_digest(signature, _sign(body, secret)):
        return None
    return msgspec.json.decode(body, type=_Token)


def _sign(body: bytes, secret: bytes) -> bytes:
    return hmac.new(secret, b"page-token\0" + body, hashlib.sha256).digest()[:_SIGNATURE]
