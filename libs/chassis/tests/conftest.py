"""The chassis's tests run the ledger of `stand`, and are otherwise on databases with the chassis's tables only."""

import sys
from pathlib import Path

import pytest

STAND = Path(__file__).parent / "stand"
sys.path[:0] = [str(STAND), str(STAND.parent)]


@pytest.fixture(scope="module")
def migrations(request):
    return (STAND / "migrations",) if getattr(request.module, "LEDGER", False) else ()


@pytest.fixture(scope="session", autouse=True)
def stand_on_path():
    """Processes that tests start find the ledger, too."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(STAND))
        yield
