"""Reuse of earlier results, artifacts and lineage links, on a whole engine with fakes."""

from __future__ import annotations

import asyncio
import json
import threading
from typing import Any

from wherry.ir.spec import ContainerSpec
from wherry.model.artifacts import MODEL_NAME_KEY, LinkKind
from wherry.model.runs import CachePolicy
from wherry.testing.engine_room import EngineRoom, finish, in_room
from wherry.testing.fake_launcher import FakeTask
from wherry.testing.pipelines import INT, importer, loop, made, out, pipeline, scope, task


def writer(room: EngineRoom, content: Any = lambda task: task.key, **metadata: Any) -> Any:
    """An act that writes every output artifact, and returns the input ``x`` plus one."""

    def act(task: FakeTask) -> bytes:
        artifacts = {}
        for port, planned in task.told["outputs"].get("artifacts", {}).items():
            uri = planned["artifacts"][0]["uri"]
            room.objects.put(uri, content(task).encode())
            artifacts[port] = {"artifacts": [{"name": port, "uri": uri, "metadata": metadata}]}
        output = {"Output": task.parameters.get("x", 0) + 1} if task.request.output_types else {}
        return json.dumps({"parameterValues": output, "artifacts": artifacts}).encode()

    return act


def playing(body: Any) -> Any:
    """Run ``body`` in a room whose tasks write their artifacts."""

    async def main(room: EngineRoom) -> Any:
        room.host.act = writer(room)
        return await body(room)

    return in_room(lambda _: None, main)


ADD = {"makes": ["Output"], "types": {"x": INT, "Output": INT}}
CHAIN = pipeline(
    task("a", reads={"x": scope("n")}, **ADD), task("b", reads={"x": out("a")}, **ADD), parameters={"n": INT}
)
MAKE_AND_USE = pipeline(
    task("make", makes_artifacts=["data"]), task("use", reads={"d": made("make")}, makes=["Output"])
)


# -- parameters -------------------------------------------------------------------------------------------------------


def test_a_second_run_reuses_everything_and_says_from_where() -> None:
    async def body(room: EngineRoom) -> Any:
        first = await room.play(CHAIN, arguments={"n": 1})
        return first, await room.play(CHAIN, arguments={"n": 1}), len(room.host.launched)

    first, second, launched = playing(body)

    assert second.outcomes == {"a": "reused", "b": "reused"}
    assert second.output("b") == 3
    assert launched == 2
    origin = second.tasks["b"].outcome
    assert (origin.run_id, origin.task, origin.attempt_id) == (first.run.id, "root/b", first.attempts[1].id)


def test_a_chain_of_hits_is_committed_in_one_turn() -> None:
    async def body(room: EngineRoom) -> Any:
        await room.play(CHAIN, arguments={"n": 1})
        commits = []
        commit = room.store.commit

        async def count(changes: Any) -> Any:
            commits.append(changes)
            return await commit(changes)

        room.store.commit = count  # type: ignore[method-assign]  to count
        await room.play(CHAIN, arguments={"n": 1})
        return len(commits)

    assert playing(body) == 1


def test_a_task_reuses_the_equal_task_right_before_it_in_its_own_run() -> None:
    container = ContainerSpec(image="python:3.11", command=("make",), args=("{{$}}",))
    package = pipeline(
        task("a", makes_artifacts=["data"], container=container),
        task("b", makes_artifacts=["data"], container=container, after=["a"]),
        task("use", reads={"d": made("b")}, makes=["Output"], cached=False),
    )

    story = playing(lambda room: room.play(package))

    assert story.outcomes == {"a": "succeeded", "b": "reused", "use": "succeeded"}
    assert story.tasks["b"].outputs == story.tasks["a"].outputs
    assert (story.tasks["b"].outcome.run_id, story.tasks["b"].outcome.task) == (story.run.id, "root/a")


def test_a_miss_names_the_parameter_that_changed() -> None:
    async def body(room: EngineRoom) -> Any:
        first = await room.play(CHAIN, arguments={"n": 1})
        return first, await room.play(CHAIN, arguments={"n": 2})

    first, second = playing(body)

    assert first.tasks["a"].cache_note == "first execution of this component"
    assert second.tasks["a"].cache_note == f"parameter 'x' was 1 and is 2 since run {first.run.id}, task root/a"


def test_a_run_without_reuse_runs_everything_and_leaves_results_for_others() -> None:
    async def body(room: EngineRoom) -> Any:
        rerun = await room.play(CHAIN, arguments={"n": 1}, cache=CachePolicy.RERUN)
        again = await room.play(CHAIN, arguments={"n": 1}, cache=CachePolicy.RERUN)
        return rerun, again, await room.play(CHAIN, arguments={"n": 1})

    _, again, third = playing(body)

    assert again.outcomes == {"a": "succeeded", "b": "succeeded"}
    assert again.tasks["a"].cache_note == "the run was started without reuse"
    assert third.tasks["a"].outcome.run_id == again.run.id


def test_a_task_with_caching_disabled_is_neither_reused_nor_lent() -> None:
    async def body(room: EngineRoom) -> Any:
        package = pipeline(task("a", cached=False, makes=["Output"]))
        await room.play(package)
        return await room.play(package)

    assert playing(body).outcomes == {"a": "succeeded"}


def test_a_failed_task_is_not_reused() -> None:
    async def body(room: EngineRoom) -> Any:
        def act(_task: FakeTask) -> None:
            raise ValueError("no")

        room.host.act = act
        package = pipeline(task("a"))
        await room.play(package)
        return await room.play(package)

    assert playing(body).outcomes == {"a": "failed"}


def test_another_pipeline_does_not_reuse() -> None:
    async def body(room: EngineRoom) -> Any:
        await room.play(pipeline(task("a")))
        return await room.play(pipeline(task("a"), name="another"))

    assert playing(body).outcomes == {"a": "succeeded"}


def test_a_cache_key_alone_decides_where_it_is_given() -> None:
    async def body(room: EngineRoom) -> Any:
        def keyed(n: int) -> Any:
            return pipeline(
                task("a", reads={"x": scope("n")}, cache_key="k", **ADD), parameters={"n": INT}, defaults={"n": n}
            )

        await room.play(keyed(1))
        return await room.play(keyed(2))

    assert playing(body).output("a") == 2


# -- artifacts --------------------------------------------------------------------------------------------------------


def test_an_artifact_is_recorded_with_size_links_and_producer() -> None:
    async def body(room: EngineRoom) -> Any:
        story = await room.play(MAKE_AND_USE)
        links = await room.store.links(story.run.id)
        (artifact,) = (await room.store.artifacts(one.artifact_id for one in links)).values()
        return artifact, links

    artifact, links = playing(body)

    assert (artifact.type, artifact.name, artifact.size) == ("system.Dataset", "data", len("root/make"))
    assert artifact.uri == "/artifacts/demo/run-0001/make/attempt-0001/data"
    assert [(one.task, one.kind, one.port) for one in links] == [
        ("root/make", LinkKind.OUTPUT, "data"),
        ("root/use", LinkKind.INPUT, "d"),
    ]
    assert (links[1].producer.task, links[1].producer.port) == ("root/make", "data")


def test_digests_come_after_the_run() -> None:
    async def body(room: EngineRoom) -> Any:
        engine = room.engine()
        await engine.start()
        run_id = await room.submit(engine, MAKE_AND_USE)
        await finish(engine, run_id)
        (one,) = (await room.story(run_id)).tasks["make"].outputs.artifacts["data"].artifact_ids
        # The hasher is a thread, and knows no virtual time.
        while (artifact := (await room.store.artifacts([one]))[one]).digest is None:
            await asyncio.to_thread(threading.Event().wait, 0.001)
        await engine.stop()
        return artifact

    assert playing(body).digest.startswith("sha256:")


def test_consumers_hit_when_a_producer_made_the_same_bytes_again() -> None:
    async def body(room: EngineRoom) -> Any:
        def package(cached: Any) -> Any:
            return pipeline(
                task("make", makes_artifacts=["data"], cached=cached),
                task("use", reads={"d": made("make")}, makes=["Output"]),
            )

        engine = room.engine()
        await engine.start()
        first = await room.submit(engine, package(cached=False))
        await finish(engine, first)
        await asyncio.sleep(5)
        second = await room.submit(engine, package(cached=False))
        await finish(engine, second)
        await engine.stop()
        return await room.story(second)

    assert playing(body).outcomes == {"make": "succeeded", "use": "reused"}


def test_consumers_miss_when_a_producer_made_other_bytes_and_the_note_says_so() -> None:
    async def body(room: EngineRoom) -> Any:
        room.host.act = writer(room, content=lambda task: task.request.run_id)
        package = pipeline(
            task("make", makes_artifacts=["data"], cached=False),
            task("use", reads={"d": made("make")}, makes=["Output"]),
        )
        engine = room.engine()
        await engine.start()
        first = await room.submit(engine, package)
        await finish(engine, first)
        await asyncio.sleep(5)
        second = await room.submit(engine, package)
        await finish(engine, second)
        await engine.stop()
        return await room.story(second)

    story = playing(body)

    assert story.outcomes == {"make": "succeeded", "use": "succeeded"}
    assert story.tasks["use"].cache_note == "input 'd' has other content than in run run-0001, task root/use"


def test_a_hit_whose_artifact_was_deleted_is_none() -> None:
    async def body(room: EngineRoom) -> Any:
        first = await room.play(MAKE_AND_USE)
        room.objects._files.clear()
        return first, await room.play(MAKE_AND_USE)

    first, second = playing(body)

    assert second.outcomes["make"] == "succeeded"
    assert second.tasks["make"].cache_note == (
        f"outputs of run {first.run.id}, task root/make, were deleted or modified since"
    )


def test_an_input_that_was_modified_after_publishing_fails_its_reader_and_names_the_producer() -> None:
    async def body(room: EngineRoom) -> Any:
        act = writer(room)

        def spoil(task: FakeTask) -> bytes:
            if task.key == "root/spoil":
                room.objects._files["/artifacts/demo/run-0001/make/attempt-0001/data"] = (b"other", room.clock.now())
            result: bytes = act(task)
            return result

        room.host.act = spoil
        return await room.play(
            pipeline(
                task("make", makes_artifacts=["data"]),
                task("spoil", after=["make"]),
                task("use", reads={"d": made("make")}, after=["spoil"]),
            )
        )

    story = playing(body)

    assert story.tasks["use"].outcome.message == (
        "input 'd' of task 'use' was modified after it was published by task 'make': "
        "/artifacts/demo/run-0001/make/attempt-0001/data"
    )


def test_artifacts_of_iterations_collect_flat() -> None:
    async def body(room: EngineRoom) -> Any:
        each = loop(
            "for-loop-1",
            task("make", makes_artifacts=["data"], reads={"x": scope("item")}),
            items=[1, 2],
            gives_artifacts={"all": [("make", "data")]},
        )
        outer = loop("for-loop-2", each, items=[3, 4], gives_artifacts={"all": [("for-loop-1", "all")]})
        story = await room.play(
            pipeline(outer, task("use", reads={"d": made("for-loop-2", "all")}, lists=frozenset({"d"})))
        )
        request = next(one for one in room.host.launched if one.task == "root/use")
        return story, json.loads(request.executor_input)["inputs"]["artifacts"]["d"]["artifacts"]

    story, given = playing(body)

    assert story.run.state.value == "SUCCEEDED"
    assert len(given) == 4


def test_a_model_is_registered_from_its_metadata() -> None:
    async def body(room: EngineRoom) -> Any:
        room.host.act = writer(room, **{MODEL_NAME_KEY: "attrition"})
        story = await room.play(pipeline(task("train", makes_artifacts=["model"])))
        return story, await room.store.model_versions("", "attrition")

    story, versions = playing(body)

    assert [one.version for one in versions] == [1]
    assert "model.registered" in [event.kind.value for event in story.events]


# -- importers --------------------------------------------------------------------------------------------------------


def test_an_importer_names_an_artifact_and_its_readers_see_it() -> None:
    async def body(room: EngineRoom) -> Any:
        room.objects.put("/data/raw.csv", b"1,2")
        story = await room.play(
            pipeline(importer("importer", "/data/raw.csv"), task("use", reads={"d": made("importer", "artifact")}))
        )
        (request,) = room.host.launched
        return story, json.loads(request.executor_input)["inputs"]["artifacts"]["d"]["artifacts"]

    story, given = playing(body)

    assert story.outcomes == {"importer": "succeeded", "use": "succeeded"}
    assert [one["uri"] for one in given] == ["/data/raw.csv"]


def test_importing_the_same_again_gives_the_same_artifact_unless_asked_otherwise() -> None:
    async def body(room: EngineRoom) -> Any:
        room.objects.put("/data/raw.csv", b"1,2")
        stories = [
            await room.play(pipeline(importer("importer", "/data/raw.csv", reimport=reimport)))
            for reimport in (False, False, True)
        ]
        return [story.tasks["importer"].outputs.artifacts["artifact"].artifact_ids[0] for story in stories]

    first, again, anew = playing(body)

    assert first == again
    assert anew != first
