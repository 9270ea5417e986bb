"""Taiwan's own accessibility rules (網站無障礙規範 115.11, AA), as far as a machine can check them."""

import json
import os
import signal
import subprocess
import sys

import pytest

from tests.browser.chromium import ARGUMENTS

pytestmark = [pytest.mark.system, pytest.mark.timeout(480)]

PATHS = ("/", "/login", "/case", "/apply/identity-type")
# The scanner starts the browser that Playwright would download; here it is the one that was found. For a single page it
# starts seven, one after another; for several it starts one.
SCAN = """
import dataclasses, json, os, sys
from a11y_moda.models import Level
from a11y_moda.scanner import scan_urls
from playwright.sync_api import BrowserType
launch = BrowserType.launch
def found(self, **options):
    options.setdefault("executable_path", os.environ["CHROMIUM"])
    options["args"] = [*(options.get("args") or []), *os.environ["CHROMIUM_ARGUMENTS"].split()]
    return launch(self, **options)
BrowserType.launch = found
report = scan_urls(sys.argv[1:], level=Level.AA, render=True)
print(json.dumps([dataclasses.asdict(page) for page in report.pages]))
"""
SCAN_SECONDS = 200
SPECIFICATIONS = ("115.11", "local")  # the second: the scanner's own


@pytest.fixture(scope="module")
def scanned(system, browser_program):
    """What the scanner said of each path."""
    addresses = [os.environ.get("PORTAL", system.url) + path for path in PATHS]
    command = [sys.executable, "-W", "ignore", "-c", SCAN, *addresses]
    environment = {
        **os.environ,
        "A11Y_ALLOW_PRIVATE_HOSTS": "1",
        "CHROMIUM": browser_program,
        "CHROMIUM_ARGUMENTS": " ".join(ARGUMENTS),
    }
    pages = json.loads(said(command, environment))
    return dict(zip(PATHS, pages, strict=True))


@pytest.mark.parametrize("path", PATHS)
def test_the_scan_finds_no_fault(scanned, path):
    page = scanned[path]
    assert (page["status_code"], page["fetch_error"]) == (200, "")
    assert [
        f"{issue['rule_id']}: {issue['message']}"
        for issue in page["issues"]
        if issue["status"] == "fail" and issue["spec"] in SPECIFICATIONS
    ] == []


def said(command, environment):
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
