"""Frozen values behave as frozen dataclasses do."""

from __future__ import annotations

import pytest

from wherry.dsl.values import Value


class Point(Value):
    x: int
    y: int = 0


class Other(Value):
    x: int
    y: int = 0


def test_equal_fields_of_one_class_are_equal():
    assert Point(1, y=2) == Point(x=1, y=2)
    assert hash(Point(1)) == hash(Point(1, 0))
    assert Point(1) != Other(1)
    assert Point(1) != Point(2)


def test_a_value_cannot_be_changed():
    point = Point(1)

    with pytest.raises(AttributeError, match="frozen"):
        point.x = 2  # type: ignore[misc]  # this is what is refused
    with pytest.raises(AttributeError, match="frozen"):
        del point.x


@pytest.mark.parametrize(("args", "given"), [((), {}), ((1, 2, 3), {}), ((1,), {"z": 3})])
def test_missing_and_unknown_fields_are_refused(args, given):
    with pytest.raises(TypeError, match="Point takes x, y"):
        Point(*args, **given)


def test_a_copy_has_the_changes():
    assert Point(1, 2).changed(y=3) == Point(1, 3)


def test_a_value_can_be_matched_by_position():
    match Point(1, 2):
        case Point(x, y):
            assert (x, y) == (1, 2)
