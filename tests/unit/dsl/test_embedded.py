"""Files that travel inside a component."""

from __future__ import annotations

import os
import sys
from typing import Any

import pytest

from wherry import dsl
from wherry.dsl.embedded import embedded_source
from wherry.errors import ComponentSignatureError


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "pack" / "inner").mkdir(parents=True)
    (tmp_path / "pack" / "inner" / "text.txt").write_text("hello", encoding="utf-8")
    return tmp_path / "pack"


@pytest.fixture
def unpacked(monkeypatch):
    monkeypatch.setattr(sys, "path", list(sys.path))
    names: dict[str, Any] = {}

    def run(source):
        exec(source, names)  # noqa: S102  it is what runs in a task
        return names

    yield run
    names["__kfp_folder"].cleanup()


def test_a_folder_is_there_when_the_source_has_run(folder, unpacked):
    names = unpacked(embedded_source(str(folder)))

    root = str(names["__KFP_EMBEDDED_ASSET_DIR"])
    assert sys.path[0] == root
    with open(os.path.join(root, "inner", "text.txt"), encoding="utf-8") as file:  # noqa: PTH118, PTH123  as tasks do
        assert file.read() == "hello"


def test_a_single_file_is_named(folder, unpacked):
    names = unpacked(embedded_source(str(folder / "inner" / "text.txt")))

    with open(str(names["__KFP_EMBEDDED_ASSET_FILE"]), encoding="utf-8") as file:  # noqa: PTH123  as tasks do
        assert file.read() == "hello"


def test_the_same_content_makes_the_same_source(folder):
    before = embedded_source(str(folder))
    os.utime(folder / "inner" / "text.txt", (1, 1))

    assert embedded_source(str(folder)) == before


def test_the_embedded_parameter_is_no_input(folder):
    @dsl.component(base_image="i", embedded_artifact_path=str(folder))
    def reads(asset: dsl.EmbeddedInput[dsl.Dataset], n: int = 1):
        raise NotImplementedError((asset, n))

    assert list(reads.interface.inputs) == ["n"]
    assert "__KFP_EMBEDDED_ARCHIVE_B64" in reads.definition.implementation.command[-1]


def test_nothing_to_embed_is_refused(tmp_path):
    with pytest.raises(ComponentSignatureError, match="no file or folder"):
        embedded_source(str(tmp_path / "missing"))
