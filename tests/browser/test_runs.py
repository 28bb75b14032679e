"""The list of runs: what it shows, how it is narrowed, that it is live, and what can be done with a selection."""

import re

from playwright.sync_api import Page, expect
from story import Site


def names_and_states(page: Page) -> list[str]:
    rows = page.get_by_role("region", name="Runs").locator("tbody tr")
    return [" ".join(text.split("\n")) for text in rows.all_inner_texts()]


def search_part(page: Page) -> str:
    return page.evaluate("location.hash.split('?')[1] ?? ''")


def only(page: Page, run_id: str) -> None:
    """The row of a run."""
    expect(page.get_by_role("region", name="Runs").get_by_text(run_id[:8])).to_be_visible()


def test_the_story_is_told_with_states_and_metrics(page: Page, site: Site) -> None:
    page.goto("/#/runs?name=employee")

    row = page.get_by_role("row").filter(has_text=site.registered[:8])
    expect(row).to_contain_text("Succeeded")
    expect(row).to_contain_text("employee-attrition")
    expect(row).to_contain_text("Default")
    accuracy = site.pages(f"/runs/{site.registered}")["run"]["metrics"]["accuracy"]
    expect(row.get_by_title(str(accuracy))).to_be_visible()
    expect(page.get_by_role("row").filter(has_text=site.failed[:8])).to_contain_text("Failed")


def test_a_filter_is_in_the_address_and_survives_a_reload(page: Page, site: Site) -> None:
    page.goto("/#/runs")
    page.get_by_role("combobox", name="State").click()
    page.get_by_role("option", name="Failed").click()

    expect(page).to_have_url(re.compile(r"state=FAILED"))
    page.reload()
    only(page, site.failed)
    expect(page.get_by_text(site.registered[:8])).to_have_count(0)

    page.get_by_role("button", name="Clear", exact=True).click()
    expect(page.get_by_role("button", name="Clear", exact=True)).to_have_count(0)
    assert "state" not in search_part(page)


def test_a_name_narrows_the_list_while_it_is_typed(page: Page) -> None:
    page.goto("/#/runs")
    page.get_by_role("textbox", name="Name").fill("no such run")

    expect(page.get_by_role("heading", name="No run matches")).to_be_visible()
    page.get_by_role("button", name="Clear the filters").click()
    expect(page.get_by_role("heading", name="No run matches")).to_have_count(0)
    expect(page.get_by_role("textbox", name="Name")).to_have_value("")


def test_a_head_sorts_and_the_order_is_in_the_address(page: Page, site: Site) -> None:
    page.goto("/#/runs?name=employee")
    only(page, site.reused)

    page.get_by_role("button", name="Created").click()

    expect(page.get_by_role("columnheader", name="Created")).to_have_attribute("aria-sort", "ascending")
    expect(page).to_have_url(re.compile(r"sort=created_at%20asc|sort=created_at\+asc"))
    expect(page.get_by_role("row").nth(1)).to_contain_text(site.failed[:8])


def test_metrics_get_and_lose_their_columns(page: Page, site: Site) -> None:
    page.goto("/#/runs?name=employee")
    only(page, site.registered)

    page.get_by_role("button", name="Metrics").click()
    page.get_by_role("menuitemcheckbox", name="recall_left").click()

    expect(page.get_by_role("columnheader", name="recall_left")).to_be_visible()
    expect(page).to_have_url(re.compile("metrics=.*recall_left"))


def test_a_run_that_starts_elsewhere_appears_and_ends_by_itself(page: Page, site: Site) -> None:
    page.goto("/#/runs?name=from-elsewhere")
    expect(page.get_by_role("heading", name="No run matches")).to_be_visible()

    site.start("hello", "from-elsewhere", name="live")

    row = page.get_by_role("row").filter(has_text="from-elsewhere")
    expect(row).to_contain_text("Succeeded", timeout=40_000)


def test_selected_runs_are_compared(page: Page, site: Site) -> None:
    page.goto("/#/runs?name=employee")
    for run in (site.failed, site.registered):
        page.get_by_role("row").filter(has_text=run[:8]).get_by_role("checkbox").check()
    page.get_by_role("link", name="Compare 2").click()

    table = page.get_by_role("region", name="Comparison")
    expect(table.get_by_role("row", name="max_invalid_fraction")).to_contain_text("0.1")
    expect(table.get_by_role("row", name="min_auc")).to_be_visible()
    page.get_by_role("switch", name="Only what differs").check()
    expect(table.get_by_role("row", name="min_auc")).to_have_count(0)
    expect(page).to_have_url(re.compile("diff=true"))


def test_a_run_is_archived_and_brought_back(page: Page, site: Site) -> None:
    run_id = site.start("hello", "to-be-archived", name="archive")
    page.goto("/#/runs?name=to-be-archived")
    page.get_by_role("row").filter(has_text=run_id[:8]).get_by_role("checkbox").check()
    page.get_by_role("button", name="Archive", exact=True).click()
    expect(page.get_by_role("heading", name="No run matches")).to_be_visible()

    page.get_by_role("combobox", name="Archived").click()
    page.get_by_role("option", name="Archived", exact=True).click()
    page.get_by_role("row").filter(has_text=run_id[:8]).get_by_role("checkbox").check()
    page.get_by_role("button", name="Bring back").click()

    expect(page.get_by_role("heading", name="No run matches")).to_be_visible()
    assert site.pages(f"/runs/{run_id}")["run"]["archived"] is False
