import pytest

from wherry.errors import InvalidArgumentError
from wherry.model.listing import Direction, KeysetPosition, Operation, Page, Predicate
from wherry.server.listing import read_listing
from wherry.server.page_tokens import MISMATCH

SECRET = b"s" * 32
NEXT = Page[str](items=(), next=KeysetPosition(value=7, id="b"), total_size=9)
FILTER = '{"predicates":[{"operation":%s,"key":"display_name","%s":%s}]}'


@pytest.mark.parametrize("operation", ["1", '"EQUALS"'])
@pytest.mark.parametrize("key", ["stringValue", "string_value"])
def test_a_filter_is_read_in_every_spelling(operation: str, key: str) -> None:
    listing = read_listing({"filter": FILTER % (operation, key, '"x"')}, resource="r", secret=SECRET)

    assert listing.query.filters == (Predicate(key="display_name", operation=Operation.EQUALS, value="x"),)


@pytest.mark.parametrize("operation", ["4", "0", '"LIKE"', "null", "true"])
def test_an_unknown_operation_is_refused(operation: str) -> None:
    with pytest.raises(InvalidArgumentError, match="no operation"):
        read_listing({"filter": FILTER % (operation, "string_value", '"x"')}, resource="r", secret=SECRET)


def test_a_token_carries_its_criteria_on() -> None:
    first = read_listing({"sort_by": "name DESC"}, resource="r", secret=SECRET)

    second = read_listing({"page_token": first.next_token(NEXT)}, resource="r", secret=SECRET)

    assert (second.query.sort_by, second.query.direction, second.query.after) == (
        "name",
        Direction.DESCENDING,
        NEXT.next,
    )


@pytest.mark.parametrize(("parameters", "resource"), [({"sort_by": "id"}, "r"), ({"filter": "{}"}, "r"), ({}, "other")])
def test_a_token_of_other_criteria_is_refused(parameters: dict[str, str], resource: str) -> None:
    token = read_listing({"sort_by": "name"}, resource="r", secret=SECRET).next_token(NEXT)

    with pytest.raises(InvalidArgumentError) as caught:
        read_listing({**parameters, "page_token": token}, resource=resource, secret=SECRET)

    assert caught.value.message == MISMATCH


def test_a_token_of_another_server_is_refused() -> None:
    token = read_listing({}, resource="r", secret=b"o" * 32).next_token(NEXT)

    with pytest.raises(InvalidArgumentError, match="not one of this server's"):
        read_listing({"page_token": token}, resource="r", secret=SECRET)
