"""JSON, written and read with little memory touched.

`json.dumps` and `json.loads` make an encoder of their own each time, guess encodings and match patterns. In a fork each
page of memory that any of this counts a reference in is copied first, and every task reads its message and writes its
result. These have the same outcome, by the same C code.
"""

from __future__ import annotations

import json
import json.encoder
from collections.abc import Callable
from typing import Any

_scan = json.JSONDecoder().scan_once  # type: ignore[attr-defined]  # a C function where there is one


def read(data: bytes) -> Any:
    """What UTF-8 text holds.

    Raises:
        ValueError: it is no JSON, or no UTF-8.
    """
    text = data.decode("utf-8", "surrogatepass")
    try:
        value, end = _scan(text, 0)
    except StopIteration:  # it begins with white space, or is no JSON
        end = -1
    return value if end == len(text) else json.loads(text)


def _writer(*, allow_nan: bool) -> Callable[[Any], str]:
    """A function that writes compact JSON, ASCII only.

    Args:
        allow_nan: whether nan and infinities are written as Python's `json` does, or are a ValueError.
    """
    plain = json.JSONEncoder(allow_nan=allow_nan, separators=(",", ":"))
    make = json.encoder.c_make_encoder  # type: ignore[attr-defined]  # None where there is none
    if make is None:
        return plain.encode
    # Without its check for circles: a value that this cannot write is written again, and says what is wrong with it.
    encode = make(None, plain.default, json.encoder.encode_basestring_ascii, None, ":", ",", False, False, allow_nan)

    def write(value: Any) -> str:
        try:
            return "".join(encode(value, 0))
        except (TypeError, ValueError, RecursionError):
            return plain.encode(value)

    return write


#: Write compact JSON; nan and infinities as Python's `json` does.
write = _writer(allow_nan=True)

#: Write compact JSON; nan or an infinity is a ValueError.
write_finite = _writer(allow_nan=False)
