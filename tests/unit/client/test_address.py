import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from wherry.client.address import Address, address_of, announced_address
from wherry.errors import InvalidArgumentError


def announce(state: Path, *, pid: int) -> Path:
    (state / "server").mkdir()
    (state / "server" / "address.json").write_text(json.dumps({"url": "http://127.0.0.1:1", "pid": pid}))
    return state


def dead_pid() -> int:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_the_server_of_a_state_folder_is_found_with_its_token(tmp_path: Path) -> None:
    announce(tmp_path, pid=os.getpid())
    (tmp_path / "server" / "token").write_text("secret\n")

    assert announced_address(tmp_path) == Address("http://127.0.0.1:1", "secret")


def test_what_a_killed_server_left_behind_does_not_count(tmp_path: Path) -> None:
    assert announced_address(announce(tmp_path, pid=dead_pid())) is None


def test_without_a_server_there_is_no_address(tmp_path: Path) -> None:
    assert announced_address(tmp_path / "nothing") is None


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://h/pipeline/", "http://h/pipeline"),
        ("https://[::1]:443", "https://[::1]:443"),
    ],
)
def test_an_address_may_lack_its_scheme_and_keeps_its_path(host: str, url: str) -> None:
    assert address_of(host) == Address(url)


@pytest.mark.parametrize("host", ["ftp://h", "http://", "http://h:99999", "http://h:x", "http://[::1"])
def test_what_is_no_address_is_refused_by_name(host: str) -> None:
    with pytest.raises(InvalidArgumentError, match="no address"):
        address_of(host)


def test_an_address_keeps_its_token_to_itself() -> None:
    assert "secret" not in repr(Address("http://h", "secret"))


def test_the_token_is_read_where_the_server_says_that_it_stands(tmp_path: Path) -> None:
    announce(tmp_path, pid=os.getpid())
    (tmp_path / "elsewhere").write_text("theirs\n")
    file = tmp_path / "server" / "address.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), "token_file": str(tmp_path / "elsewhere")}))

    assert announced_address(tmp_path) == Address("http://127.0.0.1:1", "theirs")
