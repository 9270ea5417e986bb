"""The whole running portal, for tests marked `system`."""

import os
import shutil
import tempfile
from pathlib import Path

import pytest
from accounts.documents.pool import pool_for
from launcher.portal import Portal
from launcher.workspace import Workspace, local_workspace

from tests.authenticator import with_apps
from tests.system import System


@pytest.fixture(scope="session")
def system():
    """Started once, with servers of its own; with SYSTEM=running it is the portal that `make run` started."""
    if os.environ.get("SYSTEM") == "running":
        portal = Portal(local_workspace())
        if not portal.supervisor.answers():
            pytest.fail("SYSTEM=running, but the portal does not run: start it with `make run`")
        yield with_apps(System(portal))
        return
    state = os.environ.get("MTNET_TEST_STATE")
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    directory = Path(state, f"portal{worker}") if state else Path(tempfile.mkdtemp(prefix="mtnet-system-"))
    workspace = Workspace(directory)
    workspace.create()
    workspace.state.chmod(0o711)  # the servers' accounts go through
    with pytest.MonkeyPatch.context() as patch:
        for name in ("PORTAL_URL", "PORTAL_HOSTS", "PORTAL_PROXIES"):
            patch.delenv(name, raising=False)  # it is reached at its own address
        portal = Portal(workspace, durable=False, more={"helpdesk": {"HELPDESK_COUNT_SECONDS": "1"}})
    try:
        portal.start()
        yield with_apps(System(portal))
        portal.stop()
    finally:
        portal.remove()
        shutil.rmtree(pool_for(workspace.files.as_uri(), 1).directory, ignore_errors=True)
