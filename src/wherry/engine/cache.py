"""Finds earlier executions that may stand in for tasks: the look-ups of one round together."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from wherry.engine.contents import Contents
from wherry.engine.fingerprint import AwaitDigests, Fingerprint, Hit, Miss, choose, explain_miss
from wherry.engine.handover import is_unchanged
from wherry.engine.live_task import LiveTask
from wherry.engine.owned_run import OwnedRun
from wherry.engine.patience import patiently
from wherry.model.artifacts import Artifact
from wherry.model.identity import ArtifactId, RunId
from wherry.model.runs import CacheEntry
from wherry.ports import RunStore


class Found(msgspec.Struct, frozen=True):
    """An execution that stands in, and the artifacts it made."""

    entry: CacheEntry
    artifacts: Mapping[ArtifactId, Artifact]


class CacheLookup:
    """Asks the store, and remembers who waits for a digest.

    Args:
        store: has the cache's entries.
        contents: tells whether what an entry made still lies there.
    """

    def __init__(self, store: RunStore, contents: Contents) -> None:
        self._store = store
        self._contents = contents
        self._pending: set[ArtifactId] = set()
        self._waiting: dict[int, tuple[OwnedRun, LiveTask, frozenset[ArtifactId]]] = {}
        self._nearest: dict[tuple[RunId, str], CacheEntry | None] = {}

    # -- digests that are being computed ------------------------------------------------------------------------------

    def digest_later(self, artifacts: Iterable[Artifact]) -> None:
        """These artifacts' digests will come."""
        self._pending.update(one.id for one in artifacts)

    def digest_done(self, artifact: ArtifactId) -> None:
        """One has come, or never will."""
        self._pending.discard(artifact)

    def is_waiting(self, live: LiveTask) -> bool:
        """Whether a task waits for a digest."""
        return id(live) in self._waiting

    def take_answerable(self) -> list[tuple[OwnedRun, LiveTask]]:
        """Tasks whose digests have come: look them up once more."""
        if not self._waiting:
            return []
        ready = [key for key, (_, _, needs) in self._waiting.items() if not needs & self._pending]
        return [self._waiting.pop(key)[:2] for key in ready]

    def forget(self, run: OwnedRun) -> None:
        """A run is over, or somebody else's."""
        for key in [key for key, (owner, _, _) in self._waiting.items() if owner is run]:
            del self._waiting[key]
        for known in [known for known in self._nearest if known[0] == run.id]:
            del self._nearest[known]

    # -- looking up ---------------------------------------------------------------------------------------------------

    async def look_up(self, asking: Sequence[tuple[OwnedRun, LiveTask]]) -> dict[int, Found]:
        """Look tasks up, all in one query.

        Returns:
            By ``id`` of the task, what stands in for it. A task that waits for a digest `is_waiting` afterwards;
            any other that is missing has its ``note``, if there is more to say than that there was no candidate.
        """
        by_namespace: dict[str, dict[str, None]] = {}
        for run, live in asking:
            if live.fingerprint is not None:
                by_namespace.setdefault(run.run.namespace, {})[live.fingerprint.base_key] = None
        entries: dict[tuple[str, str], tuple[CacheEntry, ...]] = {}
        for namespace, keys in by_namespace.items():
            find = functools.partial(self._store.find_reusable, namespace, list(keys))
            for key, found in (await patiently(find)).items():
                entries[namespace, key] = found
        fresh = _of_this_turn(asking)
        if not entries and not fresh:
            return {}
        candidates = [
            (run, live, live.fingerprint, found)
            for run, live in asking
            if live.fingerprint is not None
            and (
                found := (
                    *fresh.get((run.id, live.fingerprint.base_key), ()),
                    *entries.get((run.run.namespace, live.fingerprint.base_key), ()),
                )
            )
        ]
        artifacts = await self._artifacts_of(candidates)
        chosen: list[tuple[LiveTask, tuple[CacheEntry, ...]]] = []
        for run, live, base, found in candidates:
            match choose(base, found, run.artifacts, artifacts, pending=frozenset(self._pending)):
                case Hit(entries=possible):
                    chosen.append((live, possible))
                case AwaitDigests(artifacts=needs):
                    self._waiting[id(live)] = (run, live, needs)
                case Miss(note=note):
                    live.note = note
        return await self._intact(chosen, artifacts)

    async def _artifacts_of(
        self, candidates: Sequence[tuple[OwnedRun, LiveTask, Fingerprint, tuple[CacheEntry, ...]]]
    ) -> Mapping[ArtifactId, Artifact]:
        """Every artifact that the candidates name: outputs, and inputs where they are to be compared."""
        ids: dict[ArtifactId, None] = {}
        known: dict[ArtifactId, Artifact] = {}
        for run, _, base, entries in candidates:
            for entry in entries:
                ports = [*entry.outputs.artifacts.values(), *(entry.artifact_inputs.values() if base.inputs else ())]
                named = [one for port in ports for one in port.artifact_ids]
                if entry.run_id == run.id:
                    # Those of this turn are not in the store yet.
                    known.update((one, run.artifacts[one]) for one in named if one in run.artifacts)
                ids.update(dict.fromkeys(one for one in named if one not in known))
        return {**await patiently(lambda: self._store.artifacts(list(ids))), **known} if ids else known

    async def _intact(
        self,
        chosen: Sequence[tuple[LiveTask, tuple[CacheEntry, ...]]],
        artifacts: Mapping[ArtifactId, Artifact],
    ) -> dict[int, Found]:
        """For each task the best candidate whose artifacts are still what they were."""
        named = {
            one: artifacts[one]
            for _, entries in chosen
            for entry in entries
            for one in _made(entry)
            if one in artifacts
        }
        uris = [one.uri for one in named.values() if one.size is not None]
        contents = await self._contents.look_at(uris)
        found: dict[int, Found] = {}
        for live, entries in chosen:
            for entry in entries:
                made = _made(entry)
                if all(one in named and is_unchanged(named[one], contents.get(named[one].uri)) for one in made):
                    found[id(live)] = Found(entry, {one: named[one] for one in made})
                    break
                live.note = f"outputs of run {entry.run_id}, task {entry.task}, were deleted or modified since"
        return found

    # -- explaining ---------------------------------------------------------------------------------------------------

    async def explain(self, run: OwnedRun, live: LiveTask) -> None:
        """Write down why a task is not reused, from the newest execution of its component."""
        known = (run.id, live.plan.component)
        if known not in self._nearest:
            component = live.plan.component
            self._nearest[known] = await patiently(
                lambda: self._store.nearest(run.run.namespace, component, run.run.pipeline)
            )
        nearest = self._nearest[known]
        if live.fingerprint is not None:
            live.note = explain_miss(live.fingerprint.parts, nearest)


def _of_this_turn(asking: Sequence[tuple[OwnedRun, LiveTask]]) -> dict[tuple[RunId, str], tuple[CacheEntry, ...]]:
    """What the asking runs themselves publish in this turn, by run and base key, newest first.

    It is recorded together with the hit. Without it, of two equal tasks in a row the second would run again.
    """
    fresh: dict[tuple[RunId, str], tuple[CacheEntry, ...]] = {}
    for run in {run.id: run for run, _ in asking}.values():
        for entry in run.changes.cache_entries:
            key = (run.id, entry.base_key)
            fresh[key] = (entry, *fresh.get(key, ()))
    return fresh


def _made(entry: CacheEntry) -> list[ArtifactId]:
    return [one for port in entry.outputs.artifacts.values() for one in port.artifact_ids]
