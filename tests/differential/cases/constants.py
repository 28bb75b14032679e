# ruff: noqa: B006, E741, FBT001, FBT002, RUF013  written as authors write it
from kfp import dsl


@dsl.component(base_image="python:3.11")
def takes_all(i: int, f: float, s: str, b: bool, l: list, d: dict):
    print(i, f, s, b, l, d)


@dsl.component(base_image="python:3.11")
def defaults(
    i: int = 1,
    f: float = 0.5,
    s: str = "it's",
    b: bool = True,
    l: list = [1, "a", 2],
    d: dict = {"a": [1, {"b": 2.5}]},
    n: str = None,
):
    print(i, f, s, b, l, d, n)


@dsl.pipeline
def constants(i: int = 2, f: float = 2, s: str = "", b: bool = False, l: list = [], d: dict = {}):
    takes_all(i=1, f=1.5, s="x", b=True, l=[1, "a", [True]], d={"a": {"b": [1.25]}})
    takes_all(i=i, f=f, s=s, b=b, l=l, d=d)
    defaults()
    defaults(i=0, f=0.0, s="", b=False, l=[], d={})
