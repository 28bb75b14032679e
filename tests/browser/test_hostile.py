"""Whatever stands in a name, a parameter, a log line or an artifact: no page runs it."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from chromium import watched_page
from command import PIPELINES
from hostile_texts import CALL, TEXTS
from playwright.sync_api import Browser, Page, expect
from story import Site, compiled, upload

PACKAGE = Path(__file__).parent / "pipelines" / "hostile.py"
PATIENCE_S = 90


@pytest.fixture(scope="module")
def run_id(site: Site) -> str:
    """A run that is hostile all over; fifty runs and fifty pipelines that are so by name."""
    package = compiled(site.server, PACKAGE)
    hello = compiled(site.server, PIPELINES / "hello.py")
    for text in TEXTS:
        upload(site.server, text, hello, description=text)
    site.pipelines["hostile"] = upload(site.server, "hostile", package, description=TEXTS[0])
    started = site.start("hostile", TEXTS[11], texts=list(TEXTS), text=TEXTS[3])
    for text in TEXTS:
        site.start("hello", text, name=text)
    until = time.monotonic() + PATIENCE_S
    while site.pages(f"/runs/{started}")["run"]["finished_at"] is None:
        assert time.monotonic() < until, "the hostile run does not end"
        time.sleep(0.2)
    return started


@pytest.fixture
def calls() -> list[str]:
    """What scripts of the texts have called."""
    return []


@pytest.fixture
def page(browser: Browser, site: Site, run_id: str, calls: list[str]) -> Iterator[Page]:
    assert run_id
    # The frame of an HTML artifact says that it blocked what it was to block.
    expected = (
        "Blocked script execution",
        "Content Security Policy",
        "net::ERR",
        "sandboxed",
        "Refused to refresh",
        "base URLs",
        "status of 404",
    )
    with watched_page(browser, site.url, height=3000, expected=expected) as page:
        page.context.expose_binding("pwned", lambda _source, *_: calls.append(page.url))
        page.on("dialog", lambda dialog: calls.append(dialog.message))
        yield page


def shows_and_runs_nothing(page: Page, calls: list[str], text: str) -> None:
    expect(page.get_by_text(text, exact=False).first).to_be_visible()
    page.wait_for_timeout(300)
    assert calls == []


def artifacts(site: Site, run_id: str) -> dict[str, str]:
    return {one["port"]: one["id"] for one in site.pages(f"/runs/{run_id}")["artifacts"]}


def test_a_script_that_runs_is_noticed(page: Page, calls: list[str]) -> None:
    page.goto("/#/models")
    page.evaluate(CALL)

    assert len(calls) == 1


def test_lists_of_hostile_names(page: Page, calls: list[str]) -> None:
    page.goto("/#/runs")
    shows_and_runs_nothing(page, calls, TEXTS[0])
    expect(page.get_by_role("region", name="Runs").locator("tbody tr").nth(50)).to_be_visible()
    page.goto("/#/pipelines")
    shows_and_runs_nothing(page, calls, TEXTS[11])
    page.goto("/#/models")
    shows_and_runs_nothing(page, calls, TEXTS[0])


def test_the_page_of_a_hostile_run(page: Page, run_id: str, calls: list[str]) -> None:
    page.goto(f"/#/runs/{run_id}")
    shows_and_runs_nothing(page, calls, TEXTS[11])
    for view in ("timeline", "table", "results"):
        page.goto(f"/#/runs/{run_id}?view={view}")
        shows_and_runs_nothing(page, calls, TEXTS[11])
    for task in ("root/spread", "root/burst"):
        for tab in ("overview", "log", "code"):
            page.goto(f"/#/runs/{run_id}?task={task}&tab={tab}")
            shows_and_runs_nothing(page, calls, TEXTS[11])


def test_hostile_artifacts(page: Page, site: Site, run_id: str, calls: list[str]) -> None:
    for port, artifact_id in artifacts(site, run_id).items():
        page.goto(f"/#/artifacts/{artifact_id}")
        expect(page.get_by_role("heading", level=1)).to_have_text(port)
        page.wait_for_timeout(700)
        assert (port, calls) == (port, [])


def test_hostile_models_lineage_and_comparisons(page: Page, site: Site, run_id: str, calls: list[str]) -> None:
    page.goto("/#/models")
    page.get_by_role("link", name=TEXTS[0]).first.click()
    shows_and_runs_nothing(page, calls, TEXTS[0])
    page.goto(f"/#/lineage?run={run_id}")
    shows_and_runs_nothing(page, calls, TEXTS[11])
    others = site.pages("/runs?page_size=3")["runs"]
    page.goto("/#/compare?runs=" + ",".join([run_id, *[run["id"] for run in others]]))
    shows_and_runs_nothing(page, calls, TEXTS[11])


def test_a_hostile_pipeline_and_the_form_of_a_run_of_it(page: Page, site: Site, run_id: str, calls: list[str]) -> None:
    page.goto(f"/#/pipelines/{site.pipelines['hostile']}")
    shows_and_runs_nothing(page, calls, TEXTS[0])
    page.goto(f"/#/pipelines/{site.pipelines['hostile']}?tab=yaml")
    shows_and_runs_nothing(page, calls, "schemaVersion")
    page.goto(f"/#/runs/new?clone={run_id}")
    expect(page.get_by_role("form", name="New run")).to_be_visible()
    expect(page.get_by_label("as Python", exact=True).first).to_contain_text("pwned")
    assert calls == []


def test_hostile_words_in_the_address_and_the_search(page: Page, calls: list[str]) -> None:
    page.goto("/#/runs?name=" + "%3Cimg%20src=x%20onerror=pwned(1)%3E")
    expect(page.get_by_role("textbox", name="Name")).to_have_value("<img src=x onerror=pwned(1)>")
    page.goto("/#/models/%3Cscript%3Epwned(2)%3C%2Fscript%3E")
    expect(page.get_by_role("alert")).to_contain_text("pwned(2)")
    page.keyboard.press("Control+k")
    page.get_by_role("dialog").get_by_label("Search").fill("<img")
    expect(page.get_by_role("dialog").get_by_text(TEXTS[11], exact=True).first).to_be_visible()
    assert calls == []
