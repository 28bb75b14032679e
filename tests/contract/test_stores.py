"""Every store passes the same suites."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from wherry.store import SqliteRunStore, StoreMode, open_store
from wherry.testing.contracts.experiment_store import ExperimentStoreContract
from wherry.testing.contracts.lists import ListsContract
from wherry.testing.contracts.metadata_store import MetadataStoreContract
from wherry.testing.contracts.page_store import PageStoreContract
from wherry.testing.contracts.pipeline_store import PipelineStoreContract
from wherry.testing.contracts.run_store import RunStoreContract
from wherry.testing.memory_pages import MemoryPageStore
from wherry.testing.memory_store import MemoryRunStore


class TestSqliteRunStore(RunStoreContract):
    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[SqliteRunStore]:
        yield from opened(tmp_path)


class TestSqliteMetadataStore(MetadataStoreContract):
    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[SqliteRunStore]:
        yield from opened(tmp_path)


class TestSqliteExperimentStore(ExperimentStoreContract):
    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[SqliteRunStore]:
        yield from opened(tmp_path)


class TestSqlitePipelineStore(PipelineStoreContract):
    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[SqliteRunStore]:
        yield from opened(tmp_path)


class TestSqliteLists(ListsContract):
    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[SqliteRunStore]:
        yield from opened(tmp_path)


class TestSqlitePageStore(PageStoreContract):
    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[SqliteRunStore]:
        yield from opened(tmp_path)


class TestMemoryRunStore(RunStoreContract):
    @pytest.fixture
    def store(self) -> MemoryRunStore:
        return MemoryRunStore()


class TestMemoryMetadataStore(MetadataStoreContract):
    @pytest.fixture
    def store(self) -> MemoryRunStore:
        return MemoryRunStore()


class TestMemoryExperimentStore(ExperimentStoreContract):
    @pytest.fixture
    def store(self) -> MemoryRunStore:
        return MemoryRunStore()


class TestMemoryPipelineStore(PipelineStoreContract):
    @pytest.fixture
    def store(self) -> MemoryRunStore:
        return MemoryRunStore()


class TestMemoryLists(ListsContract):
    @pytest.fixture
    def store(self) -> MemoryRunStore:
        return MemoryRunStore()


class TestMemoryPageStore(PageStoreContract):
    @pytest.fixture
    def store(self) -> MemoryPageStore:
        return MemoryPageStore()


def opened(folder: Path) -> Iterator[SqliteRunStore]:
    store = open_store(folder / "state", mode=StoreMode.READ_WRITE)
    yield store
    asyncio.run(store.close())
