"""Every page of the interface, with the story in it."""

from __future__ import annotations

from playwright.sync_api import Page, expect
from story import Site


def addresses(site: Site) -> dict[str, str]:
    """Where each page is, by a short name."""
    version = site.pages("/models/employee-attrition")["versions"][0]
    artifacts = {one["type"]: one["id"] for one in site.pages(f"/runs/{site.registered}")["artifacts"]}
    attrition = site.pipelines["employee-attrition"]
    return {
        "runs": "runs?name=employee",
        "run-failed": f"runs/{site.failed}?task=root%2Fvalidate",
        "run-graph": f"runs/{site.registered}",
        "run-timeline": f"runs/{site.registered}?view=timeline",
        "run-table": f"runs/{site.registered}?view=table",
        "run-results": f"runs/{site.registered}?view=results",
        "run-log": f"runs/{site.registered}?task=root%2Fclean&tab=log",
        "compare": f"compare?runs={site.failed},{site.registered}",
        "pipelines": "pipelines",
        "pipeline": f"pipelines/{attrition}?node=root%2Fselect-best",
        "pipeline-parameters": f"pipelines/{attrition}?tab=parameters",
        "new-run": f"runs/new?pipeline={attrition}",
        "models": "models",
        "model": "models/employee-attrition",
        "artifact-dataset": f"artifacts/{version['datasets'][0]['id']}",
        "artifact-markdown": f"artifacts/{artifacts['system.Markdown']}",
        "lineage": "lineage?model=employee-attrition&direction=up",
        "empty": "runs?name=no+such+run",
    }


def open_page(page: Page, address: str) -> None:
    """Go there and wait until there is nothing left to wait for."""
    page.goto("about:blank")
    page.goto(f"/#/{address}")
    expect(page.get_by_role("heading").first).to_be_visible()
    expect(page.get_by_label("Loading")).to_have_count(0)
    # Pictures of graphs move into their place.
    page.wait_for_timeout(600)
