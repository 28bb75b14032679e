"""The order of all tests, and which of them run in the same process when they are spread over several."""

import pytest


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A module's tests share a server, and those in the browser a site: none of them is started twice.

    Those in the browser come last: their driver keeps an event loop running in this thread until the session ends, and
    no other can be started beside it.
    """
    items.sort(key=_is_in_browser)
    for item in items:
        item.add_marker(pytest.mark.xdist_group("browser" if _is_in_browser(item) else str(item.path)))


def _is_in_browser(item: pytest.Item) -> bool:
    return item.path.parent.name == "browser"
