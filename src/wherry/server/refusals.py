"""Reasons to refuse a call that only a server has."""

from __future__ import annotations

from wherry.errors import RequestError


class UnauthenticatedError(RequestError):
    """Nobody knows who calls. HTTP 401."""

    code = "UNAUTHENTICATED"


class PermissionDeniedError(RequestError):
    """The caller may not do this. HTTP 403."""

    code = "PERMISSION_DENIED"


class TooLargeError(RequestError):
    """The request is larger than the server takes. HTTP 413."""

    code = "OUT_OF_RANGE"


class NotBuiltError(RequestError):
    """This version of wherry has no such feature. HTTP 501."""

    code = "UNIMPLEMENTED"
