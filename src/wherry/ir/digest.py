"""Packages as bytes to store, and the digest that names them."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import msgspec

from wherry.errors import SpecError
from wherry.ir.scalars import whole_if_exact
from wherry.ir.spec import PipelinePackage

_decoder = msgspec.json.Decoder(PipelinePackage)
_encoder = msgspec.json.Encoder(order="sorted")


def encode_package(package: PipelinePackage) -> bytes:
    """Canonical JSON: keys sorted, no spaces, whole numbers without a point, UTF-8.

    The same pipeline gives the same bytes whether it was compiled here or read from a file, where every number of a
    value is written as a double.
    """
    plain: Any = msgspec.to_builtins(package)
    _make_whole(plain)
    return _encoder.encode(plain)


def decode_package(raw: bytes) -> PipelinePackage:
    """Read what `encode_package` wrote.

    Raises:
        SpecError: These bytes were written by something else.
    """
    try:
        return _decoder.decode(raw)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise SpecError(f"a stored specification cannot be read: {error}") from error


def digest_package(package: PipelinePackage) -> str:
    """The name of a package by its contents: sha256 of `encode_package`, 64 hexadecimal digits."""
    return encoded_digest(encode_package(package))


def encoded_digest(encoded: bytes) -> str:
    """The digest of a package that is already encoded, equal to `digest_package` of the package."""
    return sha256(encoded).hexdigest()


def _make_whole(root: Any) -> None:
    """Turn whole floats into ints, in place."""
    stack = [root]
    while stack:
        container = stack.pop()
        for key, value in container.items() if type(container) is dict else enumerate(container):
            kind = type(value)
            if kind is dict or kind is list:
                stack.append(value)
            elif kind is float:
                container[key] = whole_if_exact(value)
