"""A run whose parameters, log, metadata, artifacts and model carry whatever texts it is given."""

from wherry import dsl


@dsl.component(base_image="python:3.11")
def spread(
    texts: list,
    page: dsl.Output[dsl.HTML],
    notes: dsl.Output[dsl.Markdown],
    table: dsl.Output[dsl.Dataset],
    scores: dsl.Output[dsl.Metrics],
    matrix: dsl.Output[dsl.ClassificationMetrics],
    model: dsl.Output[dsl.Model],
) -> str:
    import csv
    import json
    from pathlib import Path

    for text in texts:
        print(text)
        print(f"\x1b[31m{text}\x1b[0m \x1b]8;;javascript:pwned(1)\x07link\x1b]8;;\x07")
    everything = "\n\n".join(texts)
    Path(page.path).write_text(f"<!doctype html><body>{everything}", encoding="utf-8")
    Path(notes.path).write_text(everything, encoding="utf-8")
    with Path(table.path).open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["text", "again"], *[[text, text] for text in texts]])
    for number, text in enumerate(texts):
        scores.log_metric(text, number)
    categories = texts[:3]
    matrix.log_confusion_matrix(categories, [[1, 0, 0], [0, 1, 0], [0, 0, 1]])
    Path(model.path).write_text(json.dumps(texts), encoding="utf-8")
    model.metadata["wherry.model_name"] = texts[0]
    model.metadata["framework"] = texts[11]
    return everything


@dsl.component(base_image="python:3.11")
def burst(text: str, table: dsl.Input[dsl.Dataset]):
    raise ValueError(text + table.uri)


@dsl.pipeline(name="hostile", description="<script>pwned(1)</script><img src=x onerror=pwned(1)>")
def hostile(texts: list, text: str):
    spread_task = spread(texts=texts)
    burst(text=text, table=spread_task.outputs["table"])
