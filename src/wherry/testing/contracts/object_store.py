"""What every object store does."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod

import pytest

from wherry.errors import InvalidArgumentError, ObjectStoreError
from wherry.model.identity import Micros
from wherry.ports import ObjectStore

HELLO = b"hello\n"


class ObjectStoreContract(ABC):
    """Subclass it, provide ``store``, ``root`` and `put`, and you have the full suite."""

    @pytest.fixture
    @abstractmethod
    def store(self) -> ObjectStore:
        """An empty store."""

    @pytest.fixture
    @abstractmethod
    def root(self) -> str:
        """A pipeline root in it."""

    @abstractmethod
    def put(self, store: ObjectStore, uri: str, content: bytes) -> None:
        """Write a file as a task does. Raises an error if the artifact is sealed."""

    def test_a_uri_lies_below_its_root(self, store: ObjectStore, root: str) -> None:
        assert store.uri(root, "p", "run", "train", "1", "model") == f"{root}/p/run/train/1/model"

    @pytest.mark.parametrize(
        "part", ["..", ".", "", "a/b", "/etc", "a\\..\\b", "a\0b", "…", "x" * 5000, "%2e%2e", "a b"]
    )
    def test_no_part_leads_out_of_the_root(self, store: ObjectStore, root: str, part: str) -> None:
        made = store.uri(root, part, "out").removeprefix(f"{root}/").split("/")

        assert len(made) == 2
        assert made[1] == "out"
        assert made[0].strip(".")
        assert made[0].isascii()
        assert len(made[0]) < 200

    def test_different_parts_stay_different(self, store: ObjectStore, root: str) -> None:
        assert len({store.uri(root, part) for part in ("a b", "a_b", "a/b", "a\\b", "a  b", "..", ".", "")}) == 8

    def test_a_relative_root_is_refused(self, store: ObjectStore) -> None:
        with pytest.raises(InvalidArgumentError, match="artifacts"):
            store.uri("artifacts", "x")

    def test_nothing_is_none(self, store: ObjectStore, root: str) -> None:
        uri = store.uri(root, "absent")

        assert (store.stat(uri), store.seal(uri)) == (None, None)

    def test_a_file_has_its_size_and_a_time(self, store: ObjectStore, root: str) -> None:
        uri = store.uri(root, "a")
        self.put(store, uri, HELLO)
        found = store.stat(uri)

        assert found is not None
        assert found.size == len(HELLO)
        assert found.mtime > Micros(0)

    def test_a_directory_has_the_size_of_what_is_in_it(self, store: ObjectStore, root: str) -> None:
        uri = store.uri(root, "a")
        self.put(store, f"{uri}/x", HELLO)
        self.put(store, f"{uri}/deep/y", HELLO)
        found = store.stat(uri)

        assert found is not None
        assert found.size == 2 * len(HELLO)

    def test_sealing_says_what_stat_says(self, store: ObjectStore, root: str) -> None:
        uri = store.uri(root, "a")
        self.put(store, f"{uri}/x", HELLO)
        before = store.stat(uri)

        assert before is not None
        assert store.seal(uri) == before
        assert store.stat(uri) == before

    def test_sealing_twice_is_sealing_once(self, store: ObjectStore, root: str) -> None:
        uri = store.uri(root, "a")
        self.put(store, uri, HELLO)

        assert store.seal(uri) == store.seal(uri)

    def test_the_digest_of_a_file_is_the_sha256_of_its_bytes(self, store: ObjectStore, root: str) -> None:
        uri = store.uri(root, "a")
        self.put(store, uri, HELLO)

        assert store.digest(uri) == f"sha256:{hashlib.sha256(HELLO).hexdigest()}"

    def test_equal_directories_have_equal_digests(self, store: ObjectStore, root: str) -> None:
        one, two = store.uri(root, "one"), store.uri(root, "two")
        for uri, names in ((one, ("a", "b/c")), (two, ("b/c", "a"))):
            for name in names:
                self.put(store, f"{uri}/{name}", name.encode())

        assert store.digest(one) == store.digest(two)

    def test_a_directory_with_other_names_has_another_digest(self, store: ObjectStore, root: str) -> None:
        one, two = store.uri(root, "one"), store.uri(root, "two")
        self.put(store, f"{one}/a", HELLO)
        self.put(store, f"{two}/b", HELLO)

        assert store.digest(one) != store.digest(two)

    def test_a_directory_with_other_content_has_another_digest(self, store: ObjectStore, root: str) -> None:
        one, two = store.uri(root, "one"), store.uri(root, "two")
        self.put(store, f"{one}/a", HELLO)
        self.put(store, f"{two}/a", b"goodbye\n")

        assert store.digest(one) != store.digest(two)

    def test_the_digest_of_nothing_is_an_error_that_names_it(self, store: ObjectStore, root: str) -> None:
        with pytest.raises(ObjectStoreError, match="absent"):
            store.digest(store.uri(root, "absent"))

    def test_reading_stops_at_the_limit(self, store: ObjectStore, root: str) -> None:
        uri = store.uri(root, "a")
        self.put(store, uri, HELLO)

        assert (store.read(uri, limit=4), store.read(uri, limit=100)) == (b"hell", HELLO)

    def test_reading_nothing_is_an_error_that_names_it(self, store: ObjectStore, root: str) -> None:
        with pytest.raises(ObjectStoreError, match="absent"):
            store.read(store.uri(root, "absent"), limit=1)
