"""From a model to the data behind it: models, artifacts and lineage."""

import re

from playwright.sync_api import Page, expect
from story import Site


def model_artifact(site: Site) -> str:
    return str(site.pages("/models/employee-attrition")["versions"][0]["artifact"]["id"])


def dataset(site: Site) -> dict[str, object]:
    found = site.pages("/models/employee-attrition")["versions"][0]["datasets"][0]
    assert isinstance(found, dict)
    return found


def test_the_data_set_behind_a_model_is_two_clicks_away(page: Page, site: Site) -> None:
    page.goto("/#/models")
    page.get_by_role("link", name="employee-attrition").first.click()
    version = page.get_by_role("listitem", name="Version 1")
    version.get_by_role("link", name=str(dataset(site)["name"])).click()

    expect(page.get_by_role("complementary", name="About it")).to_contain_text(str(dataset(site)["digest"]))


def test_a_model_shows_its_metrics_and_the_task_that_made_it(page: Page) -> None:
    page.goto("/#/models/employee-attrition")

    expect(page.get_by_role("row", name=re.compile("^accuracy 0"))).to_be_visible()
    page.get_by_role("link", name="register", exact=True).click()
    expect(page).to_have_url(re.compile(r"/runs/.*task="))


def test_lineage_goes_from_the_model_up_to_the_raw_file(page: Page, site: Site) -> None:
    page.goto("/#/models/employee-attrition")
    page.get_by_role("link", name="Lineage").click()

    graph = page.get_by_test_id("graph")
    expect(graph.get_by_role("button", name=re.compile("^employee-attrition v1"))).to_be_visible()
    graph.get_by_role("button", name=re.compile("^raw")).click()
    panel = page.get_by_role("complementary", name="raw")
    expect(panel).to_contain_text(str(dataset(site)["digest"]))
    panel.get_by_role("link", name="Lineage from here").click()
    expect(page).to_have_url(re.compile(f"artifact={dataset(site)['id']}"))


def test_lineage_goes_down_and_over_runs(page: Page, site: Site) -> None:
    page.goto(f"/#/lineage?artifact={dataset(site)['id']}&direction=down")

    page.get_by_role("tab", name="List").click()
    table = page.get_by_role("region", name="Lineage")
    expect(table.get_by_role("link", name="employee-attrition v1")).to_be_visible()
    expect(table).to_contain_text("hops after")


def test_lineage_can_be_cut_short(page: Page, site: Site) -> None:
    page.goto(f"/#/lineage?artifact={model_artifact(site)}&direction=up&hops=1")

    expect(page.get_by_text("There is more than is shown")).to_be_visible()
    page.get_by_role("combobox", name="How far").click()
    page.get_by_role("option", name="20 hops").click()
    expect(page.get_by_text("There is more than is shown")).to_have_count(0)


def test_lineage_opens_of_a_run(page: Page, site: Site) -> None:
    page.goto(f"/#/lineage?run={site.registered}")

    expect(page.get_by_role("heading", name="Results of employee-attrition")).to_be_visible()


def test_an_artifact_is_previewed_and_can_be_downloaded(page: Page, site: Site) -> None:
    page.goto(f"/#/artifacts/{dataset(site)['id']}")

    content = page.get_by_role("region", name="Content")
    expect(content.get_by_role("columnheader", name="Employee ID")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    assert download.value.path().stat().st_size == dataset(site)["size"]


def test_an_artifact_names_who_made_it_and_who_read_it(page: Page, site: Site) -> None:
    page.goto(f"/#/artifacts/{dataset(site)['id']}")

    expect(page.get_by_role("region", name="Made by")).to_contain_text("ingest")
    expect(page.get_by_role("region", name="Read by")).to_contain_text("validate")
