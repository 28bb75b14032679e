import pytest

from wherry.client.event_stream import Frame, StreamEnded, TaskProgress, frames, notice_of
from wherry.model.identity import Micros, RunId, TaskKey
from wherry.model.runs import RunEvent, RunEventKind

RUN = RunId("r1")


def lines(text: str) -> list[bytes]:
    return text.encode().splitlines(keepends=True)


def test_events_are_cut_at_empty_lines() -> None:
    stream = lines("id: 1\nevent: run.created\ndata: {}\n\nid: 2\ndata: a\ndata: b\n\n")

    assert list(frames(stream)) == [Frame("run.created", "{}", "1"), Frame("message", "a\nb", "2")]


def test_comments_and_unknown_fields_are_passed_over() -> None:
    assert list(frames(lines(": still here\n\nretry: 5\ndata: x\n\n"))) == [Frame("message", "x")]


@pytest.mark.parametrize("text", ["data: {}", "data: {}\n", 'id: 3\ndata: {"se'])
def test_an_event_that_was_cut_off_is_none(text: str) -> None:
    assert list(frames(lines(text))) == []


def test_a_recorded_event_is_read_as_it_was_recorded() -> None:
    data = '{"seq":4,"at":7,"kind":"task.started","task":"root/a","body":{"number":1},"later":true}'

    assert notice_of(Frame("task.started", data, "4"), RUN) == RunEvent(
        run_id=RUN, seq=4, at=Micros(7), kind=RunEventKind.TASK_STARTED, task=TaskKey("root/a"), body={"number": 1}
    )


def test_progress_and_the_end_are_told_apart_from_what_is_unknown() -> None:
    progress = Frame("progress", '{"run_id":"r1","task":"root/a","message":"installing"}')

    assert [notice_of(one, RUN) for one in (progress, Frame("end", "{}"), Frame("gap", "{}"))] == [
        TaskProgress(run_id=RUN, task=TaskKey("root/a"), message="installing"),
        StreamEnded(),
        None,
    ]
