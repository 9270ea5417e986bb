"""Taiwan's own accessibility rules (網站無障礙規範 115.11, AA), as far as a machine can check them."""

import json
import os
import subprocess
import sys

import pytest

pytestmark = [pytest.mark.system, pytest.mark.timeout(240)]

# The scanner starts the browser that Playwright would download; here it is Debian's.
SCAN = """
import os, sys
from a11y_moda import cli
from playwright.sync_api import BrowserType
launch = BrowserType.launch
def debian(self, **options):
    options.setdefault("executable_path", os.environ.get("CHROMIUM", "/usr/bin/chromium"))
    options["args"] = [*(options.get("args") or []), "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
    return launch(self, **options)
BrowserType.launch = debian
sys.exit((getattr(cli, "main", None) or cli.cli)())
"""
OPTIONS = ("--level", "AA", "--render", "--spec", "115.11", "--allow-private-hosts", "--fail-only")


@pytest.mark.parametrize("path", ["/", "/login", "/case", "/apply/identity-type"])
def test_the_scan_finds_no_fault(system, path):
    url = os.environ.get("PORTAL", system.url) + path
    command = [sys.executable, "-W", "ignore", "-c", SCAN, "scan", url, *OPTIONS]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    found = json.loads(done.stdout[done.stdout.index("{") :])
    assert found["status_code"] == 200
    assert [f"{issue['rule_id']}: {issue['message']}" for issue in found["issues"]] == []
