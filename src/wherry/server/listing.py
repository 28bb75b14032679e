"""List calls: page_size, page_token, sort_by and filter to a `ListQuery`, and the token of the next page."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from wherry.errors import InvalidArgumentError
from wherry.model.listing import Direction, KeysetPosition, ListQuery, Page
from wherry.server.filters import parse_filter
from wherry.server.page_tokens import Criteria, read_token, write_token

_SORT_PARTS: Final = 2


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """A list call that has been read."""

    query: ListQuery
    criteria: Criteria
    secret: bytes

    def next_token(self, page: Page[Any]) -> str:
        """The token of the page after ``page``; empty if that is the last."""
        return "" if page.next is None else write_token(self.criteria, page.next, secret=self.secret)


def read_listing(parameters: dict[str, str], *, resource: str, secret: bytes, sort_key: str = "sort_by") -> Listing:
    """Read the parameters of a list call.

    Args:
        parameters: of the query.
        resource: operation and scope; a token of another one is refused.
        secret: signs tokens.
        sort_key: name of the parameter that says how to sort (``order_by`` for tasks).

    Raises:
        InvalidArgumentError: one of them is wrong; it is named.
    """
    criteria = Criteria(
        resource=resource, sort_by=parameters.get(sort_key, "").strip(), filter=parameters.get("filter", "")
    )
    position: KeysetPosition | None = None
    token = parameters.get("page_token", "")
    if token:
        criteria, position = read_token(token, criteria, secret=secret)
    sort_by, direction = _sort(criteria.sort_by)
    return Listing(
        query=ListQuery(
            filters=parse_filter(criteria.filter),
            sort_by=sort_by,
            direction=direction,
            page_size=_page_size(parameters.get("page_size", "")),
            after=position,
        ),
        criteria=criteria,
        secret=secret,
    )


def _page_size(text: str) -> int:
    if not text:
        return 0
    try:
        size = int(text) if len(text) <= 11 else None  # noqa: PLR2004  digits of an int32 with its sign
    except ValueError:
        size = None
    if size is None:
        raise InvalidArgumentError(f"page_size is '{text[:32]}', which is no number", hint="Such as page_size=20.")
    if size < 0:
        raise InvalidArgumentError(f"The page size should not be negative. Got {size}")
    return size


def _sort(text: str) -> tuple[str, Direction]:
    parts = text.split()
    if not parts:
        return "", Direction.ASCENDING
    if len(parts) > _SORT_PARTS:
        raise InvalidArgumentError(f"sort_by is '{text[:64]}'", hint="Write `field`, `field asc` or `field desc`.")
    word = parts[1].lower() if len(parts) == _SORT_PARTS else Direction.ASCENDING.value
    if word not in {one.value for one in Direction}:
        raise InvalidArgumentError(
            f"sort_by has the direction '{parts[1][:32]}'", hint="Write `field`, `field asc` or `field desc`."
        )
    return parts[0], Direction(word)
