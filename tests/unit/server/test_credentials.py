from pathlib import Path

import pytest

from wherry.errors import InvalidArgumentError
from wherry.server.credentials import load_credentials

WORD = "a-token-of-one-s-own"


def token_file(folder: Path, content: bytes) -> Path:
    path = folder / "given"
    path.write_bytes(content)
    return path


def test_a_token_is_made_once_and_kept(tmp_path: Path) -> None:
    first = load_credentials(tmp_path)

    assert load_credentials(tmp_path) == first
    assert (tmp_path / "server" / "token").read_text() == f"{first.token}\n"


def test_two_state_folders_have_different_tokens_and_secrets(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    a, b = load_credentials(tmp_path / "a"), load_credentials(tmp_path / "b")

    assert a.token != b.token
    assert a.secret != b.secret


def test_a_given_token_replaces_the_kept_one_and_leaves_the_secret(tmp_path: Path) -> None:
    before = load_credentials(tmp_path)
    after = load_credentials(tmp_path, token_file=token_file(tmp_path, f"{WORD}\n".encode()))

    assert (after.token, after.secret) == (WORD, before.secret)
    assert load_credentials(tmp_path).token == WORD


def test_what_is_kept_is_for_its_user_alone(tmp_path: Path) -> None:
    load_credentials(tmp_path, token_file=token_file(tmp_path, WORD.encode()))

    modes = {path.name: oct(path.stat().st_mode & 0o777) for path in (tmp_path / "server").iterdir()}
    assert modes == {"secret": "0o600", "token": "0o600"}


@pytest.mark.parametrize(
    "content", [b"", b"short", b"two words are no token", "zu viel ümlaut für uns".encode(), b"\xff" * 40]
)
def test_what_could_not_be_sent_or_trusted_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(InvalidArgumentError, match=r"holds no token: one is a word of at least 16 printable ASCII"):
        load_credentials(tmp_path, token_file=token_file(tmp_path, content))

    assert not (tmp_path / "server").exists()


def test_a_token_file_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidArgumentError, match=r"the token file '.*/nowhere' cannot be read: No such file"):
        load_credentials(tmp_path, token_file=tmp_path / "nowhere")
