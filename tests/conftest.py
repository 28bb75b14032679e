"""The order of all tests."""

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Those in the browser come last.

    Their driver keeps an event loop running in this thread until the session ends, and none can be started beside it.
    """
    items.sort(key=lambda item: item.path.parent.name == "browser")
