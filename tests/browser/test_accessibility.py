"""WCAG AA, as far as a machine can tell: axe finds nothing serious on any page, in either theme."""

import pytest
from chromium import Scheme, serious, watched_page
from pages import addresses, open_page
from playwright.sync_api import Browser, Page, expect
from story import Site


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(browser: Browser, site: Site, scheme: Scheme) -> None:
    found: dict[str, list[str]] = {}
    with watched_page(browser, site.url, scheme=scheme) as page:
        for name, address in addresses(site).items():
            open_page(page, address)
            for violation in serious(page):
                found.setdefault(violation, []).append(name)

    assert not found, "\n".join(f"{violation}\n    on {', '.join(names)}" for violation, names in found.items())


def test_axe_finds_nothing_serious_in_dialogs(page: Page) -> None:
    page.goto("/#/pipelines")
    page.get_by_role("button", name="Upload").first.click()
    expect(page.get_by_role("dialog")).to_be_visible()
    in_upload = serious(page)
    page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    page.get_by_role("dialog").get_by_label("Search").fill("employee")
    expect(page.get_by_role("dialog").get_by_role("button").first).to_be_visible()

    assert (in_upload, serious(page)) == ([], [])


def test_the_list_can_be_used_by_keyboard_alone(page: Page, site: Site) -> None:
    page.goto("/#/runs?name=employee")
    expect(page.get_by_text(site.reused[:8])).to_be_visible()

    page.keyboard.press("Tab")
    expect(page.get_by_text("Skip to the page")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    link = page.get_by_role("link", name="employee-attrition").first
    for _ in range(40):
        if link.evaluate("element => element === document.activeElement"):
            break
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    page.wait_for_url(f"**/#/runs/{site.reused}*")
