"""Texts that callers give: names, descriptions, tags."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from wherry.errors import InvalidArgumentError

LONGEST: Final = 64 * 1024
"""Characters of a description."""
_MAX_TAGS: Final = 20
_TAG_LENGTH: Final = 63


def checked_text(text: str, *, what: str, longest: int = LONGEST) -> str:
    """``text``, if it can be stored.

    Raises:
        InvalidArgumentError: it is too long, or holds a NUL character or half of a surrogate pair.
    """
    if len(text) > longest:
        raise InvalidArgumentError(f"{what} has {len(text)} characters; at most {longest} are taken")
    if "\0" in text or any("\ud800" <= char <= "\udfff" for char in text):
        raise InvalidArgumentError(f"{what} holds a character that no text has")
    return text


def checked_tags(tags: Mapping[str, str]) -> dict[str, str]:
    """``tags``, if KFP would take them: at most 20, keys and values of up to 63 characters, no dot in a key.

    Raises:
        InvalidArgumentError: it would not.
    """
    if len(tags) > _MAX_TAGS:
        raise InvalidArgumentError(f"there are {len(tags)} tags; at most {_MAX_TAGS} are taken")
    for key, value in tags.items():
        if not key or "." in key:
            raise InvalidArgumentError(f"tag key '{key[:64]}' is empty or has a dot")
        checked_text(key, what="a tag's key", longest=_TAG_LENGTH)
        checked_text(value, what=f"tag '{key}'", longest=_TAG_LENGTH)
    return dict(tags)
