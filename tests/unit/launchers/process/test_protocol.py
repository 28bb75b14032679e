from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wherry.runtime.protocol import (
    FORMAT,
    FrameReader,
    ProtocolError,
    decode,
    encode,
    read_record,
    write_record,
)

ENDED = {"op": "ended", "attempt": "a1", "outcome": "succeeded", "started_at": 1, "ended_at": 2}

messages = st.lists(st.tuples(st.fixed_dictionaries({"op": st.text(), "n": st.integers()}), st.binary()), max_size=5)


@given(messages, st.integers(min_value=1, max_value=64))
def test_frames_come_out_as_they_went_in_however_the_stream_is_cut(sent: list[tuple[dict, bytes]], size: int) -> None:
    stream = b"".join(encode(header, body) for header, body in sent)
    reader = FrameReader()

    pieces = [stream[at : at + size] for at in range(0, len(stream), size)]
    assert [frame for piece in pieces for frame in reader.feed(piece)] == sent


@pytest.mark.parametrize(
    "stream",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"\x00\x00\x00\x02\x00\x00\x00\x00[]",
        b"\x00\x00\x00\x02\x00\x00\x00\x00{}",
        b"\x00\x00\x00\x02\x00\x00\x00\x00{\xff",
        b"\x00\x00\x00\x00\xff\xff\xff\xff",
    ],
)
def test_a_stream_that_is_none_of_ours_is_an_error(stream: bytes) -> None:
    with pytest.raises(ProtocolError):
        FrameReader().feed(stream)


def test_a_packet_holds_one_whole_message() -> None:
    packet = encode({"op": "ended"}, b"{}")

    assert decode(packet) == ({"op": "ended"}, b"{}")
    for wrong in (packet[:-1], packet + packet, b""):
        with pytest.raises(ProtocolError):
            decode(wrong)


def test_a_record_is_one_json_file_that_is_read_as_the_message_it_stands_for(tmp_path: Path) -> None:
    write_record(str(tmp_path), ENDED, b'{"parameterValues":{"Output":1}}')

    assert read_record(str(tmp_path)) == (ENDED, b'{"parameterValues":{"Output":1}}')
    assert [file.name for file in tmp_path.iterdir()] == ["exit.json"]
    assert json.loads((tmp_path / "exit.json").read_bytes())["format"] == FORMAT


def test_a_failure_has_no_output(tmp_path: Path) -> None:
    write_record(str(tmp_path), ENDED, b"")

    assert read_record(str(tmp_path)) == (ENDED, b"")


def test_no_record_is_none(tmp_path: Path) -> None:
    assert read_record(str(tmp_path)) is None
    assert read_record(str(tmp_path / "absent")) is None


@pytest.mark.parametrize("content", ["{", "[]", '{"format": 1}', f'{{"format": {FORMAT + 1}, "output": null}}'])
def test_a_record_that_is_damaged_or_newer_is_an_error_that_names_it(tmp_path: Path, content: str) -> None:
    (tmp_path / "exit.json").write_text(content)

    with pytest.raises(ProtocolError, match=r"exit\.json"):
        read_record(str(tmp_path))
