"""Does today's engine decide as before? Recorded histories are played again and compared, event by event.

A history is a package, what each of its tasks did, and the events that came of it. Where a change of the rules is
meant, `wherry.model.runs.SEMANTICS` gets the next number and the histories are recorded anew::

    python tests/replay/test_histories.py
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from wherry.ir.digest import decode_package
from wherry.ir.spec import PipelinePackage
from wherry.testing.engine_room import play
from wherry.testing.fake_launcher import FakeTask
from wherry.testing.pipelines import (
    INT,
    LIST,
    STATUS,
    dag,
    exit_handler,
    exit_task,
    loop,
    out,
    pipeline,
    retries,
    scope,
    status,
    task,
)

HISTORIES = Path(__file__).parent / "histories"


def told(package: PipelinePackage, outputs: dict[str, list[Any]], arguments: dict[str, Any]) -> list[Any]:
    """The events of a run; ``outputs`` has, by task, the value of each attempt in turn, or null where it raises."""
    left = {key: list(values) for key, values in outputs.items()}

    def act(one: FakeTask) -> dict[str, Any] | None:
        values = left.get(one.key.removeprefix("root/"))
        value = values.pop(0) if values else 0
        if value is None:
            raise ValueError("it is told to fail")
        return {"Output": value} if one.request.output_types else None

    story = play(package, act, arguments=arguments)
    found: list[Any] = json.loads(msgspec.json.encode([(one.kind, one.task, one.body) for one in story.events]))
    return found


@pytest.mark.parametrize("history", sorted(HISTORIES.glob("*.json")), ids=lambda path: path.stem)
def test_a_recorded_run_is_decided_as_before(history: Path) -> None:
    recorded = json.loads(history.read_text(encoding="utf-8"))

    package = decode_package(json.dumps(recorded["package"]).encode())
    assert told(package, recorded["outputs"], recorded["arguments"]) == recorded["events"]


def test_there_are_histories() -> None:
    assert len(list(HISTORIES.glob("*.json"))) >= 5


def _cases() -> dict[str, tuple[PipelinePackage, dict[str, list[Any]], dict[str, Any]]]:
    made = {"makes": ["Output"], "cached": False}
    branch = dag(
        "condition-branches-1",
        dag(
            "condition-2",
            task("low", **made),
            reads={"v": scope("v")},
            gives={"o": [("low", "Output")]},
            condition="int(inputs.parameter_values['v']) < 3",
        ),
        dag(
            "condition-3",
            task("high", **made),
            reads={"v": scope("v")},
            gives={"o": [("high", "Output")]},
            condition="!(int(inputs.parameter_values['v']) < 3)",
        ),
        reads={"v": out("a")},
        gives={"one": [("condition-2", "o"), ("condition-3", "o")]},
    )
    inner = loop(
        "for-loop-2", task("t", reads={"x": scope("item")}, **made), items=[1, 2], gives={"o": [("t", "Output")]}
    )
    outer = loop("for-loop-1", inner, items=["a", "b"], parallelism=1, gives={"o": [("for-loop-2", "o")]})
    bye = exit_task("bye", 1, reads={"s": status("exit-handler-1")}, types={"s": STATUS}, cached=False)
    return {
        "chain-with-arguments": (
            pipeline(
                task("a", reads={"x": scope("n")}, **made),
                task("b", reads={"x": out("a")}, **made),
                parameters={"n": INT},
            ),
            {"a": [1], "b": [2]},
            {"n": 5},
        ),
        "branches-and-one-of": (
            pipeline(task("a", **made), branch, task("z", reads={"x": out("condition-branches-1", "one")}, **made)),
            {"a": [7], "condition-branches-1/condition-3/high": [20]},
            {},
        ),
        "nested-loops-collected": (
            pipeline(outer, task("z", reads={"x": out("for-loop-1", "o")}, types={"x": LIST}, **made)),
            {},
            {},
        ),
        "exit-handler-with-failure": (
            pipeline(exit_handler(1, task("a", cached=False), task("b", after=["a"], cached=False)), bye),
            {"exit-handler-1/a": [None]},
            {},
        ),
        "retries-then-success": (pipeline(task("t", retry=retries(2), **made)), {"t": [None, None, 3]}, {}),
        "a-branch-fails-another-goes-on": (
            pipeline(task("a", cached=False), task("b", after=["a"], cached=False), task("c", cached=False)),
            {"a": [None]},
            {},
        ),
        "ignored-upstream-failure": (
            pipeline(
                task("a", **made),
                task("brave", reads={"x": out("a")}, defaults={"x": 1}, waits_for_end=True, **made),
            ),
            {"a": [None]},
            {},
        ),
    }


def _record() -> None:
    for name, (package, outputs, arguments) in _cases().items():
        recorded = {
            "package": json.loads(msgspec.json.encode(package)),
            "arguments": arguments,
            "outputs": outputs,
            "events": told(package, outputs, arguments),
        }
        (HISTORIES / f"{name}.json").write_text(json.dumps(recorded, indent=1, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    _record()
