"""Random pipelines of nested blocks compile to the same messages with both.

Left out is what kfp compiles wrongly (see ``test_where_kfp_is_wrong``): the same list looped over twice in one nest, and
more than nine groups (``loop-item-param-1`` is then part of another name).
"""

from __future__ import annotations

import random
import textwrap

import pytest

HEAD = """\
from typing import List

from kfp import dsl


@dsl.component(base_image="i")
def say(text: str) -> str:
    return text


@dsl.component(base_image="i")
def add(a: int, b: int = 1) -> int:
    return a + b


@dsl.component(base_image="i")
def total(numbers: list) -> int:
    return sum(numbers)


@dsl.component(base_image="i")
def rows() -> List[int]:
    return [1]


@dsl.component(base_image="i")
def make(n: int, data: dsl.Output[dsl.Dataset]):
    data.metadata["n"] = n


@dsl.component(base_image="i")
def read(data: dsl.Input[dsl.Dataset]) -> int:
    return data.metadata["n"]


@dsl.component(base_image="i")
def merge(data: dsl.Input[List[dsl.Dataset]]) -> int:
    return len(data)


@dsl.component(base_image="i")
def clean(status: dsl.PipelineTaskFinalStatus, n: int = 1):
    print(status, n)


@dsl.pipeline
def p(n: int = 1, text: str = "x", items: List[int] = [1]):
"""

MAX_GROUPS = 8


class Writer:
    """Writes the body of a pipeline function; every line is right."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.names = 0
        self.groups = 0

    def name(self) -> str:
        self.names += 1
        return f"v{self.names}"

    def block(
        self, numbers: list[str], data: list[str], *, depth: int = 0, loops_over_items: bool = False
    ) -> list[str]:
        """Lines of one block that may use ``numbers`` and ``data``."""
        numbers, data = list(numbers), list(data)
        lines: list[str] = []
        for _ in range(self.random.randint(1, 3 if depth else 5)):
            kinds = ["task"] * 4 + ["if", "branches", "raw", "items", "output"]
            kind = "task" if depth > 2 or self.groups >= MAX_GROUPS else self.random.choice(kinds)
            if kind == "task" or (kind == "items" and loops_over_items):
                lines += self.task(numbers, data)
            elif kind == "if":
                lines += self.condition(numbers, data, depth, loops_over_items)
            elif kind == "branches":
                lines += self.branches(numbers, data, depth, loops_over_items)
            else:
                lines += self.loop(kind, numbers, data, depth, loops_over_items or kind == "items")
        if depth == 0 and self.random.random() < 0.3:
            body = self.block(numbers, data, depth=1, loops_over_items=loops_over_items)
            last = self.name()
            lines += [
                f"{last} = clean(n={self.random.choice(['1', 'n'])})",
                f"with dsl.ExitHandler({last}):",
                *indented(body),
            ]
        return lines

    def task(self, numbers: list[str], data: list[str]) -> list[str]:
        name, number = self.name(), self.random.choice(numbers)
        made = [f"{name} = add(a={number}, b={self.random.choice(numbers)})", f"{name} = make(n={number})"]
        made += [f'{name} = say(text=f"{{text}} {{n}}")'] + (
            [f"{name} = read(data={self.random.choice(data)})"] if data else []
        )
        line = self.random.choice(made)
        if "make(" in line:
            data.append(f"{name}.output")
        elif "say(" not in line:
            numbers.append(f"{name}.output")
        return [line + self.random.choice(["", "", ".set_retry(2)", ".set_caching_options(False)"])]

    def condition(self, numbers: list[str], data: list[str], depth: int, loops_over_items: bool) -> list[str]:  # noqa: FBT001
        self.groups += 1
        comparison = (
            f"{self.random.choice(numbers)} {self.random.choice(['==', '!=', '<', '>='])} {self.random.randint(0, 3)}"
        )
        body = self.block(numbers, data, depth=depth + 1, loops_over_items=loops_over_items)
        return [f"with dsl.If({comparison}):", *indented(body)]

    def branches(self, numbers: list[str], data: list[str], depth: int, loops_over_items: bool) -> list[str]:  # noqa: FBT001
        self.groups += 3
        outputs: list[str] = []
        lines: list[str] = []
        words = [f"If({self.random.choice(numbers)} == 1)", f"Elif({self.random.choice(numbers)} == 2)", "Else()"]
        for word in words if self.random.random() < 0.5 else [words[0], words[2]]:
            name = self.name()
            outputs.append(f"{name}.output")
            body = (
                self.block(numbers, data, depth=depth + 1, loops_over_items=loops_over_items)
                if word == words[0]
                else []
            )
            lines += [f"with dsl.{word}:", *indented([f"{name} = add(a={self.random.choice(numbers)})", *body])]
        if self.random.random() < 0.6:
            name = self.name()
            lines.append(f"{name} = add(a=dsl.OneOf({', '.join(outputs)}))")
            numbers.append(f"{name}.output")
        return lines

    def loop(self, kind: str, numbers: list[str], data: list[str], depth: int, loops_over_items: bool) -> list[str]:  # noqa: FBT001
        self.groups += 2
        item, task, made = self.name(), self.name(), self.name()
        lines = [f"{item}_rows = rows()"] if kind == "output" else []
        items = {"raw": "[1, 2], parallelism=2", "items": "items", "output": f"{item}_rows.output"}[kind]
        first = [f"{task} = add(a={item})", f"{made} = make(n={item})"]
        inside = [*numbers, item, f"{task}.output"]
        body = self.block(inside, data, depth=depth + 1, loops_over_items=loops_over_items)
        lines += [f"with dsl.ParallelFor({items}) as {item}:", *indented([*first, *body])]
        collected = [f"total(numbers=dsl.Collected({task}.output))", f"merge(data=dsl.Collected({made}.output))"]
        for call in self.random.sample(collected, self.random.randint(0, 2)):
            name = self.name()
            lines.append(f"{name} = {call}")
            numbers.append(f"{name}.output")
        return lines


def indented(lines: list[str]) -> list[str]:
    return [f"    {line}" for line in lines]


@pytest.mark.parametrize("seed", range(25))
def test_a_random_pipeline_compiles_to_the_same_messages(seed, both, tmp_path):
    body = "\n".join(Writer(seed).block(["n"], []))
    path = tmp_path / "random_pipeline.py"
    path.write_text(HEAD + textwrap.indent(body, "    ") + "\n", encoding="utf-8")
    source = both(path)

    wanted, got = source.compile("kfp")["p"], source.compile("wherry")["p"]

    assert (got.spec, got.platform) == (wanted.spec, wanted.platform), body
