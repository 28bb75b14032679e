"""Compiles one source with kfp and with wherry, and compares what comes out as protobuf messages."""

from __future__ import annotations

import ast
import importlib.util
import itertools
import json
import sys
import warnings
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import kfp.compiler
    from google.protobuf import json_format
    from kfp.dsl.base_component import BaseComponent
    from kfp.pipeline_spec import pipeline_spec_pb2

import wherry.compiler
from wherry.dsl.components import Component

_IMPORTS = {"kfp": "from kfp import dsl", "wherry": "from wherry import dsl"}


@dataclass(frozen=True)
class Compiled:
    """One package as messages, with the comment at its head."""

    spec: Any
    platform: Any
    comment: tuple[str, ...]

    @property
    def text(self) -> str:
        """For people, when two differ."""
        documents = [json_format.MessageToDict(self.spec), json_format.MessageToDict(self.platform)]
        return "\n".join(self.comment) + "\n" + yaml.safe_dump_all(documents)


class Both:
    """A source, loaded once with each ``dsl``."""

    def __init__(self, source: Path, folder: Path) -> None:
        self._folder = folder
        self._text = source.read_text(encoding="utf-8")
        self._name = source.stem

    def load(self, package: str) -> ModuleType:
        """The module, with ``dsl`` taken from ``package``."""
        text = self._text
        for line in _IMPORTS.values():
            text = text.replace(line, _IMPORTS[package])
        folder = self._folder / package
        folder.mkdir(exist_ok=True)
        # The file has the same name for both: a component's source may name its own module.
        path = folder / f"{self._name}.py"
        path.write_text(text, encoding="utf-8")
        spec = importlib.util.spec_from_file_location(self._name, path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[self._name] = module
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                spec.loader.exec_module(module)
        finally:
            del sys.modules[self._name]
        return module

    def compile(self, package: str) -> dict[str, Compiled]:
        """Every component and pipeline of the module, by its name there."""
        module = self.load(package)
        kind, compiler = (
            (BaseComponent, kfp.compiler.Compiler()) if package == "kfp" else (Component, wherry.compiler.Compiler())
        )
        found = {name: value for name, value in vars(module).items() if isinstance(value, kind)}
        return {name: self._compiled(compiler, value, name) for name, value in found.items()}

    def _compiled(self, compiler: Any, component: Any, name: str) -> Compiled:
        path = self._folder / f"{name}.yaml"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compiler.compile(component, str(path))
        text = path.read_text(encoding="utf-8")
        documents = list(yaml.safe_load_all(text))
        documents[0].pop("sdkVersion")
        spec = json_format.ParseDict(documents[0], pipeline_spec_pb2.PipelineSpec())
        platform = json_format.ParseDict((documents[1:] or [{}])[0], pipeline_spec_pb2.PlatformSpec())
        comment = itertools.takewhile(lambda line: line.startswith("#"), text.splitlines())
        return Compiled(spec, platform, tuple(map(_without_key_order, comment)))


def _without_key_order(line: str) -> str:
    """kfp prints a dict in the order of a hash map that changes from process to process."""
    head, bracket, default = line.partition(" [Default: {" if " [Default: {" in line else " [Default: [")
    if not bracket:
        return line
    value = ast.literal_eval(bracket[-1] + default.removesuffix("]"))
    return head + json.dumps(value, sort_keys=True)


@pytest.fixture
def both(tmp_path: Path) -> Any:
    """Makes a `Both` of a source file."""
    return lambda source: Both(source, tmp_path)
