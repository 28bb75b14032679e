import pytest

from wherry.server.gate import host_name
from wherry.server.peers import peer_uid


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("localhost:8080", "localhost"),
        ("LOCALHOST", "localhost"),
        ("[::1]:8080", "::1"),
        ("127.0.0.1:1", "127.0.0.1"),
        ("localhost.evil.example:8080", "localhost.evil.example"),
    ],
)
def test_a_host_header_is_read_without_its_port(header: str, name: str) -> None:
    assert host_name(header) == name


def test_a_caller_from_elsewhere_has_no_uid_here() -> None:
    assert peer_uid(("192.0.2.1", 4000), ("127.0.0.1", 8080)) is None
