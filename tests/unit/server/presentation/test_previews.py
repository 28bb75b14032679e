"""What is shown of an artifact, from hostile and ordinary content."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from wherry.api.pages.artifacts import (
    BinaryPreview,
    ClassificationPreview,
    ConfusionMatrix,
    FolderEntry,
    HtmlPreview,
    ImagePreview,
    JsonPreview,
    MarkdownPreview,
    Metric,
    MetricsPreview,
    PreviewKind,
    RocPoint,
    TablePreview,
    TextPreview,
)
from wherry.model.artifacts import Artifact
from wherry.server.presentation.artifact_pages import likely_kind
from wherry.server.presentation.previews import LIMIT, of_bytes, of_folder, of_metadata
from wherry.testing import records

CURVES = {
    "confidenceMetrics": [
        {"confidenceThreshold": 0.5, "falsePositiveRate": 0.1, "recall": 0.9},
        {"confidenceThreshold": "Infinity", "falsePositiveRate": 0, "recall": 0},
    ],
    "confusionMatrix": {
        "annotationSpecs": [{"displayName": "cat"}, {"displayName": "dog"}],
        "rows": [{"row": [3, 1]}, {"row": [0, 4]}],
    },
}


def artifact(uri: str = "/artifacts/a", type_: str = "system.Artifact", **metadata: Any) -> Artifact:
    return msgspec.structs.replace(records.artifact("a", **metadata), uri=uri, type=type_)


def shown(content: bytes, uri: str = "/artifacts/a", type_: str = "system.Artifact") -> Any:
    return of_bytes(artifact(uri, type_), content[:LIMIT], len(content))


def test_text_is_text() -> None:
    assert shown("Grüße\n".encode()) == TextPreview(text="Grüße\n", truncated=False, size=8)


def test_long_text_is_cut_between_characters() -> None:
    content = b"x" + "ü".encode() * LIMIT

    preview = shown(content)

    assert (preview.truncated, preview.size) == (True, len(content))
    assert set(preview.text) == {"x", "ü"}


@pytest.mark.parametrize("content", [b"\x80\x04\x95model", b"\0\1\2", bytes(range(128, 256)) * 4])
def test_bytes_that_are_no_text_are_not_shown(content: bytes) -> None:
    assert shown(content) == BinaryPreview(size=len(content))


def test_a_few_wrong_bytes_in_a_text_are_replaced() -> None:
    assert shown(b"plain text with one \xff in it").text == "plain text with one \ufffd in it"


@pytest.mark.parametrize(
    ("content", "uri", "type_"),
    [
        (b"a,b\n1,2\n", "/x/data.csv", "system.Artifact"),
        (b"a\tb\n1\t2\n", "/x/data.tsv", "system.Artifact"),
        (b"a,b\n1,2\n", "/x/data", "system.Dataset"),
        (b"a;b\n1;2\n", "/x/data", "system.Dataset"),
    ],
)
def test_a_table_is_rows(content: bytes, uri: str, type_: str) -> None:
    assert shown(content, uri, type_) == TablePreview(
        columns=["a", "b"], rows=[["1", "2"]], truncated=False, size=len(content)
    )


def test_a_long_table_shows_its_first_hundred_rows_whole() -> None:
    content = b"number,text\n" + b"".join(b"%d,%s\n" % (row, b"x" * 50) for row in range(5000))

    preview = shown(content, "/x/data.csv")

    assert (len(preview.rows), preview.truncated, preview.rows[-1][0]) == (100, True, "99")


def test_a_line_that_was_cut_is_not_shown() -> None:
    content = b"a,b\n" + b"1," + b"x" * LIMIT

    assert shown(content, "/x/data.csv").rows == []


def test_a_data_set_that_is_no_table_is_text() -> None:
    assert isinstance(shown(b"just, words\nand more\n", type_="system.Dataset"), TextPreview)


def test_a_document_of_json_is_a_value() -> None:
    assert shown(b' {"a": [1, null]}') == JsonPreview(value={"a": [1, None]}, size=17)


def test_a_data_set_of_json_is_a_value() -> None:
    assert shown(b'[{"a": 1, "b": 2}]', type_="system.Dataset") == JsonPreview(value=[{"a": 1, "b": 2}], size=18)


@pytest.mark.parametrize("content", [b"{not json}", b"[" * 60_000, b"[1,"])
def test_what_only_looks_like_json_is_text(content: bytes) -> None:
    assert isinstance(shown(content), TextPreview)


def test_html_is_shown_by_its_address_alone() -> None:
    expected = HtmlPreview(view_url="apis/wherry/v1/artifacts/a/view", size=25)

    assert shown(b"<script>alert(1)</script>", type_="system.HTML") == expected
    assert shown(b"<script>alert(1)</script>", "/x/page.html") == expected


def test_an_svg_is_text() -> None:
    assert isinstance(shown(b"<svg onload='alert(1)'/>", "/x/picture.svg"), TextPreview)


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (b"\x89PNG\r\n\x1a\nrest", "image/png"),
        (b"\xff\xd8\xffrest", "image/jpeg"),
        (b"GIF89arest", "image/gif"),
        (b"RIFF\x10\0\0\0WEBPrest", "image/webp"),
    ],
)
def test_an_image_is_known_by_its_first_bytes(content: bytes, media_type: str) -> None:
    assert shown(content) == ImagePreview(
        media_type=media_type, view_url="apis/wherry/v1/artifacts/a/view", size=len(content)
    )


def test_markdown_is_not_rendered() -> None:
    assert shown(b"# <b>x</b>", type_="system.Markdown") == MarkdownPreview(text="# <b>x</b>", truncated=False, size=10)


def test_metrics_are_their_metadata() -> None:
    metrics = artifact(type_="system.Metrics", accuracy=0.5, note="<b>")

    assert of_metadata(metrics) == MetricsPreview(
        metrics=[Metric(name="accuracy", value=0.5), Metric(name="note", value="<b>")]
    )


def test_classification_metrics_are_a_matrix_and_a_curve() -> None:
    preview = of_metadata(artifact(type_="system.ClassificationMetrics", **CURVES))

    assert isinstance(preview, ClassificationPreview)
    (whole,) = preview.slices
    assert whole.confusion_matrix == ConfusionMatrix(categories=["cat", "dog"], rows=[[3.0, 1.0], [0.0, 4.0]])
    assert whole.roc == [
        RocPoint(threshold=0.5, fpr=0.1, tpr=0.9),
        RocPoint(threshold=1.7976931348623157e308, fpr=0.0, tpr=0.0),
    ]


def test_sliced_metrics_have_a_part_for_each_slice() -> None:
    slices = [{"slice": name, "sliceClassificationMetrics": CURVES} for name in ("old", "new")]

    preview = of_metadata(artifact(type_="system.SlicedClassificationMetrics", evaluationSlices=slices))

    assert isinstance(preview, ClassificationPreview)
    assert [(one.name, len(one.roc)) for one in preview.slices] == [("old", 2), ("new", 2)]


@pytest.mark.parametrize(
    "metadata",
    [
        {},
        {"confusionMatrix": "x", "confidenceMetrics": 3},
        {"confusionMatrix": {"annotationSpecs": ["a"], "rows": [{"row": ["b", None, True, 1e999]}]}},
        {"confidenceMetrics": [1, {"recall": "much"}, {"recall": [1]}]},
        {"evaluationSlices": [1, {"slice": 2, "sliceClassificationMetrics": []}]},
    ],
)
def test_rubbish_where_metrics_should_be_is_shown_as_little(metadata: dict[str, Any]) -> None:
    preview = of_metadata(artifact(type_="system.ClassificationMetrics", **metadata))

    assert isinstance(preview, ClassificationPreview)
    msgspec.json.encode(preview)


@pytest.mark.parametrize(
    ("uri", "type_", "kind"),
    [
        ("/x/data", "system.Dataset", PreviewKind.TABLE),
        ("/x/data.json", "system.Dataset", PreviewKind.JSON),
        ("/x/model", "system.Model", PreviewKind.BINARY),
        ("/x/plot.PNG", "system.Artifact", PreviewKind.IMAGE),
        ("/x/page", "system.HTML", PreviewKind.HTML),
        ("/x/any", "google.Thing", PreviewKind.TEXT),
    ],
)
def test_a_kind_is_guessed_by_type_and_name(uri: str, type_: str, kind: PreviewKind) -> None:
    assert likely_kind(artifact(uri, type_)) is kind


def test_what_was_not_there_when_it_was_published_is_nothing() -> None:
    assert likely_kind(msgspec.structs.replace(artifact(), size=None)) is PreviewKind.NONE


def test_a_folder_is_its_files() -> None:
    preview = of_folder([("a/b", 1)], truncated=True)

    assert (preview.files, preview.truncated) == ([FolderEntry(path="a/b", size=1)], True)
