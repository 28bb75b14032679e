"""The page of a run: what happened, why, and what came of it."""

import re
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from chromium import Scheme, serious, watched_page
from playwright.sync_api import Browser, Locator, Page, expect
from story import Site, compiled, upload

PIPELINES = Path(__file__).parent / "pipelines"


def run_page(run_id: str, **search: str) -> str:
    """Where a run is, with what is selected."""
    return f"/#/runs/{run_id}?{urllib.parse.urlencode(search)}" if search else f"/#/runs/{run_id}"


def panel(page: Page) -> Locator:
    return page.get_by_role("complementary", name="Task")


def node(page: Page, name: str, state: str = "") -> Locator:
    """A node of the graph, by the beginning of what it says, and its state."""
    return page.get_by_test_id("graph").get_by_role("button", name=re.compile(f"^{re.escape(name)}.*{state}$"))


def task_in(address: str) -> str | None:
    """The task that an address names."""
    query = urllib.parse.urlsplit(urllib.parse.urlsplit(address).fragment).query
    return dict(urllib.parse.parse_qsl(query)).get("task")


def expect_selected(page: Page, key: str | None) -> None:
    page.wait_for_url(lambda address: task_in(address) == key)


@dataclass(frozen=True)
class Watched:
    """A run that waits at a gate until one opens it."""

    run_id: str
    folder: Path

    def open(self) -> None:
        (self.folder / "open").touch()


@pytest.fixture(scope="module")
def pipelines(site: Site) -> Iterator[dict[str, str]]:
    names = ("watched", "mesh")
    for name in names:
        site.pipelines[name] = upload(site.server, name, compiled(site.server, PIPELINES / f"{name}.py"))
    yield site.pipelines
    for name in names:
        del site.pipelines[name]


def start_watched(site: Site, folder: Path) -> Watched:
    return Watched(run_id=site.start("watched", f"watched {folder.name}", folder=str(folder)), folder=folder)


@pytest.fixture(scope="module")
def ended(site: Site, pipelines: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> str:
    """A run of `watched` that has ended; its first task needed two attempts."""
    run = start_watched(site, tmp_path_factory.mktemp("ended"))
    run.open()
    site.server.events(run.run_id)
    assert pipelines
    return run.run_id


# -- failures ----------------------------------------------------------------------------------------------------------


def test_the_failing_task_and_its_traceback_are_one_click_away(page: Page, site: Site) -> None:
    page.goto(run_page(site.failed))
    expect(page.get_by_role("status").filter(has_text="Task 'validate' failed")).to_be_visible()

    page.get_by_role("link", name="Show validate").click()

    expect(panel(page).get_by_label("Raised")).to_contain_text("ValueError: 90 of 3000 rows (3.00%) are invalid")
    expect(panel(page).get_by_label("Traceback")).to_contain_text("in validate")


def test_from_the_list_of_runs_the_log_of_what_failed_is_two_clicks_away(page: Page, site: Site) -> None:
    page.goto("/#/runs?name=employee&state=FAILED")
    page.get_by_role("link", name="employee-attrition").first.click()
    page.get_by_role("link", name="Read its log").click()

    expect(panel(page).get_by_role("log")).to_contain_text("are invalid")
    expect_selected(page, "root/validate")
    assert site.failed in page.url


def test_a_task_that_was_not_triggered_names_the_one_before_it(page: Page, site: Site) -> None:
    page.goto(run_page(site.failed))
    node(page, "clean").click()
    expect(panel(page)).to_contain_text("It was not triggered: validate, before it, ended without outputs.")

    panel(page).get_by_role("button", name="Show validate").click()

    expect_selected(page, "root/validate")


def test_what_the_run_never_reached_says_so(page: Page, site: Site) -> None:
    page.goto(run_page(site.failed))
    node(page, "register").click()

    expect(panel(page)).to_contain_text("the run ended before it was its turn")


# -- one selection -----------------------------------------------------------------------------------------------------


def test_graph_timeline_and_table_share_the_selection_and_it_survives_a_reload(page: Page, site: Site) -> None:
    page.goto(run_page(site.registered))
    node(page, "evaluate").click()
    expect_selected(page, "root/evaluate")

    page.get_by_role("tab", name="Tasks").click()
    row = page.get_by_role("table", name="Tasks").get_by_role("row").filter(has_text="evaluate")
    expect(row).to_have_attribute("data-selected", "true")
    page.get_by_role("tab", name="Timeline").click()
    expect(page.get_by_role("group", name="Timeline").locator("[data-selected]")).to_contain_text("evaluate")
    page.reload()
    expect(page.get_by_role("group", name="Timeline").locator("[data-selected]")).to_contain_text("evaluate")
    expect(panel(page).get_by_role("heading", name="evaluate")).to_be_visible()


def test_j_and_k_go_through_the_tasks_and_escape_closes_the_panel(page: Page, site: Site) -> None:
    page.goto(run_page(site.registered))
    expect(node(page, "ingest")).to_be_visible()
    for key, task in (("j", "ingest"), ("j", "validate"), ("k", "ingest")):
        page.keyboard.press(key)
        expect(panel(page).get_by_role("heading", level=2, name=task)).to_be_visible()
    page.keyboard.press("Escape")

    expect(panel(page)).to_have_count(0)
    expect_selected(page, None)


def test_arrow_keys_move_through_the_graph_and_the_table(page: Page, site: Site) -> None:
    page.goto(run_page(site.registered, task="root/ingest"))
    expect(node(page, "ingest")).to_have_attribute("aria-pressed", "true")
    page.get_by_test_id("graph").focus()
    page.keyboard.press("ArrowDown")
    expect(node(page, "validate")).to_have_attribute("aria-pressed", "true")

    page.get_by_role("tab", name="Tasks").click()
    page.get_by_role("table", name="Tasks").focus()
    page.keyboard.press("ArrowDown")

    expect(panel(page).get_by_role("heading", name="clean")).to_be_visible()


def test_the_table_is_searched_filtered_and_sorted(page: Page, site: Site) -> None:
    page.goto(run_page(site.registered, view="table"))
    table = page.get_by_role("table", name="Tasks")
    expect(table.get_by_role("row")).to_have_count(15)

    page.get_by_role("textbox", name="Find a task").fill("train")
    expect(table.get_by_role("row")).to_have_count(5)
    table.get_by_role("button", name="Duration").click()
    expect(table.get_by_role("columnheader", name="Duration")).to_have_attribute("aria-sort", "descending")
    page.get_by_role("textbox", name="Find a task").fill("")
    page.get_by_role("button", name="Reused 1").click()
    expect(table.get_by_role("row")).to_have_count(2)
    expect(table).to_contain_text("ingest")


# -- the graph ---------------------------------------------------------------------------------------------------------


def test_a_loop_is_one_node_until_it_is_opened_and_leads_to_its_iterations(page: Page, site: Site) -> None:
    page.goto(run_page(site.registered))
    expect(node(page, "for-loop-1 4 iterations", "succeeded")).to_be_visible()
    expect(node(page, "train-model")).to_have_count(0)

    node(page, "Open for-loop-1").click()
    node(page, "train-model 4 tasks", "succeeded").click()
    panel(page).get_by_role("list", name="Tasks of train-model").get_by_role("button").nth(2).click()

    expect(panel(page).get_by_role("heading", name="train-model")).to_be_visible()
    expect_selected(page, "root/for-loop-1[2]/train-model")


def test_the_wheel_zooms_a_drag_moves_and_fit_brings_all_back(page: Page, site: Site) -> None:
    page.goto(run_page(site.registered))
    moving = page.get_by_test_id("graph").locator("svg > g").first
    expect(node(page, "ingest")).to_be_visible()
    fitted = moving.get_attribute("transform")
    page.get_by_test_id("graph").hover()
    page.mouse.wheel(0, -240)
    expect(moving).not_to_have_attribute("transform", fitted or "")
    page.mouse.down()
    page.mouse.move(400, 300, steps=4)
    page.mouse.up()
    expect_selected(page, None)

    page.get_by_role("button", name="Fit").click()

    expect(moving).to_have_attribute("transform", fitted or "")


def test_hundreds_of_tasks_are_drawn_on_a_canvas_and_can_be_selected(
    page: Page, site: Site, pipelines: dict[str, str]
) -> None:
    assert pipelines
    run_id = site.start("mesh", "mesh")
    site.server.events(run_id)
    page.goto(run_page(run_id))
    canvas = page.get_by_test_id("graph").locator("canvas")
    expect(canvas).to_have_attribute("data-nodes", "340")

    page.get_by_test_id("graph").focus()
    page.keyboard.press("ArrowDown")
    page.wait_for_url(lambda address: task_in(address) is not None)
    first = task_in(page.url)
    page.keyboard.press("ArrowRight")
    page.wait_for_url(lambda address: task_in(address) not in {None, first})

    expect(panel(page).get_by_role("heading", level=2, name=re.compile("^step"))).to_be_visible()


# -- one task ----------------------------------------------------------------------------------------------------------


def test_a_reused_task_leads_to_the_one_that_lent_its_outputs(page: Page, site: Site) -> None:
    page.goto(run_page(site.reused, task="root/ingest"))
    expect(panel(page)).to_contain_text("it did not run: its outputs are those of")

    panel(page).get_by_role("link", name="ingest").click()

    expect(page).to_have_url(re.compile(f"{site.failed}.*task=root"))


def test_a_task_shows_what_went_in_and_out_and_previews_it(page: Page, site: Site) -> None:
    page.goto(run_page(site.registered, task="root/evaluate"))
    artifact = panel(page).get_by_role("listitem").filter(has=page.get_by_role("link", name="metrics", exact=True))
    artifact.get_by_role("button", name="Preview").click()

    expect(artifact).to_contain_text("recall_left")
    expect(panel(page)).to_contain_text("Inputs")
    panel(page).get_by_role("link", name="Lineage of model").click()
    expect(page).to_have_url(re.compile("#/lineage"))


def test_a_task_shows_its_source_and_where_it_ran(page: Page, site: Site) -> None:
    page.goto(run_page(site.registered, task="root/validate", tab="code"))

    expect(panel(page)).to_contain_text("def validate(")
    expect(panel(page)).to_contain_text("pandera")
    expect(panel(page)).to_contain_text("packages were installed")


def test_a_log_has_colours_search_attempts_and_a_download(page: Page, ended: str) -> None:
    page.goto(run_page(ended, task="root/stubborn", tab="log"))
    log = panel(page).get_by_role("log")
    expect(log).to_contain_text("<script>document.title = 'pwned'</script>")
    expect(log.get_by_text("red", exact=True)).to_have_css("color", "rgb(179, 38, 30)")
    expect(log).to_contain_text("progress 100 %")
    expect(log).not_to_contain_text("progress 20 %")

    panel(page).get_by_role("textbox", name="Search the log").fill("NEEDLE")
    expect(panel(page).get_by_text("1 of 2")).to_be_visible()
    panel(page).get_by_role("combobox", name="Attempt").click()
    page.get_by_role("option", name=re.compile("^Attempt 1: failed")).click()
    expect(log).to_contain_text("the first attempt fails")
    with page.expect_download() as download:
        panel(page).get_by_role("link", name="Download the log").click()
    assert "the first attempt fails" in download.value.path().read_text(encoding="utf-8")
    assert page.title() != "pwned"


def test_a_condition_that_was_false_is_shown(page: Page, ended: str) -> None:
    page.goto(run_page(ended))
    # By its head: what is inside lies over its middle.
    node(page, "never", "skipped").click(position={"x": 60, "y": 12})

    expect(panel(page)).to_contain_text("It was not triggered: its condition was false.")
    expect(panel(page)).to_contain_text("== 7")


# -- results -----------------------------------------------------------------------------------------------------------


def test_results_are_drawn_rendered_and_framed(page: Page, site: Site) -> None:
    page.goto(run_page(site.registered, view="results"))
    results = page.get_by_role("region", name="Results", exact=True)

    expect(results.get_by_role("region", name="evaluate: metrics")).to_contain_text("recall_left")
    expect(results.get_by_role("table", name="Confusion matrix")).to_contain_text("Predicted")
    expect(results.get_by_role("img", name=re.compile("^ROC curve.*area 0\\.[78]"))).to_be_visible()
    expect(results.get_by_role("heading", name="Employee attrition: evaluation")).to_be_visible()
    frame = results.locator("iframe")
    expect(frame).to_have_attribute("sandbox", "")
    expect(frame.content_frame.get_by_role("heading", name="What makes people leave")).to_be_visible()


# -- live, and what can be done ----------------------------------------------------------------------------------------


def test_a_run_under_way_is_followed_to_its_end(
    page: Page, site: Site, pipelines: dict[str, str], tmp_path: Path
) -> None:
    assert pipelines
    run = start_watched(site, tmp_path)
    page.goto(run_page(run.run_id, task="root/gate", tab="log"))
    expect(panel(page).get_by_role("log")).to_contain_text("waiting at the gate")
    expect(node(page, "gate", "running")).to_be_visible()

    run.open()

    expect(panel(page).get_by_role("log")).to_contain_text("the gate is open")
    expect(node(page, "for-loop-2 3 iterations", "succeeded")).to_be_visible()
    expect(page.get_by_role("button", name="Cancel")).to_have_count(0)
    expect(page.get_by_role("heading", level=1).locator("..")).to_contain_text("Succeeded")


def test_a_run_is_canceled_and_tried_again(page: Page, site: Site, pipelines: dict[str, str], tmp_path: Path) -> None:
    assert pipelines
    run = start_watched(site, tmp_path)
    page.goto(run_page(run.run_id))
    expect(node(page, "gate", "running")).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel the run").click()
    expect(node(page, "gate", "canceled")).to_be_visible()

    run.open()
    page.get_by_role("button", name="Retry").click()

    expect(node(page, "gate", "succeeded")).to_be_visible()
    expect(node(page, "stubborn Kept from generation 1", "succeeded")).to_be_visible()


def test_a_run_leads_to_a_form_that_starts_it_again(page: Page, site: Site) -> None:
    page.goto(run_page(site.failed))
    page.get_by_role("button", name=re.compile("parameters, 2 given")).click()
    expect(page.get_by_role("dialog")).to_contain_text("max_invalid_fraction")
    page.keyboard.press("Escape")

    page.get_by_role("link", name="Clone").click()

    expect(page.get_by_role("form", name="New run").get_by_label("max_invalid_fraction")).to_be_visible()


# -- for everybody -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(browser: Browser, site: Site, scheme: Scheme) -> None:
    with watched_page(browser, site.url, scheme=scheme) as page:
        found: dict[str, list[str]] = {}
        for name, where in {
            "failure": run_page(site.failed, task="root/validate"),
            "log": run_page(site.failed, task="root/validate", tab="log"),
            "code": run_page(site.registered, task="root/evaluate", tab="code"),
            "loop": run_page(site.registered, task="root/for-loop-1", view="timeline"),
            "reused": run_page(site.reused, task="root/ingest", view="table"),
            "results": run_page(site.registered, view="results"),
        }.items():
            page.goto(where)
            expect(page.get_by_role("heading", level=1)).to_be_visible()
            if "task=" in where:
                expect(panel(page).get_by_role("tab").first).to_be_visible()
            if name == "results":
                expect(page.get_by_role("heading", name="Employee attrition: evaluation")).to_be_visible()
            found[name] = serious(page)

    assert {name: each for name, each in found.items() if each} == {}
