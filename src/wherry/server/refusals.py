"""Reasons to refuse a call that mostly a server has. The client raises the same."""

from __future__ import annotations

from wherry.errors import NotBuiltError, PermissionDeniedError, TooLargeError, UnauthenticatedError

__all__ = ["NotBuiltError", "PermissionDeniedError", "TooLargeError", "UnauthenticatedError"]
