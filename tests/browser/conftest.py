from collections.abc import Iterator

import pytest
from chromium import launch, watched_page
from command import Command
from playwright.sync_api import Browser, Page, sync_playwright
from served import end_processes, start
from story import ROWS, Site, told


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One server for all, on which the demo has told its story."""
    command = Command(tmp_path_factory.mktemp("site") / "state")
    try:
        done = command("demo", "--rows", ROWS, timeout=240)
        assert done.returncode == 0, done.stdout
        server = start(command)
        try:
            yield told(server)
        finally:
            server.end()
    finally:
        end_processes(command)


@pytest.fixture
def page(browser: Browser, site: Site) -> Iterator[Page]:
    with watched_page(browser, site.url) as page:
        yield page


@pytest.fixture
def browser_page_that_may_fail(browser: Browser, site: Site) -> Iterator[Page]:
    """A page where the server refuses something on purpose: the browser reports that in its console."""
    with watched_page(browser, site.url, expected=("status of 4",)) as page:
        yield page
