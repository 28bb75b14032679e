from __future__ import annotations

from pathlib import Path

from wherry.launchers.process.log_cap import LogCap

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


def test_it_comes_to_the_same_when_it_is_cut_while_it_grows(tmp_path: Path) -> None:
    at_once, path = capped(tmp_path)
    append(path, lines(1000))
    at_once.finish()
    expected = path.read_bytes()
    path.unlink()
    growing, path = capped(tmp_path)

    for start in range(0, 64000, 500):
        append(path, lines(1000)[start : start + 500])
        growing.check()
        assert path.stat().st_size <= LIMIT
    growing.finish()
    assert path.read_bytes() == expected


def test_offsets_into_the_head_never_move(tmp_path: Path) -> None:
    cap, path = capped(tmp_path)
    append(path, lines(1000))

    cap.check()
    assert path.read_bytes() == lines(1000)[:HEAD]
    append(path, lines(1))
    cap.finish()
    assert path.read_bytes()[:HEAD] == lines(1000)[:HEAD]


def test_what_is_written_after_the_end_is_dropped(tmp_path: Path) -> None:
    cap, path = capped(tmp_path)
    append(path, lines(1000))
    cap.finish()
    expected = path.read_bytes()

    append(path, b"a daemon's last words")
    cap.finish()
    assert path.read_bytes() == expected
