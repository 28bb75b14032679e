"""Where artifacts lie, and that nothing else is sent."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from wherry.errors import FailedPreconditionError, NotFoundError, PermissionDeniedError, RequestError
from wherry.model.artifacts import Artifact
from wherry.server.contents import beginning, file_of, files_below, place_of
from wherry.testing import records


def artifact_at(uri: object) -> Artifact:
    return msgspec.structs.replace(records.artifact("a"), uri=str(uri))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The folder of artifacts, with a secret beside it."""
    (tmp_path / "secret").write_text("secret")
    folder = tmp_path / "artifacts"
    (folder / "model" / "deep").mkdir(parents=True)
    (folder / "data.csv").write_text("a,b\n")
    (folder / "model" / "deep" / "weights").write_bytes(b"1234")
    (folder / "model" / "config").write_bytes(b"12")
    (folder / "model" / "out").symlink_to(tmp_path / "secret")
    (folder / "way-out").symlink_to(tmp_path / "secret")
    return folder


def test_a_file_below_the_root_is_found(root: Path) -> None:
    assert file_of(artifact_at(root / "data.csv"), root) == root / "data.csv"


@pytest.mark.parametrize("uri", ["{root}/../secret", "{root}/way-out", "/etc/passwd", "/"])
def test_what_lies_elsewhere_is_not_sent(root: Path, uri: str) -> None:
    with pytest.raises(PermissionDeniedError, match="outside the state folder"):
        place_of(artifact_at(uri.format(root=root)), root)


@pytest.mark.parametrize(
    ("uri", "error"),
    [
        ("s3://bucket/key", FailedPreconditionError),
        ("relative", FailedPreconditionError),
        ("{root}/absent", NotFoundError),
    ],
)
def test_what_is_not_here_says_so(root: Path, uri: str, error: type[RequestError]) -> None:
    with pytest.raises(error, match="artifact 'a'"):
        place_of(artifact_at(uri.format(root=root)), root)


def test_a_folder_is_no_file(root: Path) -> None:
    with pytest.raises(FailedPreconditionError, match="is a folder"):
        file_of(artifact_at(root / "model"), root)


def test_the_beginning_of_a_file_comes_with_its_size(root: Path) -> None:
    assert beginning(root / "model" / "deep" / "weights", limit=2) == (b"12", 4)


def test_the_files_of_a_folder_are_listed_without_its_links(root: Path) -> None:
    assert files_below(root / "model") == ([("config", 2), ("deep/weights", 4)], False)


def test_a_folder_of_many_files_is_cut(tmp_path: Path) -> None:
    for number in range(201):
        (tmp_path / f"{number:03}").touch()

    files, truncated = files_below(tmp_path)

    assert (len(files), files[0], truncated) == (200, ("000", 0), True)
