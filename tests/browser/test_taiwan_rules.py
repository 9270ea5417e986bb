"""Taiwan's own accessibility rules (網站無障礙規範 115.11, AA), as far as a machine can check them."""

import json
import os
import signal
import subprocess
import sys

import pytest

from tests.browser.chromium import ARGUMENTS

pytestmark = [pytest.mark.system, pytest.mark.timeout(240)]

# The scanner starts the browser that Playwright would download; here it is the one that was found.
SCAN = """
import os, sys
from a11y_moda import cli
from playwright.sync_api import BrowserType
launch = BrowserType.launch
def found(self, **options):
    options.setdefault("executable_path", os.environ["CHROMIUM"])
    options["args"] = [*(options.get("args") or []), *os.environ["CHROMIUM_ARGUMENTS"].split()]
    return launch(self, **options)
BrowserType.launch = found
sys.exit((getattr(cli, "main", None) or cli.cli)())
"""
SCAN_SECONDS = 100
OPTIONS = ("--level", "AA", "--render", "--spec", "115.11", "--allow-private-hosts", "--fail-only")


@pytest.mark.parametrize("path", ["/", "/login", "/case", "/apply/identity-type"])
def test_the_scan_finds_no_fault(system, browser_program, path):
    url = os.environ.get("PORTAL", system.url) + path
    command = [sys.executable, "-W", "ignore", "-c", SCAN, "scan", url, *OPTIONS]
    environment = {
        **os.environ,
        "CHROMIUM": browser_program,
        "CHROMIUM_ARGUMENTS": " ".join(ARGUMENTS),
    }
    done = scanned(command, environment)
    found = json.loads(done[done.index("{") :])
    assert found["status_code"] == 200
    assert [f"{issue['rule_id']}: {issue['message']}" for issue in found["issues"]] == []


def scanned(command, environment):
    """What the scanner said; one that hangs is ended with its browser, and begun once more."""
    for last in (False, True):
        process = subprocess.Popen(
            command,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        try:
            return process.communicate(timeout=SCAN_SECONDS)[0]
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            if last:
                raise
    raise AssertionError
