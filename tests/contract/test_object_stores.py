"""Every object store passes one suite."""

from __future__ import annotations

from pathlib import Path

import pytest

from wherry.objectstore import LocalObjectStore
from wherry.ports import ObjectStore
from wherry.testing.contracts.object_store import ObjectStoreContract
from wherry.testing.memory_objects import MemoryObjectStore


class TestLocalObjectStore(ObjectStoreContract):
    @pytest.fixture
    def store(self) -> ObjectStore:
        return LocalObjectStore()

    @pytest.fixture
    def root(self, tmp_path: Path) -> str:
        return str(tmp_path / "artifacts")

    def put(self, store: ObjectStore, uri: str, content: bytes) -> None:
        del store
        Path(uri).parent.mkdir(parents=True, exist_ok=True)
        Path(uri).write_bytes(content)


class TestMemoryObjectStore(ObjectStoreContract):
    @pytest.fixture
    def store(self) -> ObjectStore:
        return MemoryObjectStore()

    @pytest.fixture
    def root(self) -> str:
        return "/artifacts"

    def put(self, store: ObjectStore, uri: str, content: bytes) -> None:
        assert isinstance(store, MemoryObjectStore)
        store.put(uri, content)
