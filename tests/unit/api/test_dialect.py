import pytest

from wherry.api.dialect import decode, encode, micros, timestamp
from wherry.api.experiments import Experiment
from wherry.api.runs import Run, RuntimeConfig
from wherry.errors import InvalidArgumentError
from wherry.model.identity import Micros


def test_fields_are_read_in_both_spellings() -> None:
    assert decode(b'{"displayName":"a","storage_state":null}', Experiment) == Experiment(display_name="a")


def test_unset_fields_are_left_out() -> None:
    assert encode(Experiment(display_name="a")) == b'{"display_name":"a"}'


def test_an_unknown_field_is_named_with_its_place() -> None:
    with pytest.raises(InvalidArgumentError, match='unknown field "params" in "runtime_config"'):
        decode(b'{"runtime_config":{"params":{}}}', Run)


def test_parameters_are_read_as_they_are() -> None:
    run = decode(b'{"runtimeConfig":{"parameters":{"someKey":[1,2.5,"x"]}}}', Run)

    assert run.runtime_config == RuntimeConfig(parameters={"someKey": [1, 2.5, "x"]})


@pytest.mark.parametrize(
    ("at", "text"),
    [(0, "1970-01-01T00:00:00Z"), (1_500_000, "1970-01-01T00:00:01.500Z"), (1, "1970-01-01T00:00:00.000001Z")],
)
def test_times_are_written_in_utc_and_read_back(at: int, text: str) -> None:
    assert (timestamp(Micros(at)), micros(text, what="t")) == (text, at)


def test_a_time_without_an_offset_is_refused() -> None:
    with pytest.raises(InvalidArgumentError, match="no RFC 3339 time"):
        micros("2026-01-01T00:00:00", what="t")
