"""Untrusted text: what is read, what is refused, and how soon."""

import pytest

from wherry.errors import SpecError
from wherry.ir.documents import MAX_DEPTH, read_json, read_yaml
from wherry.ir.spec import Json


def value_of(text: str) -> Json:
    (document,) = read_yaml(f"key: {text}\n", source="p.yaml")
    return document["key"]


def refusal(text: str) -> str:
    with pytest.raises(SpecError) as caught:
        read_yaml(text, source="p.yaml")
    return caught.value.message


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("yes", "yes"),
        ("on", "on"),
        ("y", "y"),
        ("true", True),
        ("~", None),
        ("", None),
        ("3", 3),
        ("3.0", 3),
        ("-2.5", -2.5),
        (".5", 0.5),
        ("1_000", 1000),
        ("012", 10),
        ("0x1F", 31),
        ("0b11", 3),
        ("1.0e+20", 1e20),
        ("9007199254740993", 9007199254740993),
        ("18446744073709551616", 18446744073709551616.0),
        ("'3'", "3"),
        ("!!str 3", "3"),
        ('!!int "3"', 3),
    ],
)
def test_a_scalar_means_what_it_means_to_kfps_backend(text: str, value: Json) -> None:
    assert (value_of(text), type(value_of(text))) == (value, type(value))


@pytest.mark.parametrize("text", ["1e3", "08", "0o17", "+.5", "2024-01-01", "1:30", "1.0e+999", "1" * 5000])
def test_what_pyyaml_writes_unquoted_for_a_text_stays_that_text(text: str) -> None:
    assert value_of(text) == text


def test_aliases_and_merges_are_followed() -> None:
    text = "base: &base {a: 1, b: 2}\nmine:\n  <<: [*base, {c: 3}]\n  b: 5\n"

    assert read_yaml(text, source="p.yaml") == [{"base": {"a": 1, "b": 2}, "mine": {"a": 1, "b": 5, "c": 3}}]


def test_a_quoted_merge_sign_is_a_key_like_any_other() -> None:
    assert read_yaml("'<<': {a: 1}", source="p.yaml") == [{"<<": {"a": 1}}]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a: 1\na: 2\n", "the key 'a' stands twice (line 2, column 1)"),
        ("tasks:\n  x: {}\n  x: {}\n", "tasks: the key 'x' stands twice (line 3, column 3)"),
        ("1: a\n", "1 is used as a key, and a key must be text (line 1, column 1)"),
        ("true: a\n", "true is used as a key, and a key must be text (line 1, column 1)"),
        ("[a]: b\n", "a list is used as a key, and a key must be text (line 1, column 3)"),
        ("a: .nan\n", "a: .nan is not a finite number (line 1, column 4)"),
        ("a: -.inf\n", "a: -.inf is not a finite number (line 1, column 4)"),
        ('a: "\\0"\n', "a: a NUL character stands in the text (line 1, column 4)"),
        ("a: *b\n", "a: alias '*b' names an anchor that does not exist (line 1, column 4)"),
        ("a: &a\n  <<: *a\n", "a: anchor '&a' contains itself (line 2, column 7)"),
        ("a: {<<: 3}\n", "a: '<<' merges mappings, and this is none (line 1, column 9)"),
        (
            "a: !!python/name:os.system ''\n",
            "a: the tag 'tag:yaml.org,2002:python/name:os.system' is not allowed here (line 1, column 4)",
        ),
        ("a: !!binary aGk=\n", "a: the tag 'tag:yaml.org,2002:binary' is not allowed here (line 1, column 4)"),
        (
            "\ta: 1\n",
            "'p.yaml' is not valid YAML: line 1, column 1: found character that cannot start any token",
        ),
    ],
)
def test_what_a_specification_cannot_hold_is_refused_with_its_place(text: str, says: str) -> None:
    assert refusal(text) == says


@pytest.mark.parametrize("bad", ["a: \x00", 'a: "\\ud800"', "a: \ud800", "a: [", "a: b: c", "%YAML 9.9\n--- a"])
def test_broken_text_is_a_spec_error(bad: str) -> None:
    assert "p.yaml" in refusal(bad)


@pytest.mark.parametrize("unit", ["[", "{a: ", "- ", "? ", "[{", "!!seq ["])
def test_endless_nesting_is_refused(unit: str) -> None:
    text = unit * 1_000_000

    assert "nest" in refusal(text) or "valid YAML" in refusal(text)


def test_nesting_is_allowed_up_to_its_limit() -> None:
    deepest = "[" * MAX_DEPTH + "]" * MAX_DEPTH

    assert read_yaml(deepest, source="p.yaml")[0] != []
    assert refusal(f"[{deepest}]") == "nested more than 100 levels deep (line 1, column 101)"


def test_a_bomb_of_aliases_is_refused_before_it_goes_off() -> None:
    bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 30)
    )

    assert refusal(bomb).startswith("with its aliases replaced it holds more than 2,000,000 values")


def test_a_bomb_of_long_texts_is_refused_too() -> None:
    bomb = f"a: &a {'x' * 1_000_000}\nb: [{', '.join(['*a'] * 50)}]\n"

    assert refusal(bomb).startswith("with its aliases replaced it holds more than")


def test_json_follows_the_same_rules() -> None:
    assert read_json('{"a": [1.0, 2.5, "\\ud83d\\ude00"], "b": null}') == {"a": [1, 2.5, "\U0001f600"], "b": None}


@pytest.mark.parametrize(
    "text",
    [
        '{"a": 1, "a": 2}',
        '{"a": NaN}',
        '{"a": 1e999}',
        '{"a": "\\u0000"}',
        '{"a": "\\ud800"}',
        '{"a":' * 100000,
        '{"a":' * 101 + "1" + "}" * 101,
    ],
)
def test_json_that_a_specification_cannot_hold_is_refused(text: str) -> None:
    with pytest.raises(SpecError):
        read_json(text)


def test_what_is_no_json_is_left_to_the_yaml_reader() -> None:
    assert read_json("{a: 1}") is None
