"""JSON read and written with little memory touched: the outcome is that of Python's own `json`."""

from __future__ import annotations

import json
from typing import Any

import pytest

from wherry.runtime import json_text

VALUES = [None, True, 3, -2.5, "ä\n\u2028\ud800", [], {}, {"a": [1, {"b": "c"}], "": None}, [[1], [2.0, "x"]]]


@pytest.mark.parametrize("value", VALUES)
def test_a_value_is_written_as_by_json_and_read_back(value: Any) -> None:
    text = json_text.write_finite(value)

    assert text == json.dumps(value, separators=(",", ":"))
    assert json_text.read(text.encode()) == value


@pytest.mark.parametrize("text", [" 1", "[1] \n", '\t{"a": 1}\n', "NaN", '"\\ud800"'])
def test_text_with_white_space_or_oddities_is_read_as_by_json(text: str) -> None:
    assert repr(json_text.read(text.encode())) == repr(json.loads(text))


@pytest.mark.parametrize("text", ["", " ", "[1", "1 2", "{'a': 1}", "nul"])
def test_what_is_no_json_is_refused(text: str) -> None:
    with pytest.raises(json.JSONDecodeError):
        json_text.read(text.encode())


def test_nan_is_written_only_where_it_is_allowed() -> None:
    assert json_text.write(float("nan")) == "NaN"
    with pytest.raises(ValueError, match="not JSON compliant"):
        json_text.write_finite(float("nan"))


def test_a_circle_and_a_value_without_a_form_in_json_are_told_as_json_tells_them() -> None:
    circle: list[Any] = []
    circle.append(circle)

    with pytest.raises(ValueError, match="Circular"):
        json_text.write_finite(circle)
    with pytest.raises(TypeError, match="not JSON serializable"):
        json_text.write_finite({"a": object()})
    assert json_text.write_finite([1]) == "[1]"
