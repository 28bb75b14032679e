"""When an earlier execution may stand in for a task, and why one may not. Pure.

A fingerprint has parts with names, so that a miss can be explained by the parts that differ. All parts but the
contents of input artifacts make the *base key*, by which candidates are looked up; among them an artifact input
matches by identity first, then by the digest of its content. So a first run never waits for a digest, and a producer
that ran again and made the same bytes does not make its consumers run again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from typing import Final, TypeAlias

import msgspec

from wherry.engine.plan import ContainerWork, ImporterWork, TaskPlan
from wherry.ir.spec import ContainerSpec
from wherry.model.artifacts import Artifact
from wherry.model.identity import ArtifactId
from wherry.model.runs import ArtifactInput, CacheEntry, TaskInputs

FORMAT: Final = "f1"
"""Version of what goes into a fingerprint and how; part of every key."""

_SHORT: Final = 64
"""Longest text that a part holds as it is; a longer one is held as a digest."""

Normalise: TypeAlias = Callable[[ContainerSpec], Mapping[str, str]]
"""Names the parts of an executor that matter: of a recognised component source, function, requirements and image."""

_encoder = msgspec.json.Encoder(order="sorted")


class FixedParts(msgspec.Struct, frozen=True):
    """The parts of a task's fingerprint that its plan decides: computed once per plan."""

    parts: dict[str, str]
    cache_key: str
    """``cachingOptions.cacheKey`` with the component's name: replaces the computed key. Empty: none."""


class Fingerprint(msgspec.Struct, frozen=True, kw_only=True):
    """Fingerprint of one task, without the contents of its artifacts."""

    base_key: str
    parts: dict[str, str]
    inputs: dict[str, ArtifactInput]
    """Artifact inputs that must match too; empty where ``cacheKey`` decides alone."""


def fixed_parts(
    task: TaskPlan, *, pipeline: str, normalise: Normalise, ignore_env: frozenset[str] = frozenset()
) -> FixedParts:
    """The parts that do not depend on a task's inputs.

    Args:
        task: a container or importer task.
        pipeline: name of the pipeline: results are reused within one.
        normalise: see `Normalise`.
        ignore_env: names of environment variables that do not matter.
    """
    parts = {"pipeline": pipeline}
    match task.work:
        case ContainerWork(spec=container):
            for name, text in normalise(container).items():
                parts[f"executor.{name}"] = _short(text)
            for variable in container.env:
                if variable.name not in ignore_env:
                    parts[f"env.{variable.name}"] = _short(variable.value)
            if task.work.task_config is not None and container.resources is not None:
                # It is told of them, so what it does may depend on them.
                parts["executor.resources"] = _short(_encoder.encode(container.resources).decode())
        case ImporterWork(spec=importer):
            parts["executor.importer"] = _short(_encoder.encode(importer).decode())
        case _:
            pass
    for name, parameter in sorted(task.output_parameters.items()):
        parts[f"output.{name}"] = parameter.parameter_type.value
    for name, artifact in sorted(task.output_artifacts.items()):
        parts[f"output.{name}"] = _short(_encoder.encode([artifact.artifact_type, artifact.metadata]).decode())
    key = task.caching.cache_key
    return FixedParts(parts, f"{task.component}\0{key}" if key else "")


def fingerprint(fixed: FixedParts, inputs: TaskInputs, artifacts: Mapping[ArtifactId, Artifact]) -> Fingerprint:
    """Fingerprint of a task with these inputs.

    Args:
        fixed: what its plan decides.
        inputs: resolved, defaults included.
        artifacts: every artifact that the inputs name.
    """
    parts = dict(fixed.parts)
    for name, value in inputs.parameters.items():
        parts[f"parameter.{name}"] = _short(_encoder.encode(value).decode())
    for name, port in inputs.artifacts.items():
        kinds = sorted({artifacts[one].type for one in port.artifact_ids})
        parts[f"artifact.{name}"] = ("list of " if port.is_list else "") + ", ".join(kinds)
    if fixed.cache_key:
        return Fingerprint(base_key=_digest(fixed.cache_key), parts=parts, inputs={})
    return Fingerprint(
        base_key=_digest("\0".join(f"{name}\0{parts[name]}" for name in sorted(parts))),
        parts=parts,
        inputs=inputs.artifacts,
    )


def full_key(base: Fingerprint, artifacts: Mapping[ArtifactId, Artifact]) -> str:
    """``f1:<hex>`` of all parts, with artifact inputs by content where it is known, else by id."""
    if not base.inputs:
        return base.base_key
    contents = [
        f"{name}\0" + "\0".join(artifacts[one].digest or one for one in base.inputs[name].artifact_ids)
        for name in sorted(base.inputs)
    ]
    return _digest("\0".join([base.base_key, *contents]))


def _short(text: str) -> str:
    return text if len(text) <= _SHORT else "sha256:" + sha256(text.encode()).hexdigest()[:32]


def _digest(text: str) -> str:
    return f"{FORMAT}:{sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()}"


# -- candidates -------------------------------------------------------------------------------------------------------


class Hit(msgspec.Struct, frozen=True):
    """These earlier executions may stand in, best first."""

    entries: tuple[CacheEntry, ...]


class AwaitDigests(msgspec.Struct, frozen=True):
    """Whether one may stand in depends on the contents of these artifacts, which are being digested."""

    artifacts: frozenset[ArtifactId]


class Miss(msgspec.Struct, frozen=True):
    """None may. ``note`` says why, if there were candidates; empty if there was none."""

    note: str


def choose(
    base: Fingerprint,
    entries: Sequence[CacheEntry],
    ours: Mapping[ArtifactId, Artifact],
    theirs: Mapping[ArtifactId, Artifact],
    *,
    pending: frozenset[ArtifactId],
) -> Hit | AwaitDigests | Miss:
    """Choose among the executions with the same base key.

    Args:
        base: what is to be run.
        entries: executions with its base key, newest first.
        ours: artifacts that its inputs name.
        theirs: artifacts that the candidates' inputs name, as far as they are recorded.
        pending: artifacts of ours whose digest is being computed.
    """
    if not base.inputs:
        return Hit(tuple(entries)) if entries else Miss("")
    same = [entry for entry in entries if _same_ids(base.inputs, entry.artifact_inputs)]
    waiting: set[ArtifactId] = set()
    note = ""
    alike = []
    for entry in entries:
        if entry in same:
            continue
        differs, unknown = _compare(base.inputs, entry.artifact_inputs, ours, theirs)
        if differs:
            note = note or f"input {differs} has other content than in run {entry.run_id}, task {entry.task}"
        elif not unknown:
            alike.append(entry)
        elif unknown <= pending:
            waiting |= unknown
        else:
            note = note or f"the content of an input of run {entry.run_id}, task {entry.task}, has no digest to compare"
    if same or alike:
        return Hit((*same, *alike))
    return AwaitDigests(frozenset(waiting)) if waiting else Miss(note)


def _same_ids(ours: Mapping[str, ArtifactInput], theirs: Mapping[str, ArtifactInput]) -> bool:
    return ours.keys() == theirs.keys() and all(
        port.artifact_ids == theirs[name].artifact_ids for name, port in ours.items()
    )


def _compare(
    inputs: Mapping[str, ArtifactInput],
    candidate: Mapping[str, ArtifactInput],
    ours: Mapping[ArtifactId, Artifact],
    theirs: Mapping[ArtifactId, Artifact],
) -> tuple[str, set[ArtifactId]]:
    """The first input that certainly differs, or else the artifacts whose digest is missing."""
    unknown: set[ArtifactId] = set()
    for name, port in inputs.items():
        other = candidate.get(name)
        if other is None or len(other.artifact_ids) != len(port.artifact_ids):
            return f"'{name}'", set()
        for mine, its in zip(port.artifact_ids, other.artifact_ids, strict=True):
            if mine == its:
                continue
            earlier = theirs.get(its)
            if earlier is None or earlier.digest is None:
                unknown.add(its)
            elif ours[mine].digest is None:
                unknown.add(mine)
            elif ours[mine].digest != earlier.digest:
                return f"'{name}'", set()
    return "", unknown


# -- why not ----------------------------------------------------------------------------------------------------------


def explain_miss(parts: Mapping[str, str], nearest: CacheEntry | None) -> str:
    """Why a task was not reused, from the newest execution of its component.

    Args:
        parts: the task's fingerprint parts.
        nearest: that execution; None if there is none.
    """
    if nearest is None:
        return "first execution of this component"
    theirs = nearest.fingerprint_parts
    names = [name for name in sorted({*parts, *theirs}) if parts.get(name) != theirs.get(name)]
    where = f"since run {nearest.run_id}, task {nearest.task}"
    if not names:
        return f"an input artifact's content changed {where}"
    changes = "; ".join(_change(name, theirs.get(name), parts.get(name)) for name in names[:4])
    more = f"; and {len(names) - 4} more" if len(names) > 4 else ""  # noqa: PLR2004  the four that are shown
    return f"{changes}{more} {where}"


def _change(name: str, before: str | None, now: str | None) -> str:
    kind, _, label = name.partition(".")
    what = f"{kind} '{label}'" if kind != "executor" else label
    if before is None or now is None:
        return f"{what} {'is new' if before is None else 'is gone'}"
    if before.startswith("sha256:") or now.startswith("sha256:"):
        return f"{what} changed"
    return f"{what} was {before} and is {now}"
