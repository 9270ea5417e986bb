"""A browser on the running portal, and what every page must pass."""

import os
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import Error, expect

from tests.browser.chromium import NONE_FOUND, Chromium, find_browser

HERE = Path(__file__).parent
# What says that the browser failed, and not the portal: such a test is run once more.
LIMIT = pytest.StashKey[float]()
FAILED = pytest.StashKey[bool]()
BROWSER_FAILED = ["BrowserStuck", "TargetClosedError", "Connection closed"]
CLEANING_SECONDS = 60
# What a page may take on a busy machine; a test that fails for good is the only one to wait so long.
PAGE_SECONDS = 90
expect.set_options(timeout=30_000)
ARTEFACTS = Path(__file__).resolve().parents[2] / "test-artefacts"
# A run of the whole suite draws none but of what failed: they are for people, and take an eighth of the browser's time.
PICTURES = os.environ.get("PICTURES") != "no"
AXE = Path(pytest.importorskip("axe_playwright_python").__file__).parent / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
CONTRAST = ["color-contrast"]
DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 320, "height": 720}
APPEARANCES = {
    "light": (DESKTOP, {"color_scheme": "light", "forced_colors": "none"}, RULES),
    # The same document in other colours: only what depends on colours is asked again, since axe takes its time.
    "dark": (DESKTOP, {"color_scheme": "dark", "forced_colors": "none"}, CONTRAST),
    "forced-colors": (DESKTOP, {"color_scheme": "light", "forced_colors": "active"}, CONTRAST),
    "phone": (PHONE, {"color_scheme": "light", "forced_colors": "none"}, RULES),
}


def pytest_collection_modifyitems(config, items):
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.flaky(reruns=1, only_rerun=BROWSER_FAILED))
            # A signal would be lost in Playwright's loop, see chromium.py. The browser's own limit comes first;
            # this one ends the whole run, and covers the second try, too.
            item.add_marker(
                pytest.mark.timeout(2 * seconds_for(item) + CLEANING_SECONDS, method="thread"), append=False
            )
            item.stash[LIMIT] = seconds_for(item)


def seconds_for(item):
    """How long one try of a test may take."""
    marks = [mark.args[0] for mark in item.iter_markers("timeout") if "method" not in mark.kwargs]
    return float(marks[0] if marks else item.config.getini("timeout"))


@pytest.fixture(scope="session")
def browser_program():
    """The path of a browser, or the sentence why these tests are skipped."""
    program = find_browser()
    if program is None:
        pytest.skip(NONE_FOUND)
    return program


@pytest.fixture(scope="session")
def chromium(browser_program):
    chromium = Chromium(browser_program)
    chromium.start()
    yield chromium
    chromium.stop()


@pytest.fixture
def screen(chromium, system, request):
    """Open a page: `screen(locale="en", javascript=False)`. Errors in its console fail the test."""
    contexts, said = [], []

    def open_one(*, locale="zh-TW", javascript=True):
        context, page = chromium.open_context(
            base_url=os.environ.get("PORTAL", system.url),
            locale=locale,
            java_script_enabled=javascript,
            viewport=DESKTOP,
        )
        context.set_default_timeout(1000 * PAGE_SECONDS)
        contexts.append(context)
        page.on("console", lambda message: said.append(message.text) if is_fault(message) else None)
        page.on("pageerror", lambda error: said.append(str(error)))
        return page

    with chromium.watched(request.node.stash[LIMIT]):
        yield open_one
        for number, context in enumerate(contexts):
            with suppress(Error):  # of a browser that had to be ended; the test has failed already
                if request.node.stash.get(FAILED, False):
                    for page in context.pages:
                        draw(page, f"failed-{request.node.name}-{number}".replace("/", "-"), always=True)
                context.close()
    assert said == []


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    item.stash[FAILED] = item.stash.get(FAILED, False) or report.failed
    return report


def draw(page, name, *, always=False):
    """A picture of the whole page among the artefacts."""
    if PICTURES or always:
        ARTEFACTS.mkdir(exist_ok=True)
        page.screenshot(path=ARTEFACTS / f"{name}.png", full_page=True)


def is_fault(message):
    """Chromium also reports every 4xx answer as an error; those are part of the story."""
    return message.type == "error" and "the server responded with a status of 4" not in message.text


@pytest.fixture
def look():
    """Keep a picture of a page; with `check` prove its accessibility in every appearance."""

    def at(page, name, *, check=True, pictures=("light",), appearances=tuple(APPEARANCES)):
        faults = []
        for appearance, (size, media, rules) in APPEARANCES.items():
            if appearance not in (appearances if check else pictures if PICTURES else ()):
                continue
            page.set_viewport_size(size)
            page.emulate_media(**media)
            if appearance in pictures:
                draw(page, f"{name}-{appearance}")
            if check:
                faults += [f"{appearance}: {fault}" for fault in violations(page, rules)]
                if size is PHONE:
                    wide = page.evaluate("document.documentElement.scrollWidth")
                    if wide > PHONE["width"]:
                        faults.append(f"{appearance}: {wide} px wide")
        page.set_viewport_size(DESKTOP)
        page.emulate_media(color_scheme="light", forced_colors="none")
        assert faults == [], f"{name}: {faults}"

    return at


# What passes is neither written down nor sent: on a page there are thousands of those.
RUN_AXE = """
async rules => {
  const found = await axe.run(document, {runOnly: rules, resultTypes: ["violations"]});
  return found.violations.flatMap(({id, nodes}) =>
    nodes.map(node => `${id}: ${node.target} ${(node.failureSummary || "").slice(0, 200)}`));
}
"""


def violations(page, rules=RULES):
    """What axe finds by these tags or rules, as sentences."""
    if page.evaluate("typeof axe === 'undefined'"):
        page.evaluate(AXE.read_text() + "\n;0")
    return page.evaluate(RUN_AXE, rules)
