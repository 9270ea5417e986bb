"""Review's tests run on review's tables."""

import pytest


@pytest.fixture(scope="session")
def service_name():
    return "review"
