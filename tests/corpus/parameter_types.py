"""Every type of parameter arrives as what it is; integers stay integers, inside lists and mappings too."""

from typing import Dict, List

from kfp import dsl


@dsl.component(base_image="python:3.11")
def describe(text: str, n: int, x: float, flag: bool, items: List[int], table: Dict[str, float], plain: list) -> list:
    assert text in {"", 'it\'s "text"\n{{$}}'}, repr(text)
    return [type(one).__name__ for one in (text, n, x, flag, items, table, plain, items[0], plain[1])]


@dsl.component(base_image="python:3.11")
def make_list(n: int) -> List[int]:
    return [n, n + 1]


@dsl.component(base_image="python:3.11")
def make_dict(n: int) -> Dict[str, int]:
    return {"n": n, "nested": {"list": [n, None, True, "é"]}}


@dsl.component(base_image="python:3.11")
def make_float(n: int) -> float:
    return n / 4


@dsl.component(base_image="python:3.11")
def make_bool(n: int) -> bool:
    return n > 100


@dsl.pipeline(name="parameter-types")
def pipeline(
    text: str = "plain",
    n: int = 3,
    x: float = 1.0,
    flag: bool = False,
    items: List[int] = [7],
    table: Dict[str, float] = {"a": 0.5},
):
    describe(text=text, n=n, x=x, flag=flag, items=items, table=table, plain=["a", 1])
    made = make_list(n=n)
    describe(text="", n=0, x=2.5, flag=True, items=made.output, table={"b": 1.5}, plain=["", 1.5]).set_display_name(
        "constants"
    )
    make_dict(n=n)
    make_float(n=n)
    make_bool(n=n)


EXPECTED = {
    "arguments": {"text": 'it\'s "text"\n{{$}}'},
    "tasks": {
        "describe": "SUCCEEDED",
        "describe-2": "SUCCEEDED",
        "make-list": "SUCCEEDED",
        "make-dict": "SUCCEEDED",
        "make-float": "SUCCEEDED",
        "make-bool": "SUCCEEDED",
    },
    "parameters": {
        "describe.Output": ["str", "int", "float", "bool", "list", "dict", "list", "int", "int"],
        "describe-2.Output": ["str", "int", "float", "bool", "list", "dict", "list", "int", "float"],
        "make-list.Output": [3, 4],
        "make-dict.Output": {"n": 3, "nested": {"list": [3, None, True, "é"]}},
        "make-float.Output": 0.75,
        "make-bool.Output": False,
    },
}
