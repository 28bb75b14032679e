"""Pipelines: their list, graph and versions, uploading, and the form of a run."""

import json
import re
from pathlib import Path

from command import PIPELINES
from playwright.sync_api import Page, expect
from story import Site, compiled, upload


def test_the_list_shows_what_is_registered_and_its_last_run(page: Page, site: Site) -> None:
    site.start("typed", "shown as the last", text="north")
    page.goto("/#/pipelines?name=typed")

    row = page.get_by_role("row").filter(has_text="typed")
    expect(row).to_contain_text("just now")
    row.get_by_role("link", name="typed").click()
    expect(page.get_by_role("heading", level=1, name="typed")).to_be_visible()


def test_the_graph_is_there_before_anything_runs_and_tells_of_a_task(page: Page, site: Site) -> None:
    page.goto(f"/#/pipelines/{site.pipelines['employee-attrition']}")

    graph = page.get_by_test_id("graph")
    expect(graph.get_by_role("button", name=re.compile("^evaluate"))).to_be_visible()
    graph.get_by_role("button", name=re.compile("^good-enough")).first.click(position={"x": 30, "y": 15})

    panel = page.get_by_role("complementary", name="Task good-enough")
    expect(panel.get_by_label("condition", exact=True)).to_contain_text("min_auc")
    expect(page).to_have_url(re.compile("node="))


def test_parameters_source_and_versions_have_their_tabs(page: Page, site: Site) -> None:
    page.goto(f"/#/pipelines/{site.pipelines['typed']}")

    page.get_by_role("tab", name="Parameters").click()
    expect(page.get_by_role("row", name=re.compile("^text"))).to_contain_text("Where the wind comes from.")
    page.get_by_role("tab", name="YAML").click()
    expect(page.get_by_label("YAML", exact=True).first).to_contain_text("schemaVersion: 2.1.0")
    page.get_by_role("tab", name="Versions").click()
    expect(page.get_by_role("region", name="Versions")).to_contain_text("typed (shown)")


def test_a_package_is_uploaded_and_then_a_second_version(page: Page, site: Site, tmp_path: Path) -> None:
    package = tmp_path / "by-hand.yaml"
    package.write_bytes(compiled(site.server, PIPELINES / "hello.py"))
    page.goto("/#/pipelines")
    page.get_by_role("button", name="Upload").first.click()
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="File").click()
    chooser.value.set_files(package)
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Name")).to_have_value("by-hand")
    dialog.get_by_role("button", name="Upload").click()
    expect(page.get_by_role("heading", level=1, name="by-hand")).to_be_visible()

    page.get_by_role("button", name="New version").click()
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="File").click()
    chooser.value.set_files(package)
    dialog.get_by_label("Name of the version").fill("second")
    dialog.get_by_role("button", name="Upload").click()

    expect(page.get_by_role("combobox", name="Version")).to_have_value("second (newest)")


def test_a_file_that_is_no_pipeline_is_refused_in_words(browser_page_that_may_fail: Page, tmp_path: Path) -> None:
    page = browser_page_that_may_fail
    package = tmp_path / "notes.yaml"
    package.write_text("just: notes\n")
    page.goto("/#/pipelines")
    page.get_by_role("button", name="Upload").first.click()
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="File").click()
    chooser.value.set_files(package)
    page.get_by_role("dialog").get_by_role("button", name="Upload").click()

    expect(page.get_by_role("alert")).to_contain_text("The upload was refused")


def test_a_run_is_started_from_a_form_made_of_the_signature(page: Page, site: Site) -> None:
    page.goto(f"/#/runs/new?pipeline={site.pipelines['typed']}")
    form = page.get_by_role("form", name="New run")
    expect(form.get_by_role("textbox", name=re.compile("^number "))).to_have_value("0.5")

    form.get_by_role("button", name="Start run").click()
    expect(form.get_by_text("A value is needed.")).to_be_visible()
    form.get_by_role("combobox", name=re.compile("^text ")).click()
    expect(page.get_by_role("option")).to_have_text(["north", "south", "east"])
    page.get_by_role("option", name="south").click()
    form.get_by_role("textbox", name=re.compile("^whole ")).fill("1.5")
    expect(form.get_by_text("A whole number is needed, such as 100.")).to_be_visible()
    form.get_by_role("textbox", name=re.compile("^whole ")).fill("7")
    form.get_by_role("textbox", name=re.compile("^many ")).fill('["a", {"b": 1}]')
    form.get_by_role("textbox", name="Name").fill("from the form")
    form.get_by_role("button", name="Start run").click()

    expect(page).to_have_url(re.compile(r"#/runs/[0-9a-f-]{36}"))
    run_id = page.url.rsplit("/", 1)[1].partition("?")[0]
    run = site.pages(f"/runs/{run_id}")["run"]
    given = {one["name"]: one["value"] for one in run["parameters"] if not one["is_default"]}
    assert run["name"] == "from the form"
    assert given == {"text": "south", "whole": 7, "many": ["a", {"b": 1}]}


def test_the_form_shows_the_same_run_as_python_and_as_a_command(page: Page, site: Site) -> None:
    page.goto(f"/#/runs/new?pipeline={site.pipelines['typed']}")
    page.get_by_role("textbox", name=re.compile("^whole ")).fill("9")
    page.get_by_role("textbox", name=re.compile("^fields ")).fill('{"it\'s": true}')

    code = page.get_by_label("as Python", exact=True).first.inner_text()
    page.get_by_role("tab", name="CLI").click()
    command = page.get_by_label("as a command", exact=True).first.inner_text()

    started: list[dict[str, object]] = []

    class Client:
        def __init__(self, host: str) -> None:
            assert host == site.url

        def run_pipeline(self, **arguments: object) -> None:
            started.append(arguments)

    exec(code.replace("from wherry.client import Client", ""), {"Client": Client})  # noqa: S102  what a person would paste
    assert started[0]["pipeline_id"] == site.pipelines["typed"]
    assert started[0]["params"] == {"whole": 9, "fields": {"it's": True}}
    assert "--param whole=9" in command
    assert f"--host {site.url}" in command


def test_a_run_is_run_again_with_what_it_was_given(page: Page, site: Site) -> None:
    run_id = site.start("typed", "to be cloned", text="east", whole=41)
    page.goto(f"/#/runs/new?clone={run_id}")

    form = page.get_by_role("form", name="New run")
    expect(form.get_by_role("textbox", name=re.compile("^whole "))).to_have_value("41")
    expect(form.get_by_role("combobox", name=re.compile("^text "))).to_have_value("east")
    form.get_by_role("button", name="Start run").click()

    expect(page).to_have_url(re.compile(r"#/runs/(?!new)[0-9a-f-]{36}"))


def test_the_page_of_a_pipeline_without_tasks_or_versions_still_stands(page: Page, site: Site) -> None:
    made = site.server.post("/pipelines", {"display_name": "empty", "name": "empty"})
    page.goto(f"/#/pipelines/{json.loads(made.body)['pipeline_id']}")

    expect(page.get_by_role("heading", name="This pipeline has no version")).to_be_visible()


def test_two_versions_can_be_told_apart(page: Page, site: Site) -> None:
    pipeline_id = upload(site.server, "two versions", compiled(site.server, PIPELINES / "hello.py"))
    second = compiled(site.server, PIPELINES / "registering.py")
    site.server.upload(f"/pipelines/upload_version?pipelineid={pipeline_id}&name=other", "package.yaml", second)
    page.goto(f"/#/pipelines/{pipeline_id}")
    graph = page.get_by_test_id("graph")
    expect(graph.get_by_role("button", name=re.compile("^train"))).to_be_visible()

    page.get_by_role("combobox", name="Version").click()
    page.get_by_role("option", name="two versions").click()

    expect(graph.get_by_role("button", name=re.compile("^shout"))).to_be_visible()
    expect(page).to_have_url(re.compile("version="))
