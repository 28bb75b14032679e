"""Specifications are read once, and not all of them are kept."""

from __future__ import annotations

import asyncio

import pytest

from wherry.ir.digest import encode_package
from wherry.server import specifications
from wherry.server.specifications import Specifications
from wherry.testing.pipelines import pipeline, task


class Stored:
    """A pipeline of every name, and which were asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def __call__(self, digest: str) -> bytes:
        self.asked.append(digest)
        return encode_package(pipeline(task("train"), name=digest))


def asked_for(digests: str) -> tuple[list[str], list[str]]:
    """What was answered, and what was read for it."""

    async def story() -> tuple[list[str], list[str]]:
        stored = Stored()
        known = Specifications(stored, lambda _: None)
        return [(await known.get(digest)).structure.name for digest in digests], stored.asked

    return asyncio.run(story())


def test_a_specification_is_read_once() -> None:
    assert asked_for("aab") == (["a", "a", "b"], ["a", "b"])


@pytest.mark.parametrize(("name", "most"), [("_KEPT", 2), ("_KEPT_BYTES", 2 * len(asyncio.run(Stored()("a"))))])
def test_the_one_that_was_used_longest_ago_is_forgotten(monkeypatch: pytest.MonkeyPatch, name: str, most: int) -> None:
    monkeypatch.setattr(specifications, name, most)

    assert asked_for("abacba")[1] == ["a", "b", "c", "b", "a"]


def test_a_large_one_is_kept_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(specifications, "_KEPT_BYTES", 1)

    assert asked_for("aabba")[1] == ["a", "b", "a"]


def test_a_specification_is_written_as_it_can_be_sent_again() -> None:
    async def story() -> tuple[str, bytes]:
        found = await Specifications(Stored(), lambda _: None).get("a")
        return await found.as_yaml(), bytes(found.on_the_wire())

    text, wire = asyncio.run(story())

    assert text.startswith("components:")
    assert wire.startswith(b'{"components":')
