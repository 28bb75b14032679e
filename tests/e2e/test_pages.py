"""What the pages of the interface are told, on a real server that ran a pipeline with something for each of them."""

from __future__ import annotations

import time
import urllib.parse
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest
from command import PIPELINES, Command
from hostile import HOSTILE_PIECES
from served import Answer, Served, served

PAGES = "/apis/wherry/v1"
MODEL = "zoo/penguins & co"
MODEL_PATH = urllib.parse.quote(MODEL, safe="")
HOSTILE = "<script>alert('1')</script> \"'` \u202egnp.exe ${x} {{y}} <img src=x onerror=alert(1)>"


class Site:
    """A server with three runs of one registered pipeline: one that failed, one like it but mended, and that retried."""

    def __init__(self, server: Served, package: bytes) -> None:
        self.server = server
        self.description = server.get("/openapi.json").json
        pipeline = server.upload(f"/pipelines/upload?name={urllib.parse.quote(HOSTILE)}", "p.yaml", package).json
        self.pipeline_id: str = pipeline["pipeline_id"]
        self.failed = self.run(HOSTILE, by=0)
        self.mended = self.run("mended", by=1)
        self.retried = self.run("retried", by=0, rows=4)
        server.post(f"/runs/{self.retried}:retry")
        self.finish(self.retried, generation=2)

    def run(self, name: str, **parameters: Any) -> str:
        body = {
            "display_name": name,
            "pipeline_version_reference": {"pipeline_id": self.pipeline_id},
            "runtime_config": {"parameters": parameters},
        }
        answer = self.server.post("/runs", body)
        assert answer.status == 200, answer.body
        run_id = str(answer.json["run_id"])
        self.finish(run_id)
        return run_id

    def finish(self, run_id: str, *, generation: int = 1) -> None:
        """Wait for the end of a run."""
        deadline = time.monotonic() + 120
        while True:
            run = self.page(f"/runs/{run_id}")["run"]
            if run["finished_at"] is not None and run["generation"] == generation:
                return
            assert time.monotonic() < deadline, run
            self.server.events(run_id)

    def page(self, path: str) -> Any:
        answer = self.get(path)
        assert answer.status == 200, answer.body
        return answer.json

    def get(self, path: str) -> Answer:
        return self.server.call("GET", PAGES + path)

    def tasks(self, run_id: str) -> dict[str, Any]:
        """Rows of the tasks of a run, by key without the root."""
        return {one["key"].removeprefix("root/"): one for one in self.page(f"/runs/{run_id}")["tasks"]}

    def task(self, run_id: str, key: str) -> Any:
        """The panel of a task."""
        return self.page(f"/runs/{run_id}/tasks/{self.tasks(run_id)[key]['id']}")

    def artifact(self, run_id: str, name: str) -> Any:
        (found,) = [one for one in self.page(f"/runs/{run_id}")["artifacts"] if one["name"] == name]
        return found

    def findings(self, path: str, answer: Any) -> list[str]:
        """What in an answer is not as the description says."""
        shape = self.description["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        schema = {**shape, "components": self.description["components"]}
        found = jsonschema.Draft202012Validator(schema).iter_errors(answer)
        return [f"{error.json_path}: {error.message[:200]}" for error in found]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("pages")
    package = folder / "showcase.yaml"
    done = Command(folder / "unused")("compile", str(PIPELINES / "showcase.py"), "-o", str(package))
    assert done.returncode == 0, done.stdout
    with served(folder / "state") as server:
        yield Site(server, package.read_bytes())


def paths(site: Site) -> Iterator[tuple[str, str]]:
    """Every path of the pages with some that it stands for."""
    version = site.page(f"/pipelines/{site.pipeline_id}")["versions"][0]["id"]
    for run_id in (site.failed, site.mended, site.retried):
        yield "/runs/{run_id}", f"/runs/{run_id}"
        yield "/runs/{run_id}/spec", f"/runs/{run_id}/spec"
        yield "/runs/{run_id}/results", f"/runs/{run_id}/results"
        yield "/lineage", f"/lineage?run={run_id}&direction=up&hops=2"
        page = site.page(f"/runs/{run_id}")
        for task in page["tasks"]:
            yield "/runs/{run_id}/tasks/{task_id}", f"/runs/{run_id}/tasks/{task['id']}"
        for artifact in page["artifacts"]:
            yield "/artifacts/{artifact_id}", f"/artifacts/{artifact['id']}"
            yield "/artifacts/{artifact_id}/preview", f"/artifacts/{artifact['id']}/preview"
            yield "/lineage", f"/lineage?artifact={artifact['id']}"
    yield "/runs", "/runs?archived=all&state=FAILED&state=SUCCEEDED&sort=finished_at%20asc"
    yield "/models", "/models"
    yield "/models/{name}", f"/models/{MODEL_PATH}"
    yield "/lineage", f"/lineage?model={MODEL_PATH}&version=1"
    yield "/pipelines", "/pipelines?sort=name%20asc"
    yield "/pipelines/{pipeline_id}", f"/pipelines/{site.pipeline_id}"
    yield "/pipelines/{pipeline_id}/versions/{version_id}", f"/pipelines/{site.pipeline_id}/versions/{version}"
    yield "/experiments", "/experiments?archived=all"
    yield "/search", "/search?q=s"
    yield "/server", "/server"


def test_every_answer_is_as_the_description_says(site: Site) -> None:
    asked = list(paths(site))

    findings = {path: site.findings(PAGES + shape, site.page(path)) for shape, path in asked}

    assert {path: found for path, found in findings.items() if found} == {}
    described = {path.removeprefix(PAGES) for path in site.description["paths"] if path.startswith(PAGES)}
    assert described - {shape for shape, _ in asked} == {"/artifacts/{artifact_id}/view"}


def test_answers_of_the_kfp_api_are_as_the_description_says(site: Site) -> None:
    known = {
        "run_id": site.failed,
        "task_id": site.tasks(site.failed)["train"]["id"],
        "artifact_id": site.artifact(site.failed, "table")["id"],
        "pipeline_id": site.pipeline_id,
        "pipeline_version_id": site.page(f"/pipelines/{site.pipeline_id}")["versions"][0]["id"],
        "experiment_id": site.page(f"/runs/{site.failed}")["run"]["experiment"]["id"],
    }
    asked = {
        shape: shape.format_map(known)
        for shape, methods in site.description["paths"].items()
        if shape.startswith("/apis/v2beta1/")
        and "application/json" in methods.get("get", {}).get("responses", {}).get("200", {}).get("content", {})
        and {one["name"] for one in methods["get"]["parameters"] if one["in"] == "path"} <= set(known)
    }
    asked["/apis/v2beta1/artifact_tasks"] += f"?run_ids={site.failed}"

    answers = {shape: site.server.call("GET", path) for shape, path in asked.items()}
    findings = {shape: site.findings(shape, answer.json) for shape, answer in answers.items() if answer.status == 200}

    assert {shape: found for shape, found in findings.items() if found} == {}
    # What is not built yet says so; everything else answers.
    assert {answer.status for shape, answer in answers.items() if shape not in findings} <= {501}
    assert len(findings) > 12


# -- one run ----------------------------------------------------------------------------------------------------------


def test_tasks_are_instances_of_nodes_of_the_graph(site: Site) -> None:
    page = site.page(f"/runs/{site.mended}")

    nodes = {node["id"] for node in page["graph"]["nodes"]}
    assert {task["node_id"] for task in page["tasks"]} <= nodes
    assert {end for edge in page["graph"]["edges"] for end in (edge["source_id"], edge["target_id"])} <= nodes
    assert "root/for-loop-1/score" in nodes


def test_a_loop_has_its_iterations_as_children(site: Site) -> None:
    tasks = site.tasks(site.mended)

    loop = tasks["for-loop-1"]
    inside = {key: one for key, one in tasks.items() if one["parent_id"] == loop["id"]}
    assert (loop["kind"], loop["iteration_count"]) == ("LOOP", 2)
    assert {key: one["iteration_index"] for key, one in inside.items()} == {
        "for-loop-1[0]/score": 0,
        "for-loop-1[1]/score": 1,
    }


def test_a_condition_that_was_false_says_so(site: Site) -> None:
    panel = site.task(site.mended, "condition-2")

    assert panel["task"]["outcome"]["kind"] == "condition-false"
    assert panel["condition"] == panel["task"]["outcome"]["condition"]
    (node,) = [one for one in site.page(f"/runs/{site.mended}")["graph"]["nodes"] if one["name"] == "condition-2"]
    assert node["condition_label"] == "train.Output > 0.9"


def test_a_failed_run_leads_to_the_task_that_failed(site: Site) -> None:
    run = site.page(f"/runs/{site.failed}")["run"]
    panel = site.task(site.failed, "divide")

    assert (run["state"], run["error"]["task_id"]) == ("FAILED", panel["task"]["id"])
    assert "ZeroDivisionError" in run["sentence"]
    assert "ZeroDivisionError" in panel["why"]
    assert "return 1 // by" in panel["traceback"]
    assert [(one["number"], one["state"], one["has_log"]) for one in panel["attempts"]] == [(1, "FAILED", True)]
    assert b"about to divide" in site.server.call("GET", "/" + panel["attempts"][0]["log_url"]).body


def test_a_task_behind_a_failure_names_it(site: Site) -> None:
    tasks = site.tasks(site.failed)

    assert tasks["after"]["outcome"]["kind"] == "upstream-unavailable"
    assert tasks["after"]["outcome"]["task_id"] == tasks["divide"]["id"]


def test_a_reused_task_names_the_run_that_lent_its_outputs(site: Site) -> None:
    panel = site.task(site.mended, "train")

    outcome = panel["task"]["outcome"]
    assert (outcome["kind"], outcome["run_id"], outcome["run_name"]) == ("reused", site.failed, HOSTILE)
    assert outcome["task_id"] == site.tasks(site.failed)["train"]["id"]
    assert (panel["cache"]["answer"], panel["cache"]["reused_from"]["run_id"]) == ("reused", site.failed)


def test_a_task_that_was_not_reused_says_why(site: Site) -> None:
    assert site.task(site.mended, "for-loop-1[0]/score")["cache"]["answer"] == "off"
    missed = site.task(site.mended, "divide")["cache"]
    assert missed["answer"] == "missed"
    assert missed["sentence"]
    assert {part["name"]: part["value"] for part in missed["parts"]}["parameter.by"] == "1"


def test_a_retried_run_shows_what_was_kept(site: Site) -> None:
    page = site.page(f"/runs/{site.retried}")
    panel = site.task(site.retried, "load")

    assert (page["run"]["generation"], page["run"]["task_counts"]["failed"]) == (2, 1)
    assert panel["task"]["outcome"] == {
        "kind": "kept",
        "sentence": "Kept: it ended well in generation 1 of this run.",
        "generation": 1,
    }
    assert [(one["number"], one["state"]) for one in panel["attempts"]] == [(1, "SUCCEEDED")]
    assert site.server.call("GET", "/" + panel["attempts"][0]["log_url"]).status == 200
    assert page["run"]["metrics"] == {"accuracy": 0.75}
    assert {one["name"] for one in page["artifacts"]} == {"table", "model", "scores", "curves", "page", "text"}


def test_a_task_shows_what_went_in_and_came_out_and_what_did_the_work(site: Site) -> None:
    panel = site.task(site.failed, "train")

    assert [(port["name"], port["artifacts"][0]["preview"]) for port in panel["inputs"]["artifacts"]] == [
        ("table", "table")
    ]
    assert panel["outputs"]["parameters"] == [
        {"name": "Output", "type": "NUMBER_DOUBLE", "value": 0.75, "has_value": True}
    ]
    assert (panel["code"]["image"], panel["code"]["function"]) == ("python:3.11", "train")
    assert "def train(" in panel["code"]["source"]
    assert panel["environment"]["python"].startswith("3.11.")
    assert (panel["environment"]["requirements"], panel["environment"]["lock"]) == ([], [])


def test_parameters_have_their_values_or_defaults(site: Site) -> None:
    parameters = site.page(f"/runs/{site.failed}")["run"]["parameters"]

    assert [(one["name"], one["type"], one["value"], one["is_default"]) for one in parameters] == [
        ("by", "NUMBER_INTEGER", 0, False),
        ("islands", "LIST", ["Biscoe", "Dream"], True),
        ("rows", "NUMBER_INTEGER", 3, True),
    ]


def test_a_stream_goes_on_where_the_page_ends(site: Site) -> None:
    last = site.page(f"/runs/{site.mended}")["last_event_seq"]

    assert site.server.events(site.mended, after=last) == []
    assert [one["kind"] for one in site.server.events(site.mended, after=last - 1)] == ["run.ended"]


def test_a_run_is_started_again_with_other_parameters_from_its_spec(site: Site) -> None:
    spec = site.page(f"/runs/{site.failed}/spec")

    body = {
        "display_name": "again",
        "pipeline_spec": spec["spec"],
        "runtime_config": {"parameters": {**spec["parameters"], "by": 2}},
    }
    answer = site.server.post("/runs", body)

    assert answer.status == 200, answer.body
    again = site.page(f"/runs/{answer.json['run_id']}/spec")
    assert (again["pipeline_id"], again["parameters"], again["yaml"]) == (None, {"by": 2}, spec["yaml"])
    site.server.events(answer.json["run_id"])


# -- artifacts, lineage, models ---------------------------------------------------------------------------------------


def test_results_have_everything_that_can_be_drawn(site: Site) -> None:
    results = {one["name"]: one["content"] for one in site.page(f"/runs/{site.mended}/results")["results"]}

    assert results["scores"] == {"kind": "metrics", "metrics": [{"name": "accuracy", "value": 0.75}]}
    (whole,) = results["curves"]["slices"]
    assert whole["confusion_matrix"] == {"categories": ["Adelie", "Gentoo"], "rows": [[10, 2], [1, 7]]}
    assert whole["roc"][1] == {"threshold": 0.5, "fpr": 0.5, "tpr": 0.9}
    assert results["text"]["text"].startswith("# Hello")
    assert results["page"]["kind"] == "html"


def test_a_table_is_shown_as_rows(site: Site) -> None:
    artifact = site.artifact(site.mended, "table")

    content = site.page(f"/artifacts/{artifact['id']}/preview")["content"]

    assert (content["kind"], content["columns"], len(content["rows"])) == ("table", ["island", "mass"], 3)


def test_a_document_is_viewed_where_it_can_do_nothing(site: Site) -> None:
    artifact = site.page(f"/artifacts/{site.artifact(site.mended, 'page')['id']}")

    answer = site.server.call("GET", "/" + artifact["view_url"])

    policy = answer.headers["content-security-policy"].split("; ")
    assert answer.body == b"<h1>Hello</h1><script>alert(1)</script>"
    assert {"sandbox", "default-src 'none'", "frame-ancestors 'self'"} <= set(policy)
    assert not [rule for rule in policy if rule.startswith("script-src") or "allow-scripts" in rule]
    assert (answer.headers["x-content-type-options"], answer.headers.get_all("x-frame-options")) == (
        "nosniff",
        ["SAMEORIGIN"],
    )


def test_a_document_with_its_scripts_still_has_no_origin(site: Site) -> None:
    artifact = site.page(f"/artifacts/{site.artifact(site.mended, 'page')['id']}")

    answer = site.server.call("GET", f"/{artifact['view_url']}?scripts=true")

    policy = answer.headers["content-security-policy"].split("; ")
    assert {"sandbox allow-scripts", "default-src 'none'", "form-action 'none'"} <= set(policy)
    assert not [rule for rule in policy if "allow-same-origin" in rule or rule.startswith("connect-src")]


def test_what_is_no_document_is_not_viewed(site: Site) -> None:
    answers = [site.get(f"/artifacts/{site.artifact(site.mended, name)['id']}/view") for name in ("model", "table")]

    assert [(answer.status, answer.headers["content-type"]) for answer in answers] == [(400, "application/json")] * 2


def test_an_artifact_shows_who_made_read_and_took_it_over(site: Site) -> None:
    page = site.page(f"/artifacts/{site.artifact(site.failed, 'table')['id']}")

    assert (page["producer"]["task"]["run_id"], page["producer"]["task"]["name"]) == (site.failed, "load")
    assert {(one["task"]["run_id"], one["task"]["name"]) for one in page["consumers"]} >= {(site.failed, "train")}
    assert (site.mended, "load") in {(one["task"]["run_id"], one["task"]["name"]) for one in page["reused_by"]}


def test_the_data_behind_a_model_is_found(site: Site) -> None:
    model = site.page(f"/models/{MODEL_PATH}")

    assert model["version_count"] == 2
    oldest = model["versions"][-1]
    assert oldest["producer"]["run_id"] == site.failed
    assert oldest["metrics"] == {"accuracy": 0.75}
    assert [one["id"] for one in oldest["datasets"]] == [site.artifact(site.failed, "table")["id"]]


def test_lineage_leads_from_the_model_to_its_table(site: Site) -> None:
    graph = site.page(f"/lineage?model={MODEL_PATH}&version=1&direction=up")

    names = {
        node["id"]: (node["artifact"] if node["kind"] == "artifact" else node["task"])["name"]
        for node in graph["nodes"]
    }
    arrows = {(names[edge["source_id"]], names[edge["target_id"]]) for edge in graph["edges"]}
    assert {("load", "table"), ("table", "train"), ("train", "model")} <= arrows
    assert not graph["truncated"]


# -- lists ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("state=SUCCEEDED&sort=created_at%20asc", ["mended"]),
        ("name=MEND", ["mended"]),
        ("name=absent", []),
        ("archived=only", []),
        ("experiment_id=absent", []),
        ("pipeline_id=absent", []),
        ("pipeline_version_id=absent", []),
        ("recurring_run_id=absent", []),
        ("created_from=1&created_before=2", []),
    ],
)
def test_runs_are_filtered(site: Site, query: str, names: list[str]) -> None:
    found = [one["name"] for one in site.page(f"/runs?{query}")["runs"]]

    assert [name for name in found if name != "again"] == names


def test_a_list_is_paged(site: Site) -> None:
    found, token = [], ""
    query = f"/runs?pipeline_id={site.pipeline_id}&page_size=1&sort=created_at%20asc"
    while True:
        page = site.page(f"{query}&page_token={token}")
        found += [one["id"] for one in page["runs"]]
        token = page["next_page_token"]
        if not token:
            break

    assert (found, page["total_size"]) == ([site.failed, site.mended, site.retried], 3)


def test_a_row_says_how_far_a_run_is_and_what_it_measured(site: Site) -> None:
    (row,) = site.page("/runs?state=SUCCEEDED&name=mended")["runs"]

    assert row["task_counts"] == {
        "pending": 0,
        "running": 0,
        "succeeded": 4,
        "reused": 3,
        "skipped": 0,
        "failed": 0,
        "canceled": 0,
    }
    assert row["metrics"] == {"accuracy": 0.75}
    assert row["pipeline"]["id"] == site.pipeline_id
    assert row["duration"] == row["finished_at"] - row["started_at"]


def test_a_version_shows_what_it_takes_and_its_runs(site: Site) -> None:
    version = site.page(f"/pipelines/{site.pipeline_id}")["versions"][0]

    page = site.page(f"/pipelines/{site.pipeline_id}/versions/{version['id']}")

    inputs = page["structure"]["signature"]["input_parameters"]
    assert [(one["name"], one["type"], one["default"]) for one in inputs] == [
        ("by", "NUMBER_INTEGER", 1),
        ("islands", "LIST", ["Biscoe", "Dream"]),
        ("rows", "NUMBER_INTEGER", 3),
    ]
    assert [one["id"] for one in page["recent_runs"]] == [site.retried, site.mended, site.failed]
    assert page["yaml"].startswith("components:")


def test_the_search_finds_by_name_and_by_id(site: Site) -> None:
    by_name = site.page("/search?q=PENGUIN")["results"]
    by_id = site.page(f"/search?q={site.mended[:8]}")["results"]

    assert [(one["kind"], one.get("name")) for one in by_name] == [("model", MODEL)]
    assert [(one["kind"], one.get("id")) for one in by_id] == [("run", site.mended)]


# -- hostile ----------------------------------------------------------------------------------------------------------


def test_names_come_back_as_they_were_given_and_as_nothing_but_json(site: Site) -> None:
    answers = [
        site.get(f"/runs/{site.failed}"),
        site.get(f"/pipelines/{site.pipeline_id}"),
        site.get(f"/search?q={urllib.parse.quote('<script>')}"),
        site.get(f"/artifacts/{site.artifact(site.failed, 'table')['id']}"),
    ]

    assert {(answer.headers["content-type"], answer.headers["x-content-type-options"]) for answer in answers} == {
        ("application/json", "nosniff")
    }
    run, pipeline, found, artifact = (answer.json for answer in answers)
    assert (run["run"]["name"], pipeline["pipeline"]["name"]) == (HOSTILE, HOSTILE)
    assert {one["kind"] for one in found["results"]} == {"run", "pipeline"}
    assert artifact["artifact"]["metadata"]["<img src=x onerror=alert(1)>"] == "</script><script>alert(2)</script>"


def test_fifty_hostile_names_come_back_as_they_were_given_and_are_found(site: Site) -> None:
    names = [f"x{piece}y" for piece in HOSTILE_PIECES]
    for name in names:
        answer = site.server.post("/experiments", {"display_name": name})
        assert answer.status == 200, answer.body

    listed = {one["name"] for one in site.page("/experiments?page_size=200")["experiments"]}
    found = {name: site.page(f"/search?q={urllib.parse.quote(name)}")["results"] for name in names}
    filtered = {name: site.page(f"/experiments?name={urllib.parse.quote(name)}")["experiments"] for name in names}

    assert len(names) >= 50
    assert set(names) <= listed
    assert [name for name in names if name not in {one["name"] for one in found[name]}] == []
    assert [name for name in names if name not in {one["name"] for one in filtered[name]}] == []


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/runs/absent", 404, "there is no run 'absent'"),
        ("/runs/absent/tasks/x", 404, "there is no run 'absent'"),
        ("/artifacts/absent", 404, "there is no artifact 'absent'"),
        ("/artifacts/absent/preview", 404, "there is no artifact 'absent'"),
        ("/artifacts/..%2f..%2fetc%2fpasswd/view", 404, "Not Found"),
        ("/models/absent", 404, "there is no model 'absent'"),
        ("/models/%3Cscript%3E", 404, "there is no model '<script>'"),
        ("/pipelines/absent", 404, "there is no pipeline 'absent'"),
        ("/lineage", 400, "one of artifact, run and model is needed"),
        (f"/lineage?model={MODEL_PATH}&version=99", 404, "with version 99"),
        ("/lineage?run=absent", 404, "there is no run 'absent'"),
        ("/lineage?run=absent&hops=0", 400, "from 1 to 50"),
        ("/lineage?run=absent&direction=sideways", 400, "One of up, down, both"),
        ("/runs?page_size=0", 400, "from 1 to 200"),
        ("/runs?page_size=" + "9" * 500, 400, "from 1 to 200"),
        ("/runs?state=SLEEPING", 400, "SLEEPING"),
        ("/runs?sort=colour%20asc", 400, "colour"),
        ("/runs?page_token=garbage", 400, "page token"),
        ("/runs?archived=maybe", 400, "One of no, only, all"),
        ("/runs?created_from=yesterday", 400, "created_from is 'yesterday'"),
        ("/runs?name=" + "x" * 5000, 400, "longer than 4096"),
        ("/search?q=" + "x" * 5000, 400, "at most 200"),
    ],
)
def test_a_wrong_question_is_refused_and_told_why(site: Site, path: str, status: int, said: str) -> None:
    answer = site.get(path)

    assert answer.status == status
    assert said in answer.message


def test_a_token_is_of_one_list(site: Site) -> None:
    token = site.page("/runs?page_size=1")["next_page_token"]

    answers = [site.get(f"/runs?page_size=1&page_token={token}{rest}") for rest in ("", "&state=FAILED")]

    assert [answer.status for answer in answers] == [200, 400]
