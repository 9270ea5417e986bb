"""Start processes of tests as copies of one that has loaded the libraries: most of a start is importing those.

Only libraries are loaded before: a copy imports each module of ours anew, under its own environment, as a process that
is started from nothing does. `python -m mtnet_chassis.testing.fork_server` is the other side of `ForkServer`; with
`--patched` it patches the standard library first, as a service does.
"""

from __future__ import annotations

import atexit
import importlib
import json
import os
import runpy
import signal
import subprocess
import sys
import sysconfig
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

# Eventlet's own looks again and again.
_wait, _read, _write = os.waitpid, os.read, os.write
LOOK_AGAIN_SECONDS = 0.005


class ForkedProcess:
    """A copy, used as a subprocess.Popen is."""

    def __init__(self, server: ForkServer, pid: int) -> None:
        self._server = server
        self.pid = pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """The exit code, None while it runs."""
        if self.returncode is None:
            self.returncode = self._server.ask({"poll": self.pid})
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """The exit code. Raises subprocess.TimeoutExpired."""
        deadline = None if timeout is None else time.monotonic() + timeout
        while (code := self.poll()) is None:
            if deadline is not None and time.monotonic() > deadline:
                raise subprocess.TimeoutExpired(str(self.pid), timeout or 0)
            time.sleep(LOOK_AGAIN_SECONDS)
        return code

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


class ForkServer:
    """The process that is copied."""

    def __init__(self, *, patched: bool) -> None:
        command = [sys.executable, "-W", "ignore", "-m", __name__, *(["--patched"] if patched else [])]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: S603
        self._one_at_a_time = threading.Lock()
        atexit.register(self.close)

    def start(
        self, module: str, *words: str, imports: Sequence[str], environment: Mapping[str, str], log: Path
    ) -> ForkedProcess:
        """`python -m module words`, in a session of its own, with its output in `log`. `imports`: modules of ours that
        it will import, in order; whatever libraries they need are loaded once for all."""
        request = {"argv": [module, *words], "imports": list(imports), "environment": dict(environment)}
        return ForkedProcess(self, self.ask({**request, "log": str(log)}))

    def ask(self, request: Mapping[str, Any]) -> Any:
        with self._one_at_a_time:
            assert self._process.stdin is not None  # noqa: S101 - it was asked for
            assert self._process.stdout is not None  # noqa: S101
            self._process.stdin.write(json.dumps(request).encode() + b"\n")
            self._process.stdin.flush()
            return json.loads(self._process.stdout.readline())

    def close(self) -> None:
        """Copies that run go on."""
        with suppress(OSError):
            self._process.communicate()


_servers: dict[tuple[bool, str], ForkServer] = {}


def fork_server(*, patched: bool, apart: str = "") -> ForkServer:
    """That of this process. `apart`: of whom nobody else's libraries are to be loaded; some change others."""
    if (patched, apart) not in _servers:
        _servers[patched, apart] = ForkServer(patched=patched)
    return _servers[patched, apart]


# The other side


def main() -> None:
    if "--patched" in sys.argv:
        import eventlet

        eventlet.monkey_patch()
        os.environ.setdefault("PSYCOPG_WAIT_FUNC", "wait_select")  # psycopg reads it when it is imported
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    loaded: set[tuple[str, ...]] = set()
    for line in sys.stdin:
        request = json.loads(line)
        if "poll" in request:
            pid, status = _wait(request["poll"], os.WNOHANG)
            answer = os.waitstatus_to_exitcode(status) if pid else None
        else:
            if (imports := tuple(request["imports"])) not in loaded:
                loaded.add(imports)
                load_libraries_of(imports, request["environment"])
            answer = os.fork()
            if answer == 0:
                break
        _write(1, json.dumps(answer).encode() + b"\n")
    else:
        return
    become(request)


def become(request: Mapping[str, Any]) -> None:
    """Be the process that was asked for."""
    os.setsid()  # whoever ends it ends what it started with it
    signal.signal(signal.SIGINT, signal.default_int_handler)
    log = os.open(request["log"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(source, target)
    os.close(log)
    os.close(nothing)
    live_in(request["environment"])
    sys.argv = request["argv"]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


def live_in(environment: Mapping[str, str]) -> None:
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    given = environment.get("PYTHONPATH", "")
    sys.path[1:1] = [path for path in given.split(os.pathsep) if path and path not in sys.path]


def load_libraries_of(imports: Sequence[str], environment: Mapping[str, str]) -> None:
    """A copy imports these modules of ours and says what came with them. Nothing of ours stays."""
    source, target = os.pipe()
    copy = os.fork()
    if copy == 0:
        try:
            live_in(environment)
            for name in imports:
                importlib.import_module(name)
        finally:  # what cannot be imported is said by the process itself
            _write(target, json.dumps([name for name in list(sys.modules) if is_library(name)]).encode())
            os._exit(0)
    os.close(target)
    said = b""
    while part := _read(source, 1 << 16):
        said += part
    os.close(source)
    _wait(copy, 0)
    for name in json.loads(said or b"[]"):
        with suppress(Exception):  # a library's own trick, such as a module that is no file
            importlib.import_module(name)


def is_library(name: str) -> bool:
    """Whether a module belongs to Python or to an installed package."""
    file: str = (
        getattr(sys.modules[name], "__dict__", {}).get("__file__") or ""
    )  # without waking a lazy module
    places = {sysconfig.get_path(place) for place in ("stdlib", "platstdlib", "purelib", "platlib")}
    return file.startswith(tuple(f"{place}{os.sep}" for place in places))


if __name__ == "__main__":
    main()
