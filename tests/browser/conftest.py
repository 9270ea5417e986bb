"""Debian's Chromium on the running portal, and what every page must pass."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
ARTEFACTS = Path(__file__).resolve().parents[2] / "test-artefacts"
AXE = Path(pytest.importorskip("axe_playwright_python").__file__).parent / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 320, "height": 720}
APPEARANCES = {
    "light": (DESKTOP, {"color_scheme": "light", "forced_colors": "none"}),
    "dark": (DESKTOP, {"color_scheme": "dark", "forced_colors": "none"}),
    "forced-colors": (DESKTOP, {"color_scheme": "light", "forced_colors": "active"}),
    "phone": (PHONE, {"color_scheme": "light", "forced_colors": "none"}),
}


@pytest.fixture(scope="session")
def chromium():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
        )
        yield browser
        browser.close()


@pytest.fixture
def screen(chromium, system):
    """Open a page: `screen(locale="en", javascript=False)`. Errors in its console fail the test."""
    contexts, said = [], []

    def open_one(*, locale="zh-TW", javascript=True):
        context = chromium.new_context(
            base_url=os.environ.get("PORTAL", system.url),
            locale=locale,
            java_script_enabled=javascript,
            viewport=DESKTOP,
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: said.append(message.text) if is_fault(message) else None)
        page.on("pageerror", lambda error: said.append(str(error)))
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert said == []


def is_fault(message):
    """Chromium also reports every 4xx answer as an error; those are part of the story."""
    return message.type == "error" and "the server responded with a status of 4" not in message.text


@pytest.fixture
def look():
    """Keep a picture of a page; with `check` prove its accessibility in every appearance."""

    def at(page, name, *, check=True, pictures=("light",), appearances=tuple(APPEARANCES)):
        faults = []
        for appearance, (size, media) in APPEARANCES.items():
            if appearance not in (appearances if check else pictures):
                continue
            page.set_viewport_size(size)
            page.emulate_media(**media)
            if appearance in pictures:
                ARTEFACTS.mkdir(exist_ok=True)
                page.screenshot(path=ARTEFACTS / f"{name}-{appearance}.png", full_page=True)
            if check:
                faults += [f"{appearance}: {fault}" for fault in violations(page)]
                if size is PHONE:
                    wide = page.evaluate("document.documentElement.scrollWidth")
                    if wide > PHONE["width"]:
                        faults.append(f"{appearance}: {wide} px wide")
        page.set_viewport_size(DESKTOP)
        page.emulate_media(color_scheme="light", forced_colors="none")
        assert faults == [], f"{name}: {faults}"

    return at


def violations(page):
    """What axe finds, as sentences."""
    page.evaluate(AXE.read_text() + "\n;0")
    found = page.evaluate("rules => axe.run(document, {runOnly: rules})", RULES)
    return [
        f"{v['id']}: {node['target']} {node.get('failureSummary', '')[:200]}"
        for v in found["violations"]
        for node in v["nodes"]
    ]
