"""Tests of what runs inside a task: some in this process, made a task for their time, some in a process of their own."""

from __future__ import annotations

import linecache
import os
import sys
from collections.abc import Iterator

import pytest

import wherry
from wherry.runtime.uris import set_task_root


@pytest.fixture
def in_a_task(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let this process be a task's, and take back afterwards what a task's process keeps for good."""
    modules, finders, path, names = dict(sys.modules), list(sys.meta_path), list(sys.path), dict(vars(wherry))
    for name in list(sys.modules):
        ours = name.startswith("wherry.") and not name.startswith("wherry.runtime")
        if ours or name == "kfp" or name.startswith("kfp."):
            del sys.modules[name]
    monkeypatch.setattr(os, "environ", os.environ.copy())
    yield
    set_task_root(None)
    sys.modules.clear()
    sys.modules.update(modules)
    sys.meta_path[:], sys.path[:] = finders, path
    vars(wherry).clear()
    vars(wherry).update(names)
    linecache.clearcache()
