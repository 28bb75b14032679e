"""Errors as HTTP answers: the one place that knows both."""

from __future__ import annotations

import logging
from typing import Final

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from wherry.api.status import ErrorBody, StatusDetail, UploadErrorBody
from wherry.errors import WherryBugError, WherryError

log = logging.getLogger(__name__)

#: google.rpc.Code by name: (its number, the HTTP status that KFP's gateway gives it).
CODES: Final = {
    "INVALID_ARGUMENT": (3, 400),
    "NOT_FOUND": (5, 404),
    "ALREADY_EXISTS": (6, 409),
    "PERMISSION_DENIED": (7, 403),
    "FAILED_PRECONDITION": (9, 400),
    "ABORTED": (10, 409),
    "OUT_OF_RANGE": (11, 413),
    "UNIMPLEMENTED": (12, 501),
    "INTERNAL": (13, 500),
    "UNAVAILABLE": (14, 503),
    "UNAUTHENTICATED": (16, 401),
}

_OF_STATUS: Final = {401: 16, 403: 7, 404: 5, 405: 12, 413: 11}
_UNKNOWN: Final = 2
_INTERNAL: Final = 13


def error_answer(error: WherryError) -> Response:
    """The answer to a call that raised ``error``."""
    code, status = CODES.get(error.code, CODES["INTERNAL"])
    text = _with_hint(error)
    body = ErrorBody(code=code, message=text, details=(StatusDetail(code=code, message=text),))
    return _json(body, status)


def upload_error_answer(error: WherryError) -> Response:
    """The same for an upload, whose errors have a shape of their own."""
    _, status = CODES.get(error.code, CODES["INTERNAL"])
    return _json(UploadErrorBody(error_message=error.message, error_details=_with_hint(error)), status)


async def on_wherry_error(_request: Request, error: Exception) -> Response:
    """For starlette: an error that was raised on purpose."""
    assert isinstance(error, WherryError)  # noqa: S101  starlette calls this for nothing else
    if isinstance(error, WherryBugError):
        log.error("server.bug", exc_info=error)
    return error_answer(error)


async def on_http_exception(_request: Request, error: Exception) -> Response:
    """For starlette: no such path, or no such method on it."""
    assert isinstance(error, HTTPException)  # noqa: S101  starlette calls this for nothing else
    code = _OF_STATUS.get(error.status_code, _UNKNOWN)
    body = ErrorBody(code=code, message=error.detail, details=(StatusDetail(code=code, message=error.detail),))
    return _json(body, error.status_code)


async def on_any_error(_request: Request, error: Exception) -> Response:
    """For starlette: a bug. What it was stands in the log, and not in the answer."""
    log.error("server.request.failed", exc_info=error)
    text = "the server failed on this request; its log says why"
    body = ErrorBody(code=_INTERNAL, message=text, details=(StatusDetail(code=_INTERNAL, message=text),))
    return _json(body, 500)


def _with_hint(error: WherryError) -> str:
    return f"{error.message} ({error.hint})" if error.hint else error.message


def _json(body: msgspec.Struct, status: int) -> Response:
    return Response(msgspec.json.encode(body), status, media_type="application/json")
