from __future__ import annotations

import os
import stat
import subprocess
from pathlib import Path

import pytest

from wherry.errors import ObjectStoreError
from wherry.objectstore import LocalObjectStore

STORE = LocalObjectStore()


def modes(path: Path) -> set[int]:
    return {stat.S_IMODE(each.stat().st_mode) for each in (path, *path.rglob("*"))}


def test_a_sealed_directory_is_read_only_to_its_last_file(tmp_path: Path) -> None:
    artifact = tmp_path / "a"
    (artifact / "deep").mkdir(parents=True, mode=0o755)
    (artifact / "deep" / "x").write_bytes(b"1")
    (artifact / "deep" / "x").chmod(0o644)

    STORE.seal(str(artifact))

    assert modes(artifact) == {0o555, 0o444}


def test_the_time_is_the_newest_in_the_directory(tmp_path: Path) -> None:
    artifact = tmp_path / "a"
    artifact.mkdir()
    for name, seconds in (("old", 1000), ("new", 3000)):
        (artifact / name).write_bytes(b"1")
        os.utime(artifact / name, (seconds, seconds))
    os.utime(artifact, (2000, 2000))
    found = STORE.stat(str(artifact))

    assert found is not None
    assert found.mtime == 3_000_000_000


@pytest.mark.parametrize("look", [STORE.stat, STORE.seal, STORE.digest])
def test_a_link_that_leaves_the_artifact_is_refused(tmp_path: Path, look) -> None:
    (tmp_path / "secret").write_bytes(b"1")
    artifact = tmp_path / "a"
    artifact.mkdir()
    (artifact / "link").symlink_to(tmp_path / "secret")

    with pytest.raises(ObjectStoreError, match="not part of the artifact"):
        look(str(artifact))


@pytest.mark.parametrize("look", [STORE.stat, STORE.digest, lambda uri: STORE.read(uri, limit=1)])
def test_an_artifact_that_is_itself_a_link_is_refused(tmp_path: Path, look) -> None:
    (tmp_path / "secret").write_bytes(b"1")
    (tmp_path / "a").symlink_to(tmp_path / "secret")

    with pytest.raises(ObjectStoreError, match="symbolic link"):
        look(str(tmp_path / "a"))


def test_a_link_inside_the_artifact_is_followed(tmp_path: Path) -> None:
    artifact = tmp_path / "a"
    artifact.mkdir()
    (artifact / "x").write_bytes(b"12345")
    (artifact / "link").symlink_to("x")
    found = STORE.stat(str(artifact))

    assert found is not None
    assert found.size == 10
    assert STORE.digest(str(artifact)).startswith("sha256:")


def test_a_dangling_link_is_an_error_and_not_nothing(tmp_path: Path) -> None:
    artifact = tmp_path / "a"
    artifact.mkdir()
    (artifact / "link").symlink_to("gone")

    with pytest.raises(ObjectStoreError, match="No such file"):
        STORE.stat(str(artifact))


def test_links_to_each_other_are_an_error(tmp_path: Path) -> None:
    artifact = tmp_path / "a"
    artifact.mkdir()
    (artifact / "one").symlink_to("two")
    (artifact / "two").symlink_to("one")

    with pytest.raises(ObjectStoreError, match="a'"):
        STORE.digest(str(artifact))


def test_a_pipe_is_refused_rather_than_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")

    with pytest.raises(ObjectStoreError, match="neither a file"):
        STORE.stat(str(tmp_path / "pipe"))


def test_a_very_deep_directory_is_walked(tmp_path: Path) -> None:
    artifact = tmp_path / "a"
    artifact.mkdir()
    deepest = artifact
    for _ in range(1500):
        deepest = deepest / "d"
        deepest.mkdir()

    digest = STORE.digest(str(artifact))
    subprocess.run(["rm", "-rf", str(artifact)], check=True)  # pytest's own clean-up recurses

    assert digest.startswith("sha256:")


def test_names_that_are_not_utf8_have_a_digest(tmp_path: Path) -> None:
    artifact = tmp_path / "a"
    artifact.mkdir()
    Path(os.fsdecode(os.fsencode(artifact) + b"/\xff")).write_bytes(b"1")

    assert STORE.digest(str(artifact)).startswith("sha256:")


def test_reading_a_directory_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ObjectStoreError, match="Is a directory"):
        STORE.read(str(tmp_path), limit=1)
