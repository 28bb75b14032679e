from __future__ import annotations

import pytest

from wherry.errors import InvalidArgumentError
from wherry.model.identity import Micros
from wherry.model.listing import (
    ARTIFACT_TASKS,
    PIPELINES,
    RUNS,
    Condition,
    Direction,
    Field,
    FieldKind,
    ListQuery,
    Moment,
    Operation,
    Predicate,
    PredicateValue,
    TagCondition,
    select,
)

CREATED_AT = Field("created_at", FieldKind.TIME)


def equals(key: str, value: PredicateValue, operation: Operation = Operation.EQUALS) -> ListQuery:
    return ListQuery(filters=(Predicate(key=key, operation=operation, value=value),))


def test_a_list_is_of_the_oldest_twenty_unless_asked() -> None:
    selection = select(ListQuery(), RUNS)

    assert (selection.sort, selection.direction, selection.limit) == (CREATED_AT, Direction.ASCENDING, 20)


def test_links_have_no_time_and_are_sorted_by_their_number() -> None:
    assert select(ListQuery(), ARTIFACT_TASKS).sort == Field("n", FieldKind.NUMBER)


@pytest.mark.parametrize("value", [3, Moment(Micros(3_000_000))], ids=["seconds", "a moment"])
def test_a_number_compared_with_a_time_counts_seconds(value: PredicateValue) -> None:
    assert select(equals("created_at", value), RUNS).conditions == (
        Condition(field=CREATED_AT, operation=Operation.EQUALS, value=3_000_000),
    )


def test_keys_of_the_api_stand_for_attributes() -> None:
    fields = [select(equals(key, "x"), RUNS).conditions[0].field for key in ("run_id", "name", "status")]

    assert fields == [Field("id"), Field("display_name"), Field("state")]


def test_a_tag_may_have_any_key() -> None:
    assert select(equals("tags.my.team", "x"), PIPELINES).tags == (TagCondition(tag="my.team", value="x"),)


@pytest.mark.parametrize(
    ("query", "message"),
    [
        (equals("x", "y"), 'no support for filtering on unrecognized field "x"'),
        (ListQuery(sort_by="x"), 'Invalid sorting field: "x" on listable type Run'),
    ],
)
def test_an_unknown_key_is_told_in_the_words_of_kfp_with_the_known_ones(query: ListQuery, message: str) -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        select(query, RUNS)

    assert caught.value.message == message
    assert "experiment_id" in caught.value.hint
