"""Names in the IR."""

from __future__ import annotations

import pytest

from wherry.dsl.durations import seconds
from wherry.dsl.names import NameRegister, kubernetes_name
from wherry.errors import PipelineTopologyError


def test_names_are_made_fit_for_kubernetes():
    assert kubernetes_name("__Train_Model (v2)!") == "train-model-v2"


def test_taken_names_get_the_first_free_number():
    names = NameRegister()
    names.reserve("a-3")

    assert [names.take("a") for _ in range(4)] == ["a", "a-2", "a-4", "a-5"]
    assert names.take("a-2") == "a-2-2"


def test_ten_thousand_equal_names_take_no_time():
    names = NameRegister()

    assert [names.take("a") for _ in range(10_000)][-1] == "a-10000"


@pytest.mark.parametrize(
    ("text", "wanted"), [("90s", 90), ("2 minutes", 120), ("1 h", 3600), ("3days", 259_200), ("1w", 604_800)]
)
def test_durations_are_read(text, wanted):
    assert seconds(text) == wanted


@pytest.mark.parametrize("text", ["", "soon", "1.5h", "10", "1 year"])
def test_other_durations_are_refused(text):
    with pytest.raises(PipelineTopologyError, match="is no duration"):
        seconds(text)
