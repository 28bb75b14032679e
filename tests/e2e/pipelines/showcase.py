"""A run with something for every page: reuse, a loop, a condition, a failure, metrics, documents and a model."""

from wherry import dsl


@dsl.component(base_image="python:3.11")
def load(rows: int, table: dsl.Output[dsl.Dataset]):
    """Makes a table."""
    with open(table.path, "w") as file:
        file.write("island,mass\n" + "".join(f"Biscoe,{4000 + row}\n" for row in range(rows)))
    table.metadata["<img src=x onerror=alert(1)>"] = "</script><script>alert(2)</script>"


@dsl.component(base_image="python:3.11")
def train(table: dsl.Input[dsl.Dataset], model: dsl.Output[dsl.Model], scores: dsl.Output[dsl.Metrics]) -> float:
    with open(table.path) as source, open(model.path, "wb") as target:
        target.write(b"\0\1" + source.read().encode())
    model.metadata["wherry.model_name"] = "zoo/penguins & co"
    scores.log_metric("accuracy", 0.75)
    return 0.75


@dsl.component(base_image="python:3.11")
def report(
    curves: dsl.Output[dsl.ClassificationMetrics],
    page: dsl.Output[dsl.HTML],
    text: dsl.Output[dsl.Markdown],
):
    curves.log_confusion_matrix(["Adelie", "Gentoo"], [[10, 2], [1, 7]])
    curves.log_roc_curve([0.0, 0.5, 1.0], [0.0, 0.9, 1.0], [1.0, 0.5, 0.0])
    with open(page.path, "w") as file:
        file.write("<h1>Hello</h1><script>alert(1)</script>")
    with open(text.path, "w") as file:
        file.write("# Hello\n\n<script>alert(1)</script>")


@dsl.component(base_image="python:3.11")
def score(island: str) -> str:
    print(f"\x1b[31mscoring {island}\x1b[0m <script>alert(1)</script>")
    return island


@dsl.component(base_image="python:3.11")
def publish(accuracy: float) -> str:
    return f"published at {accuracy}"


@dsl.component(base_image="python:3.11")
def divide(by: int) -> int:
    print("about to divide")
    return 1 // by


@dsl.component(base_image="python:3.11")
def after(number: int) -> int:
    return number


@dsl.pipeline(name="showcase", description="Shows <b>everything</b>.")
def showcase(by: int = 1, rows: int = 3, islands: list = ["Biscoe", "Dream"]):  # noqa: B006  a pipeline's default is read, not changed
    table = load(rows=rows).outputs["table"]
    model = train(table=table)
    report().after(model)
    with dsl.ParallelFor(items=islands) as island:
        score(island=island).set_caching_options(enable_caching=False)
    with dsl.If(model.outputs["Output"] > 0.9):
        publish(accuracy=model.outputs["Output"])
    after(number=divide(by=by).output)
