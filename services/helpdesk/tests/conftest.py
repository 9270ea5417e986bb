"""What the tests of the helpdesk share."""

import pytest

from .builders import Asking, an_actor
from .clamd import Clamd


@pytest.fixture(autouse=True)
def _environment(monkeypatch, tmp_path):
    monkeypatch.setenv("PORTAL_URL", "https://portal.example")
    monkeypatch.setenv("FILES_URL", (tmp_path / "files").as_uri())


@pytest.fixture
def asking(transactions):
    return Asking(transactions)


@pytest.fixture
def rows(transactions):
    """What a statement finds, as others see it."""

    def rows(sql, *values):
        with transactions.transaction() as tx:
            return tx.execute(sql, values).fetchall()

    return rows


@pytest.fixture(scope="session")
def lead():
    """Who leads a shift."""
    return an_actor("helpdesk_lead")


@pytest.fixture
def clamd():
    clamd = Clamd()
    yield clamd
    clamd.close()
