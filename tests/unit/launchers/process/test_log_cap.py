from __future__ import annotations

import errno
from pathlib import Path

import pytest

from wherry.launchers.process import log_cap
from wherry.launchers.process.log_cap import LogCap
from wherry.launchers.process.logs import read_log

LIMIT = 4096
HEAD = 3072
TAIL = 1024


def lines(count: int) -> bytes:
    """64 bytes each."""
    return b"".join(b"%063d\n" % number for number in range(count))


def capped(tmp_path: Path) -> tuple[LogCap, Path]:
    path = tmp_path / "log"
    return LogCap(str(path), LIMIT), path


def append(path: Path, text: bytes) -> None:
    with path.open("ab") as file:
        file.write(text)


def test_a_log_within_its_limit_is_left_alone(tmp_path: Path) -> None:
    cap, path = capped(tmp_path)
    append(path, lines(64))

    cap.check()
    cap.finish()
    assert path.read_bytes() == lines(64)


def test_a_log_that_is_not_there_is_no_trouble(tmp_path: Path) -> None:
    cap, path = capped(tmp_path)

    cap.check()
    cap.finish()
    assert not path.exists()


def test_a_longer_log_keeps_head_and_tail_and_says_how_much_is_missing(tmp_path: Path) -> None:
    cap, path = capped(tmp_path)
    append(path, lines(1000))

    cap.finish()
    marker = b"\n[wherry] the log was longer than its limit of 4096 bytes: about %d bytes are left out here\n"
    assert path.read_bytes() == lines(1000)[:HEAD] + marker % (64000 - LIMIT) + lines(1000)[-TAIL:]


@pytest.mark.parametrize("holes", [True, False])
def test_it_comes_to_the_same_when_it_is_cut_while_it_grows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, holes: bool
) -> None:
    cap, path = capped(tmp_path)
    append(path, lines(10_000))
    cap.finish()
    expected = path.read_bytes()
    path.unlink()
    cap, path = capped(tmp_path)
    if not holes:
        monkeypatch.setattr(log_cap, "_punch", refuse)

    for start in range(0, 640_000, 5000):
        append(path, lines(10_000)[start : start + 5000])
        cap.check()
        assert path.stat().st_blocks * 512 <= LIMIT + 3 * 4096
    cap.finish()
    assert path.read_bytes() == expected


def refuse(*_: int) -> None:
    raise OSError(errno.EOPNOTSUPP, "no holes here")


def test_a_reader_follows_the_head_and_then_reads_marker_and_tail(tmp_path: Path) -> None:
    cap = LogCap(str(tmp_path / "log"), 32 * 4096)
    append(tmp_path / "log", lines(10_000))
    cap.check()
    head = read_log(tmp_path, from_byte=0, limit=1 << 20)
    waiting = read_log(tmp_path, from_byte=len(head), limit=1 << 20)

    cap.finish()
    rest = read_log(tmp_path, from_byte=len(head), limit=1 << 20)
    assert (len(head), waiting) == (24 * 4096, b"")
    assert head + rest == (tmp_path / "log").read_bytes()
    assert rest.startswith(b"\n[wherry] the log was longer")


def test_what_is_written_after_the_end_is_dropped(tmp_path: Path) -> None:
    cap, path = capped(tmp_path)
    append(path, lines(1000))
    cap.finish()
    expected = path.read_bytes()

    append(path, b"a daemon's last words")
    cap.finish()
    assert path.read_bytes() == expected
