"""The browser of the tests: found on this machine, ended when it hangs, started anew."""

import os
import shutil
import signal
import threading
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from playwright.sync_api import Error, sync_playwright

PROGRAMS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "microsoft-edge",
    "brave-browser",
)
NONE_FOUND = (
    "No browser for these tests: Chromium as a snap cannot be driven from outside. Install Google Chrome or a "
    "Chromium that is no snap, or name one: CHROMIUM=/path/to/chrome make test"
)
# Nothing here is about the portal: without these the browser asks its maker's hosts at every start.
ARGUMENTS = (
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
OPENING_SECONDS = 45
MARK = "MTNET_TEST_BROWSER"


class BrowserStuck(Exception):
    """The browser did not answer in time and was ended."""


class Chromium:
    """One browser for many tests.

    Playwright waits for a browser without a limit, inside an event loop where an exception raised by a signal
    handler is lost. What surely ends such a wait is the end of the browser, so that is what a time-out does here.
    """

    def __init__(self, executable):
        self.executable = executable
        self._driver_mark, self._browser_mark = (
            f"{MARK}={what}-{uuid4().hex}" for what in ("driver", "browser")
        )
        self._playwright = self._browser = None

    def start(self):
        name, _, value = self._driver_mark.partition("=")
        os.environ[name] = value  # the driver inherits it
        try:
            self._playwright = sync_playwright().start()
        finally:
            del os.environ[name]
        name, _, value = self._browser_mark.partition("=")
        self._browser = self._playwright.chromium.launch(
            executable_path=self.executable, args=list(ARGUMENTS), env={**os.environ, name: value}
        )

    def stop(self):
        """Safe to call when it is gone already."""
        for end in (self._browser and self._browser.close, self._playwright and self._playwright.stop):
            if end:
                try:
                    with self.watched(OPENING_SECONDS):
                        end()
                except (Error, BrowserStuck):
                    self.kill()
        self.kill()
        self._playwright = self._browser = None

    def open_context(self, **options):
        """A context with one page. A browser that is gone or stuck is started anew, once."""
        try:
            return self._open_context(options)
        except (Error, BrowserStuck):
            self.stop()
            self.start()
            return self._open_context(options)

    def _open_context(self, options):
        if self._browser is None or not self._browser.is_connected():
            raise BrowserStuck("the browser is gone")
        with self.watched(OPENING_SECONDS):
            context = self._browser.new_context(**options)
            return context, context.new_page()

    @contextmanager
    def watched(self, seconds):
        """Ends the browser when the block takes longer. Raises BrowserStuck."""
        late = threading.Event()

        def end():
            late.set()
            self.kill()

        timer = threading.Timer(seconds, end)
        timer.daemon = True
        timer.start()
        try:
            yield
        except Error as problem:
            if late.is_set():
                raise BrowserStuck(f"no answer within {seconds:.0f} s") from problem
            raise
        finally:
            timer.cancel()
        if late.is_set():
            raise BrowserStuck(f"no answer within {seconds:.0f} s")

    def kill(self):
        """Ends browser and driver, stopped ones too."""
        for pid in self.processes():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue

    def processes(self):
        """The process ids of browser and driver."""
        marks = {self._driver_mark.encode(), self._browser_mark.encode()}
        found = []
        for directory in Path("/proc").iterdir():
            if directory.name.isdigit():
                try:
                    environment = set((directory / "environ").read_bytes().split(b"\0"))
                except OSError:
                    continue
                if marks & environment:
                    found.append(int(directory.name))
        return found


def find_browser(path=None):
    """A browser that can be driven, or None. Raises FileNotFoundError when CHROMIUM names nothing."""
    named = os.environ.get("CHROMIUM")
    if named:
        if not shutil.which(named):
            raise FileNotFoundError(f"CHROMIUM={named}: no such program")
        return shutil.which(named)
    for program in PROGRAMS:
        found = shutil.which(program, path=path)
        if found and not is_snap(Path(found)):
            return found
    return None


def is_snap(program):
    """Whether a program is a snap, or the little script of Ubuntu that starts one."""
    real = program.resolve()
    if real.name == "snap" or "snap" in real.parts:
        return True
    with real.open("rb") as file:
        start = file.read(4096)
    return start.startswith(b"#!") and b"/snap/bin/" in start
