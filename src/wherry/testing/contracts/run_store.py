"""What every run store does."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from wherry.errors import (
    AlreadyExistsError,
    InvalidArgumentError,
    NotFoundError,
    NotRetriableError,
    StaleOwnerError,
)
from wherry.model.identity import Micros, PipelineId, PipelineVersionId, RunId
from wherry.model.outcomes import Kept
from wherry.model.runs import Run, RunEventKind, RunRequestKind, RunUpdate, TaskRecord
from wherry.model.states import RuntimeState
from wherry.ports import NewRun, RunStore
from wherry.testing.contracts.run_commits import RUNNING, SUCCEEDED, Held, RunCommitsContract, claimed, run_async
from wherry.testing.records import SOON, attempt, event, new_run, task

CANCEL = RunRequestKind.CANCEL
LATER = Micros(SOON + 1_000_000)


class RunStoreContract(RunCommitsContract):
    """Subclass it, provide ``store``, and you have the full suite."""

    # -- creating -----------------------------------------------------------------------------------------------------

    def test_a_run_is_read_back_as_it_was_created(self, store: RunStore) -> None:
        async def story() -> tuple[Run, Run, Run]:
            earlier = await store.create_run(new_run("run-0000"))
            wrote = msgspec.structs.replace(
                new_run(parameters={"rows": 3, "name": "x"}).run,
                experiment_id=earlier.experiment_id,
                description="nightly",
                pipeline_id=PipelineId("p"),
                pipeline_version_id=PipelineVersionId("v"),
                service_account="runner",
                recurring_run_id="every-night",
            )
            return wrote, await store.create_run(NewRun(run=wrote, spec=b"spec")), await store.get_run(wrote.id)

        wrote, returned, read = run_async(story())

        assert (returned, read) == (wrote, wrote)

    def test_a_run_begins_with_its_first_event(self, store: RunStore) -> None:
        async def story() -> list[Any]:
            run = await store.create_run(new_run())
            return [(each.seq, each.kind, each.at) for each in await store.events(run.id)]

        assert run_async(story()) == [(1, RunEventKind.RUN_CREATED, SOON)]

    def test_what_its_owner_should_know_stands_behind_the_first_event(self, store: RunStore) -> None:
        async def story() -> list[Any]:
            new = msgspec.structs.replace(new_run(), warnings=("no root", "no tea"))
            run = await store.create_run(new)
            return [(each.seq, each.kind, each.body.get("message")) for each in await store.events(run.id)]

        warning = RunEventKind.WARNING
        assert run_async(story()) == [
            (1, RunEventKind.RUN_CREATED, None),
            (2, warning, "no root"),
            (3, warning, "no tea"),
        ]

    def test_creating_twice_with_one_key_creates_one_run(self, store: RunStore) -> None:
        async def story() -> tuple[Run, Run, int]:
            first = await store.create_run(new_run("run-0001", key="k"))
            second = await store.create_run(new_run("run-0002", key="k"))
            return first, second, len(await store.list_runs())

        first, second, count = run_async(story())

        assert (second, count) == (first, 1)

    def test_a_key_belongs_to_its_namespace(self, store: RunStore) -> None:
        async def story() -> int:
            await store.create_run(new_run("run-0001", key="k"))
            await store.create_run(new_run("run-0002", key="k", namespace="theirs"))
            return len(await store.list_runs())

        assert run_async(story()) == 2

    def test_an_id_is_taken_once(self, store: RunStore) -> None:
        async def story() -> None:
            await store.create_run(new_run())
            with pytest.raises(AlreadyExistsError, match="run-0001"):
                await store.create_run(new_run())

        run_async(story())

    def test_runs_of_one_spec_share_it(self, store: RunStore) -> None:
        async def story() -> bytes:
            first = await store.create_run(new_run("run-0001"))
            await store.create_run(new_run("run-0002"))
            return await store.spec(first.spec_digest)

        assert run_async(story()) == b"spec"

    def test_a_spec_that_is_not_there_is_an_error_that_names_it(self, store: RunStore) -> None:
        with pytest.raises(NotFoundError, match="absent"):
            run_async(store.spec("absent"))

    # -- finding ------------------------------------------------------------------------------------------------------

    def test_the_beginning_of_an_id_is_enough_if_no_other_begins_so(self, store: RunStore) -> None:
        async def story() -> RunId:
            await store.create_run(new_run("abcd-1"))
            await store.create_run(new_run("abce-1"))
            return (await store.get_run(RunId("abcd"))).id

        assert run_async(story()) == "abcd-1"

    @pytest.mark.parametrize(
        ("prefix", "error"),
        [("abcd", InvalidArgumentError), ("abc", NotFoundError), ("ABCD-1", NotFoundError), ("abc%", NotFoundError)],
        ids=["two begin so", "too short", "another case", "no pattern"],
    )
    def test_a_beginning_that_names_no_single_run_is_an_error(
        self, store: RunStore, prefix: str, error: type[Exception]
    ) -> None:
        async def story() -> None:
            await store.create_run(new_run("abcd-1"))
            await store.create_run(new_run("abcd-2"))
            with pytest.raises(error, match=prefix):
                await store.get_run(RunId(prefix))

        run_async(story())

    def test_a_whole_id_wins_over_longer_ones(self, store: RunStore) -> None:
        async def story() -> RunId:
            await store.create_run(new_run("abcd-1"))
            await store.create_run(new_run("abcd-12"))
            return (await store.get_run(RunId("abcd-1"))).id

        assert run_async(story()) == "abcd-1"

    def test_runs_are_listed_newest_first_page_by_page(self, store: RunStore) -> None:
        async def story() -> list[list[RunId]]:
            # Two of one moment: the id decides, so that no page repeats or drops one.
            for number, at in enumerate((10, 20, 20, 20, 30), start=1):
                await store.create_run(new_run(f"run-{number}", at=at))
            pages: list[list[RunId]] = []
            before = None
            while page := await store.list_runs(limit=2, before=before):
                pages.append([run.id for run in page])
                before = (page[-1].created_at, page[-1].id)
            return pages

        assert run_async(story()) == [["run-5", "run-4"], ["run-3", "run-2"], ["run-1"]]

    def test_a_list_can_be_of_one_namespace(self, store: RunStore) -> None:
        async def story() -> list[list[RunId]]:
            for number, namespace in enumerate(("a", "b", "a", "b"), start=1):
                await store.create_run(new_run(f"run-{number}", at=number, namespace=namespace))
            first = await store.list_runs(namespace="a", limit=1)
            rest = await store.list_runs(namespace="a", before=(first[0].created_at, first[0].id))
            return [[run.id for run in page] for page in (first, rest)]

        assert run_async(story()) == [["run-3"], ["run-1"]]

    def test_the_newest_unfinished_run_of_the_same_spec_and_arguments_is_found(self, store: RunStore) -> None:
        async def story() -> list[RunId | None]:
            same = {"a": 1, "b": [1.5, "x"]}
            held = await claimed(store, new_run("run-0001", parameters=same))
            await held.ended()
            await store.create_run(new_run("run-0002", at=1, parameters={"b": [1.5, "x"], "a": 1}))
            await store.create_run(new_run("run-0003", at=2, parameters={"a": 2, "b": [1.5, "x"]}))
            await store.create_run(new_run("run-0004", at=3, parameters=same, spec=b"other"))
            digest = held.run.spec_digest
            found = [
                await store.find_unfinished(spec_digest=digest, parameters=same),
                await store.find_unfinished(spec_digest=digest, parameters={}),
            ]
            return [None if run is None else run.id for run in found]

        assert run_async(story()) == ["run-0002", None]

    def test_states_are_told_of_the_runs_that_exist(self, store: RunStore) -> None:
        async def story() -> Any:
            held = await claimed(store)
            await held.turn(run=RunUpdate(state=RUNNING))
            return await store.run_states([held.run.id, RunId("absent")])

        assert run_async(story()) == {"run-0001": RUNNING}

    @pytest.mark.parametrize("what", ["snapshot", "tasks", "attempts", "links", "get_run"])
    def test_a_run_that_does_not_exist_is_an_error_that_names_it(self, store: RunStore, what: str) -> None:
        with pytest.raises(NotFoundError, match="absent"):
            run_async(getattr(store, what)(RunId("absent")))

    # -- claiming -----------------------------------------------------------------------------------------------------

    def test_tokens_grow(self, store: RunStore) -> None:
        async def story() -> list[int]:
            return [(await store.open_owner("engine")).token for _ in range(3)]

        first, second, third = run_async(story())

        assert 0 < first < second < third

    def test_the_oldest_unfinished_runs_are_claimed_first_and_once(self, store: RunStore) -> None:
        async def story() -> list[list[str]]:
            for number in (3, 1, 2):
                await store.create_run(new_run(f"run-{number}", at=number))
            owner = await store.open_owner("engine")
            claims = [await store.claim_runs(owner, limit=2) for _ in range(3)]
            return [[snapshot.run.id for snapshot in claim] for claim in claims]

        assert run_async(story()) == [["run-1", "run-2"], ["run-3"], []]

    def test_a_claim_brings_the_spec_and_all_rows(self, store: RunStore) -> None:
        async def story() -> tuple[Any, Any]:
            held = await claimed(store)
            await held.turn(tasks_created=(task(held.run, "train"),), events=(event(held.run, 2),))
            await store.request(held.run.id, CANCEL, by="ann", now=LATER)
            snapshot = (await store.claim_runs(await store.open_owner("successor"), limit=1))[0]
            return snapshot, await store.snapshot(held.run.id)

        claim, snapshot = run_async(story())

        assert claim == snapshot
        assert (claim.spec, len(claim.tasks), len(claim.requests), claim.last_seq) == (b"spec", 1, 1, 2)

    def test_a_run_that_ended_is_not_claimed(self, store: RunStore) -> None:
        async def story() -> Any:
            held = await claimed(store)
            await held.ended()
            return await store.claim_runs(await store.open_owner("successor"), limit=1)

        assert run_async(story()) == ()

    def test_an_older_owner_does_not_claim_from_a_newer_one(self, store: RunStore) -> None:
        async def story() -> Any:
            await store.create_run(new_run())
            older, newer = await store.open_owner("older"), await store.open_owner("newer")
            await store.claim_runs(newer, limit=1)
            return await store.claim_runs(older, limit=1)

        assert run_async(story()) == ()

    def test_renewing_tells_which_runs_are_still_held(self, store: RunStore) -> None:
        async def story() -> Any:
            await store.create_run(new_run("run-0001"))
            await store.create_run(new_run("run-0002", at=1))
            older = await store.open_owner("older")
            await store.claim_runs(older, limit=2)
            await store.claim_runs(await store.open_owner("newer"), limit=1)
            return await store.renew(older, [RunId("run-0001"), RunId("run-0002"), RunId("absent")])

        assert run_async(story()) == {"run-0002"}

    # -- requests -----------------------------------------------------------------------------------------------------

    def test_a_request_waits_until_it_is_handled(self, store: RunStore) -> None:
        async def story() -> list[Any]:
            held = await claimed(store)
            await store.request(held.run.id, CANCEL, by="ann", now=LATER)
            pending = await store.pending_requests([held.run.id])
            number = pending[held.run.id][0]
            await held.turn(requests_handled=(number,))
            return [pending[held.run.id][1:], await store.pending_requests([held.run.id])]

        assert run_async(story()) == [(CANCEL, "ann"), {}]

    def test_asking_twice_is_asking_once(self, store: RunStore) -> None:
        async def story() -> list[str]:
            held = await claimed(store)
            await store.request(held.run.id, CANCEL, by="ann", now=LATER)
            await store.request(held.run.id, CANCEL, by="bob", now=LATER)
            return [each.by for each in (await store.snapshot(held.run.id)).requests]

        assert run_async(story()) == ["ann"]

    def test_a_run_that_ended_takes_no_request(self, store: RunStore) -> None:
        async def story() -> Any:
            held = await claimed(store)
            await held.ended()
            await store.request(held.run.id, CANCEL, by="ann", now=LATER)
            return await store.pending_requests([held.run.id])

        assert run_async(story()) == {}

    def test_a_request_about_no_run_is_an_error_that_names_it(self, store: RunStore) -> None:
        with pytest.raises(NotFoundError, match="absent"):
            run_async(store.request(RunId("absent"), CANCEL, by="ann", now=LATER))

    # -- retrying -----------------------------------------------------------------------------------------------------

    def test_a_retry_opens_the_next_generation(self, store: RunStore) -> None:
        async def story() -> tuple[Any, ...]:
            held = await claimed(store)
            await held.turn(tasks_created=(task(held.run, "load"),))
            await held.ended()
            kept = kept_of(held.run, "load")
            run = await store.open_generation(held.run.id, seen=1, kept=[kept], by="bob", now=LATER)
            now = (run.generation, run.state, run.finished_at, run.error)
            return now, await store.tasks(held.run.id) == (kept,), len(await store.tasks(held.run.id, 1))

        assert run_async(story()) == ((2, RuntimeState.PENDING, None, None), True, 1)

    def test_a_retry_continues_the_history(self, store: RunStore) -> None:
        async def story() -> list[Any]:
            held = await claimed(store)
            await held.ended()
            await store.open_generation(held.run.id, seen=1, kept=[], by="bob", now=LATER)
            return [(each.seq, each.kind, each.body.get("by")) for each in await store.events(held.run.id)]

        assert run_async(story()) == [(1, RunEventKind.RUN_CREATED, "ann"), (2, RunEventKind.RUN_RETRIED, "bob")]

    def test_a_retried_run_is_claimed_again_even_by_the_same_owner(self, store: RunStore) -> None:
        async def story() -> list[Any]:
            await store.create_run(new_run())
            owner = await store.open_owner("engine")
            await store.claim_runs(owner, limit=1)
            await (await claimed_by(store, owner.token)).ended()
            await store.open_generation(RunId("run-0001"), seen=1, kept=[], by="bob", now=LATER)
            return [(each.run.id, each.run.generation) for each in await store.claim_runs(owner, limit=1)]

        assert run_async(story()) == [("run-0001", 2)]

    def test_a_turn_of_an_earlier_generation_is_refused(self, store: RunStore) -> None:
        async def story() -> None:
            held = await claimed(store)
            await held.ended()
            await store.open_generation(held.run.id, seen=1, kept=[], by="bob", now=LATER)
            with pytest.raises(StaleOwnerError):
                await held.turn(events=(event(held.run, 3),))

        run_async(story())

    def test_two_retries_at_once_open_one_generation(self, store: RunStore) -> None:
        async def story() -> int:
            held = await claimed(store)
            await held.ended()
            await store.open_generation(held.run.id, seen=1, kept=[], by="bob", now=LATER)
            with pytest.raises(NotRetriableError, match="generation 2"):
                await store.open_generation(held.run.id, seen=1, kept=[], by="eve", now=LATER)
            return (await store.get_run(held.run.id)).generation

        assert run_async(story()) == 2

    def test_an_unfinished_run_is_not_retried(self, store: RunStore) -> None:
        async def story() -> None:
            held = await claimed(store)
            with pytest.raises(NotRetriableError, match="PENDING"):
                await store.open_generation(held.run.id, seen=1, kept=[], by="bob", now=LATER)

        run_async(story())

    def test_attempts_are_of_their_generation(self, store: RunStore) -> None:
        async def story() -> list[int]:
            held = await claimed(store)
            tried = attempt(held.run, "load", held.token)
            await held.turn(tasks_created=(task(held.run, "load"),), attempts_created=(tried,))
            await held.ended()
            await store.open_generation(held.run.id, seen=1, kept=[], by="bob", now=LATER)
            return [len(await store.attempts(held.run.id, generation)) for generation in (None, 1, 2)]

        assert run_async(story()) == [0, 1, 0]

    # -- crashing -----------------------------------------------------------------------------------------------------

    def test_the_third_crash_on_a_run_sets_it_aside(self, store: RunStore) -> None:
        async def story() -> tuple[Any, ...]:
            held = await claimed(store)
            counts = [await store.count_crash(held.run.id, error="KeyError: 'x'", now=LATER) for _ in range(3)]
            run = await store.get_run(held.run.id)
            kinds = [each.kind for each in await store.events(held.run.id)]
            return counts, run.state, run.finished_at, "KeyError" in (run.error.message if run.error else ""), kinds

        counts, state, finished_at, says_why, kinds = run_async(story())

        assert (counts, state, finished_at, says_why) == ([1, 2, 3], RuntimeState.FAILED, LATER, True)
        assert kinds == [RunEventKind.RUN_CREATED, *[RunEventKind.WARNING] * 3, RunEventKind.RUN_ENDED]

    def test_a_run_is_let_go_after_a_crash(self, store: RunStore) -> None:
        async def story() -> list[Any]:
            await store.create_run(new_run())
            owner = await store.open_owner("engine")
            await store.claim_runs(owner, limit=1)
            await store.count_crash(RunId("run-0001"), error="x", now=LATER)
            return [(each.run.id, each.run.crashes) for each in await store.claim_runs(owner, limit=1)]

        assert run_async(story()) == [("run-0001", 1)]

    def test_a_retry_forgets_the_crashes(self, store: RunStore) -> None:
        async def story() -> int:
            held = await claimed(store)
            for _ in range(3):
                await store.count_crash(held.run.id, error="x", now=LATER)
            return (await store.open_generation(held.run.id, seen=1, kept=[], by="bob", now=LATER)).crashes

        assert run_async(story()) == 0


def kept_of(run: Run, name: str) -> TaskRecord:
    """The row of a task that the next generation does not run again."""
    kept = task(run, name, state=SUCCEEDED, outcome=Kept(generation=run.generation))
    return msgspec.structs.replace(kept, generation=run.generation + 1, id=f"{kept.id}-kept")


async def claimed_by(store: RunStore, token: int) -> Held:
    """The only run there is, as its owner sees it."""
    return Held(store, (await store.list_runs())[0], token)
