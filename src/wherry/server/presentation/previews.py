"""What can be shown of an artifact: its metadata, or the first bytes of its content. Pure."""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Final

import msgspec

from wherry.api.pages import artifacts as api
from wherry.model.artifacts import Artifact
from wherry.model.identity import Json
from wherry.server.presentation.artifact_pages import likely_kind, view_url

LIMIT: Final = 64 * 1024
"""Bytes of a content that are looked at."""

_DATASET: Final = "system.Dataset"
_DELIMITERS: Final = {".csv": ",", ".tsv": "\t"}
_ROWS: Final = 100
_COLUMNS: Final = 200
_CELL: Final = 500
_FLOAT_MAX: Final = 1.7976931348623157e308
_MAX_CATEGORIES: Final = 200
_MAX_POINTS: Final = 5000

#: What a browser shows as an image whatever its server calls it. SVG may hold scripts, and is text here.
_MAGIC: Final = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF87a": "image/gif",
    b"GIF89a": "image/gif",
}

#: Kinds that are shown from metadata alone.
FROM_METADATA: Final = frozenset({api.PreviewKind.METRICS, api.PreviewKind.CLASSIFICATION})


def of_metadata(artifact: Artifact) -> api.Preview:
    """The preview of an artifact of one of the kinds in `FROM_METADATA`."""
    if likely_kind(artifact) is api.PreviewKind.METRICS:
        shown = {name: value for name, value in artifact.metadata.items() if name != "display_name"}
        return api.MetricsPreview(metrics=[api.Metric(name=name, value=value) for name, value in shown.items()])
    return api.ClassificationPreview(slices=_slices(artifact.metadata))


def of_bytes(artifact: Artifact, head: bytes, size: int) -> api.Preview:
    """The preview of a file that begins with ``head`` and has ``size`` bytes."""
    media_type = image_type(head)
    if media_type is not None:
        return api.ImagePreview(media_type=media_type, view_url=view_url(artifact), size=size)
    kind = likely_kind(artifact)
    if kind is api.PreviewKind.HTML:
        return api.HtmlPreview(view_url=view_url(artifact), size=size)
    truncated = size > len(head)
    text = _text(head, truncated=truncated)
    if text is None:
        return api.BinaryPreview(size=size)
    if kind is api.PreviewKind.MARKDOWN:
        return api.MarkdownPreview(text=text, truncated=truncated, size=size)
    return (
        _table(text, _DELIMITERS.get(PurePosixPath(artifact.uri).suffix.lower(), ""), truncated=truncated, size=size)
        or _document(text, truncated=truncated, size=size)
        or (_table(text, _sniffed(text), truncated=truncated, size=size) if artifact.type == _DATASET else None)
        or api.TextPreview(text=text, truncated=truncated, size=size)
    )


def of_folder(files: Sequence[tuple[str, int]], *, truncated: bool) -> api.FolderPreview:
    """The preview of a folder."""
    return api.FolderPreview(files=[api.FolderEntry(path=path, size=size) for path, size in files], truncated=truncated)


def image_type(head: bytes) -> str | None:
    """The media type of an image that browsers show, by its first bytes; None for anything else."""
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for magic, kind in _MAGIC.items() if head.startswith(magic)), None)


def _text(head: bytes, *, truncated: bool) -> str | None:
    """``head`` as text; None if it is none."""
    if b"\0" in head:
        return None
    try:
        return head.decode()
    except UnicodeDecodeError as error:
        # The last character may have been cut.
        if truncated and error.start >= len(head) - 4:
            return head[: error.start].decode()
    text = head.decode(errors="replace")
    return None if text.count("�") * 10 > len(text) else text


def _document(text: str, *, truncated: bool, size: int) -> api.JsonPreview | None:
    """A whole JSON object or list; None for anything else."""
    if truncated or text.lstrip()[:1] not in {"{", "["}:
        return None
    try:
        return api.JsonPreview(value=msgspec.json.decode(text), size=size)
    except (msgspec.DecodeError, RecursionError):
        return None


def _sniffed(text: str) -> str:
    """What separates the cells of a table, judged by its first two lines; empty if it looks like none."""
    first, second, *_ = [*text.splitlines()[:2], "", ""]
    for delimiter in (",", "\t", ";"):
        if delimiter in first and first.count(delimiter) == second.count(delimiter):
            return delimiter
    return ""


def _table(text: str, delimiter: str, *, truncated: bool, size: int) -> api.TablePreview | None:
    if not delimiter:
        return None
    # The last line may have been cut.
    lines = text.splitlines(keepends=True)[: -1 if truncated else None]
    found: list[list[str]] = []
    try:
        for row in csv.reader(lines, delimiter=delimiter):
            found.append([cell[:_CELL] for cell in row[:_COLUMNS]])
            if len(found) > _ROWS + 1:
                break
    except csv.Error:
        return None
    if not found:
        return None
    return api.TablePreview(
        columns=found[0], rows=found[1 : _ROWS + 1], truncated=truncated or len(found) > _ROWS + 1, size=size
    )


# -- classification metrics -------------------------------------------------------------------------------------------


def _slices(metadata: Mapping[str, Json]) -> list[api.ClassificationSlice]:
    """The slices that kfp's SlicedClassificationMetrics writes, or the whole that ClassificationMetrics does."""
    sliced = metadata.get("evaluationSlices")
    if not isinstance(sliced, list):
        return [_slice("", metadata)]
    found = []
    for one in sliced:
        if isinstance(one, dict):
            inner = one.get("sliceClassificationMetrics")
            found.append(_slice(str(one.get("slice", "")), inner if isinstance(inner, dict) else {}))
    return found


def _slice(name: str, metrics: Mapping[str, Json]) -> api.ClassificationSlice:
    return api.ClassificationSlice(
        name=name,
        confusion_matrix=_matrix(metrics.get("confusionMatrix")),
        roc=_curve(metrics.get("confidenceMetrics")),
    )


def _matrix(found: Json) -> api.ConfusionMatrix | None:
    if not isinstance(found, dict) or not isinstance(found.get("annotationSpecs"), list):
        return None
    categories = [
        str(one.get("displayName", "")) if isinstance(one, dict) else str(one) for one in found["annotationSpecs"]
    ]
    given = found.get("rows")
    rows = [
        [_number(value) for value in _list(row.get("row") if isinstance(row, dict) else row)[:_MAX_CATEGORIES]]
        for row in _list(given)[:_MAX_CATEGORIES]
    ]
    return api.ConfusionMatrix(categories=categories[:_MAX_CATEGORIES], rows=rows)


def _curve(found: Json) -> list[api.RocPoint]:
    points = [one for one in _list(found) if isinstance(one, dict)]
    return [
        api.RocPoint(
            threshold=_number(one.get("confidenceThreshold")),
            fpr=_number(one.get("falsePositiveRate")),
            tpr=_number(one.get("recall")),
        )
        for one in points[:_MAX_POINTS]
    ]


def _list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []


def _number(value: Json) -> float:
    """A number that JSON can hold; 0 for what is none."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return 0.0
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return 0.0
    if math.isnan(number):
        return 0.0
    return max(-_FLOAT_MAX, min(_FLOAT_MAX, number))
