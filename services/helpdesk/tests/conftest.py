"""What the tests of the helpdesk share."""

import pytest

from .builders import Asking


@pytest.fixture(autouse=True)
def _environment(monkeypatch):
    monkeypatch.setenv("PORTAL_URL", "https://portal.example")


@pytest.fixture
def asking(transactions):
    return Asking(transactions)
