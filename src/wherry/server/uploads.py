"""Uploads: the one file of a multipart form, read as it arrives and never past the limit."""

from __future__ import annotations

from typing import Final

import msgspec
import multipart  # type: ignore[import-untyped]  # it ships no types
from starlette.requests import Request

from wherry.errors import InvalidArgumentError, TooLargeError

FIELD: Final = "uploadfile"
"""Name of the form field, as in KFP."""

_MAX_PARTS: Final = 16


class Upload(msgspec.Struct, frozen=True, kw_only=True):
    """A file that was sent."""

    filename: str
    """As the sender called it: shown, and never used as a path."""
    content: bytes


async def read_upload(request: Request, *, limit: int) -> Upload:
    """Read the file of a multipart form.

    Args:
        request: its body has not been read.
        limit: bytes of the file.

    Raises:
        InvalidArgumentError: the body is no such form, or holds no file or several.
        TooLargeError: the file is larger than the limit.
    """
    kind, options = multipart.parse_options_header(request.headers.get("content-type", ""))
    if kind != "multipart/form-data" or not options.get("boundary"):
        raise InvalidArgumentError(
            "an upload is multipart/form-data with a boundary", hint=f"Send the file in the field '{FIELD}'."
        )
    try:
        return await _parse(request, options["boundary"], limit)
    except multipart.ParserLimitReached as error:
        raise TooLargeError(
            f"the upload is larger than the limit: {error}", hint=f"At most {limit:,} bytes."
        ) from error
    except multipart.MultipartError as error:
        raise InvalidArgumentError(f"the body is no multipart form: {error}") from error


async def _parse(request: Request, boundary: str, limit: int) -> Upload:
    parser = multipart.PushMultipartParser(boundary, max_segment_size=limit, max_segment_count=_MAX_PARTS, strict=True)
    name: str | None = None
    filename = ""
    content = bytearray()
    found = 0
    with parser:
        async for chunk in request.stream():
            if not chunk or parser.closed:
                continue
            for event in parser.parse(chunk):
                if isinstance(event, multipart.MultipartSegment):
                    name = event.name
                    if name == FIELD:
                        found += 1
                        filename = event.filename or ""
                elif event and name == FIELD and found == 1:
                    content += event
        if not parser.closed:
            parser.parse(b"")
    if found != 1:
        raise InvalidArgumentError(f"the form has {found or 'no'} fields '{FIELD}', and an upload has one")
    return Upload(filename=filename, content=bytes(content))
