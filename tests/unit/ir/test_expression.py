from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wherry.ir.expression import MAX_DEPTH, ExpressionError, compile_expression


def value(text: str, **parameters: object) -> object:
    return compile_expression(text).value({"inputs": {"parameter_values": parameters}})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 + 2 * 3", 7),
        ("(1 + 2) * 3", 9),
        ("-7 / 2", -3),
        ("-7 % 3", -1),
        ("7 / 2.0", 3.5),
        ("1 == 1.0", True),
        ("1 != '1'", True),
        ("true == 1", False),
        ("'a' + 'b' == 'ab'", True),
        ("[1, 2] + [3]", [1, 2, 3]),
        ("2.0 in [1, 2]", True),
        ("'k' in {'k': 1}", True),
        ("1 < 2 ? 'yes' : 'no'", "yes"),
        ("!true || false", False),
        ("'abc' < 'abd'", True),
        ("size('abc') + [1, 2].size()", 5),
        ("'model-3'.startsWith('model') && 'x.csv'.endsWith('.csv')", True),
        ("'abc'.contains('b') && 'a1'.matches('^[a-z][0-9]$')", True),
        ("int('42') + int(2.9)", 44),
        ("double('1.5')", 1.5),
        ("string(3.0) + string(true)", "3true"),
        ("bool('true')", True),
        ("parseJson('{\"a\": [1, 2]}')['a'][1]", 2),
        (r"'it\'s' + \"\x41\"", "it'sA"),
        (r"r'a\d'", r"a\d"),
        ("0x10", 16),
        ("null == null", True),
    ],
)
def test_an_expression_has_this_value(text: str, expected: object) -> None:
    found = value(text.replace('\\"', '"'))

    assert (found, type(found)) == (expected, type(expected))


@pytest.mark.parametrize(
    ("condition", "given_value", "holds"),
    [
        ("int(inputs.parameter_values['x']) == 4", 4, True),
        ("inputs.parameter_values['x'] == 'it's'", "it's", True),
        (r"inputs.parameter_values['x'] == 'a\d'", r"a\d", True),
        ("!(inputs.parameter_values['x'] == 'a') && inputs.parameter_values['x'] == 'b'", "b", True),
        ("double(inputs.parameter_values['x']) > 0.75", 0.8, True),
        ("has(inputs.parameter_values.x) && !has(inputs.parameter_values.y)", 1, True),
        ("inputs.parameter_values['x'] + 1.0 == 3", 2, True),
    ],
)
def test_what_kfp_compiles_is_read_as_it_was_meant(condition: str, given_value: object, *, holds: bool) -> None:
    assert compile_expression(condition).holds({"x": given_value}) is holds


def test_one_side_that_decides_is_enough() -> None:
    assert value("true || 1 / 0 == 1") is True
    assert value("1 / 0 == 1 || true") is True
    assert value("1 / 0 == 1 && false") is False


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1 +", "unexpected end at column 4 of '1 +'"),
        ("1 & 2", "cannot read '&' at column 3 of '1 & 2'"),
        ("foo(1)", "unexpected 'foo' at column 1 of 'foo(1)'; known functions: "),
        ("'a'.foo()", "unexpected 'foo' at column 5"),
        ("size(1, 2)", "it takes 1 argument, not 2"),
        ("1 + 'a'", "'+' is not defined between the int 1 and the string 'a' (column 3 of "),
        ("1 / 0", "'/' divides by zero or overflows"),
        ("9223372036854775807 + 1", "'+' divides by zero or overflows"),
        ("x == 1", "'x' is not known here"),
        ("inputs.parameter_values['y']", "there is no 'y' (column 24 of "),
        ("[1][1]", "there is no item 1 in a list of 1"),
        ("int('a')", "int() does not take the string 'a'"),
        ("!1", "'!' precedes the int 1, which is no bool"),
        ("'a'.matches('[')", "matches(): "),
    ],
)
def test_an_error_says_what_and_where(text: str, message: str) -> None:
    with pytest.raises(ExpressionError) as error:
        value(text)

    assert message in error.value.message


def test_expressions_have_limits() -> None:
    with pytest.raises(ExpressionError, match="nested deeper than 50"):
        compile_expression("(" * (MAX_DEPTH + 1) + "1" + ")" * (MAX_DEPTH + 1))
    with pytest.raises(ExpressionError, match="at most 10240"):
        compile_expression("1" + " + 1" * 5000)


def test_a_condition_must_be_true_or_false() -> None:
    with pytest.raises(ExpressionError, match="is the int 1, it must be true or false"):
        compile_expression("1").holds({})


def test_a_selector_sees_the_text_of_the_value() -> None:
    assert compile_expression('parseJson(string_value)["a"]["b"]').select({"a": {"b": [1]}}) == [1]
    assert compile_expression("string_value").select(3.0) == "3"


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused_with_an_error_of_ours(text: str) -> None:
    with contextlib.suppress(ExpressionError):
        value(text)


@given(st.integers(-1000, 1000), st.integers(-1000, 1000), st.sampled_from(["<", "<=", ">", ">=", "==", "!="]))
def test_comparisons_of_numbers_are_those_of_python(left: int, right: int, sign: str) -> None:
    expected = eval(f"{left} {sign} {right}")  # noqa: S307  two numbers and a sign

    assert value(f"{left}.0 {sign} {right}") is expected
    assert value(f"{left} {sign} {right}") is expected
