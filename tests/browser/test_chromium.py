"""A browser that hangs or dies costs one test, not the run."""

import os
import signal
from pathlib import Path

import pytest

from tests.browser.chromium import BrowserStuck, find_browser, is_snap

UBUNTUS_SCRIPT = '#!/bin/sh\nif ! [ -x /snap/bin/chromium ]; then exit 1; fi\nexec /snap/bin/chromium "$@"\n'


@pytest.fixture
def browser(chromium):
    """The browser of all tests, since there can be one at a time; what is broken here is new for the next."""
    yield chromium
    chromium.stop()
    chromium.start()


def stop_all(browser):
    for pid in browser.processes():
        os.kill(pid, signal.SIGSTOP)


def test_a_wait_for_a_browser_that_hangs_ends(browser):
    _, page = browser.open_context()
    stop_all(browser)
    with pytest.raises(BrowserStuck), browser.watched(1):
        page.goto("about:blank")
    assert browser.processes() == []


@pytest.mark.parametrize("number", [signal.SIGSTOP, signal.SIGKILL], ids=["hangs", "died"])
def test_a_page_is_opened_in_a_new_browser_when_the_old_one(browser, monkeypatch, number):
    monkeypatch.setattr("tests.browser.chromium.OPENING_SECONDS", 3)
    before = browser.processes()
    for pid in before:
        os.kill(pid, number)
    _, page = browser.open_context()
    page.set_content("<p>here again</p>")
    assert page.inner_text("p") == "here again"
    assert not set(before) & set(browser.processes())


attempts = []


def test_a_test_whose_browser_dies_is_run_once_more(browser):
    _, page = browser.open_context()
    attempts.append(page)
    if len(attempts) == 1:
        browser.kill()
    page.goto("about:blank")
    assert len(attempts) == 2


def a_program(directory, name, text):
    directory.mkdir(exist_ok=True)
    program = directory / name
    program.write_text(text)
    program.chmod(0o755)
    return program


def test_a_snap_is_passed_over_for_a_browser_that_can_be_driven(tmp_path, monkeypatch):
    monkeypatch.delenv("CHROMIUM", raising=False)
    a_program(tmp_path, "chromium-browser", UBUNTUS_SCRIPT)
    assert find_browser(path=str(tmp_path)) is None
    chrome = a_program(tmp_path, "google-chrome", "#!/bin/sh\nexec /opt/google/chrome/chrome\n")
    assert find_browser(path=str(tmp_path)) == str(chrome)


def test_a_link_into_snap_is_a_snap(tmp_path):
    snap = a_program(tmp_path / "snap", "chromium", "binary")
    link = tmp_path / "chromium"
    link.symlink_to(snap)
    assert is_snap(link)


def test_a_browser_that_somebody_names_is_taken(monkeypatch, browser_program):
    monkeypatch.setenv("CHROMIUM", browser_program)
    assert find_browser(path="/nowhere") == browser_program
    monkeypatch.setenv("CHROMIUM", "/no/such/browser")
    with pytest.raises(FileNotFoundError, match="/no/such/browser"):
        find_browser()


def test_the_programs_of_a_browser_are_known_by_their_mark(browser):
    names = {Path(f"/proc/{pid}/comm").read_text().strip() for pid in browser.processes()}
    assert any(name.startswith("node") for name in names)
    assert not all(name.startswith("node") for name in names)
