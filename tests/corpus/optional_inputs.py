"""Inputs that are left out keep the function's default; false, empty and zero are values like any other."""

from typing import Optional

from kfp import dsl


@dsl.component(base_image="python:3.11")
def show(
    text: Optional[str] = None,
    n: int = 7,
    flag: bool = True,
    items: Optional[list] = None,
    label: str = "default",
) -> str:
    return repr((text, n, flag, items, label))


@dsl.pipeline(name="optional-inputs")
def pipeline(text: Optional[str] = None, n: int = 0, flag: bool = False, label: str = ""):
    show()
    show(text=text, n=n, flag=flag, label=label)
    show(text="given", items=[], label=label)


EXPECTED = {
    "tasks": {"show": "SUCCEEDED", "show-2": "SUCCEEDED", "show-3": "SUCCEEDED"},
    "parameters": {
        "show.Output": "(None, 7, True, None, 'default')",
        "show-2.Output": "(None, 0, False, None, '')",
        "show-3.Output": "('given', 7, True, [], '')",
    },
}
