"""Errors as they are sent: google.rpc.Status, and the two keys of the upload handlers."""

from __future__ import annotations

import msgspec

from wherry.api.dialect import Message


class StatusDetail(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of ``details``: the message once more, as KFP's clients look for it."""

    type: str = msgspec.field(default="type.googleapis.com/google.rpc.Status", name="@type")
    code: int
    message: str


class ErrorBody(msgspec.Struct, frozen=True, kw_only=True):
    """Body of every failed call but uploads."""

    code: int
    """Number of the google.rpc.Code."""
    message: str
    details: tuple[StatusDetail, ...]


class UploadErrorBody(msgspec.Struct, frozen=True, kw_only=True):
    """Body of a failed upload."""

    error_message: str
    error_details: str


class Status(Message, frozen=True, kw_only=True):
    """Why a run or a task failed (googleRpcStatus)."""

    code: int = 0
    message: str = ""


class Empty(Message, frozen=True, kw_only=True):
    """``{}``."""
