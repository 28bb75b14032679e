"""The error behind a failed call: what a server sends, as the exceptions that wherry raises itself."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from wherry.errors import (
    AlreadyExistsError,
    FailedPreconditionError,
    InfrastructureError,
    InvalidArgumentError,
    NotBuiltError,
    NotFoundError,
    PermissionDeniedError,
    RequestError,
    TooLargeError,
    UnauthenticatedError,
    WherryError,
)

#: By number of the google.rpc.Code.
_OF_CODE: Final[dict[int, type[WherryError]]] = {
    3: InvalidArgumentError,
    5: NotFoundError,
    6: AlreadyExistsError,
    7: PermissionDeniedError,
    9: FailedPreconditionError,
    10: FailedPreconditionError,
    11: TooLargeError,
    12: NotBuiltError,
    14: InfrastructureError,
    16: UnauthenticatedError,
}
#: By HTTP status, for answers without a code: of uploads, proxies, and servers of another kind.
_OF_STATUS: Final[dict[int, type[WherryError]]] = {
    400: InvalidArgumentError,
    401: UnauthenticatedError,
    403: PermissionDeniedError,
    404: NotFoundError,
    409: AlreadyExistsError,
    413: TooLargeError,
    501: NotBuiltError,
}
_SERVER_FAILED: Final = 500
_LONGEST: Final = 2000
_LOGIN_HINT: Final = (
    "Give it as --token, WHERRY_TOKEN or existing_token=. The server's own stands in server/token of its state folder."
)


def error_of(status: int, body: bytes, *, url: str) -> WherryError:
    """The error that an answer stands for.

    Args:
        status: HTTP status, 400 or higher.
        body: as it came; KFP's error shape, that of its upload handlers, or anything.
        url: the server's address.
    """
    try:
        found = msgspec.json.decode(body, type=dict[str, Any])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        found = {}
    code = found.get("code")
    kind = _OF_CODE.get(code) if isinstance(code, int) else None
    if kind is None:
        kind = _OF_STATUS.get(status, InfrastructureError if status >= _SERVER_FAILED else RequestError)
    text = found.get("message") or found.get("error_message") or found.get("error")
    if isinstance(text, str) and text:
        message, hint = _apart(text)
    else:
        said = body.decode("utf-8", "replace").strip()[:200]
        message, hint = f"{url!r} answered with status {status}" + (f": {said}" if said else ""), ""
    if kind is UnauthenticatedError:
        hint = _LOGIN_HINT
    error = kind(message[:_LONGEST], hint=hint)
    error.details = tuple(one for one in _details(found) if one not in {text, message})
    if not error.hint and error.details and "error_message" in found:
        error.hint = _apart(error.details[0])[1]
    return error


def _details(found: dict[str, Any]) -> list[str]:
    entries = found.get("details", found.get("error_details"))
    if isinstance(entries, str):
        return [entries]
    if not isinstance(entries, list):
        return []
    return [text for one in entries if isinstance(one, dict) and isinstance(text := one.get("message"), str)]


def _apart(text: str) -> tuple[str, str]:
    """A message and the hint that our server puts behind it in parentheses; a hint is one or more sentences."""
    if not text.endswith(".)"):
        return text, ""
    depth = 0
    for at in range(len(text) - 1, -1, -1):
        depth += (text[at] == ")") - (text[at] == "(")
        if depth == 0:
            message = text[:at].rstrip()
            return (message, text[at + 1 : -1]) if message else (text, "")
    return text, ""
