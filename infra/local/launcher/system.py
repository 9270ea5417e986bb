"""The running portal as tests see it: its addresses, its inbox, and its processes to restart or kill."""

import json
import subprocess
import time
import urllib.request
from typing import Any, cast
from urllib.parse import urlencode

from launcher.health import DIRECT
from launcher.portal import Portal
from launcher.supervisor import BIN


class System:
    """One running portal; every method names a process as `make ps` does."""

    def __init__(self, portal: Portal) -> None:
        self._portal = portal

    @property
    def url(self) -> str:
        """The portal's pages and API."""
        return self._portal.url

    @property
    def inbox_url(self) -> str:
        return self._portal.inbox_url

    def environment(self, process: str) -> dict[str, str]:
        """What the process is told; `operator` for the broker's operator."""
        known = self._portal.environments
        return known.operator() if process == "operator" else known.of(process)

    def administrator_dsn(self, database: str) -> str:
        """For looking into a service's database from outside, e.g. `mtnet_accounts`."""
        return self._portal.postgres.dsn(database)

    def run(self, process: str, *command: str) -> str:
        """Runs a command of the virtual environment as the process would and returns what it printed."""
        done = subprocess.run(
            [str(BIN / command[0]), *command[1:]],
            env=self._portal.full_environment(self.environment(process)),
            cwd=self._portal.workspace.project,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise RuntimeError(
                f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}{done.stderr}"
            )
        return done.stdout

    # Processes

    def restart(self, process: str) -> None:
        """A clean stop and start; returns when it is ready."""
        self._portal.restart(process)

    def stop(self, process: str) -> None:
        self._portal.supervisor.stop_program(process)

    def start(self, process: str) -> None:
        self._portal.supervisor.start_program(process)
        self._portal.wait_process_ready(process)

    def kill9(self, process: str) -> None:
        """Kills the process and returns when it was started again and is ready."""
        self._portal.kill9(process)
        self._portal.wait_process_ready(process)

    def log_of(self, process: str) -> str:
        return self._portal.workspace.log_of(process).read_text(errors="replace")

    # The inbox

    def messages(self, *, to: str = "", channel: str = "", after: int = 0) -> list[dict[str, Any]]:
        """What people received, newest first; `after` is a message's id."""
        query = urlencode({"to": to, "channel": channel, "after": after})
        with DIRECT.open(f"{self.inbox_url}/api/messages?{query}", timeout=10) as answer:
            return cast(list[dict[str, Any]], json.load(answer))

    def wait_for_message(
        self, *, to: str, channel: str = "", containing: str = "", after: int = 0, seconds: float = 20
    ) -> dict[str, Any]:
        """The newest message to `to` with the words in its subject, text or HTML, as soon as it is there."""
        deadline = time.monotonic() + seconds
        while True:
            for message in self.messages(to=to, channel=channel, after=after):
                if containing in f"{message['subject']}\n{message['text']}\n{message['html']}":
                    return message
            if time.monotonic() > deadline:
                raise AssertionError(f"no message to {to} containing {containing!r} within {seconds:g} s")
            time.sleep(0.1)

    def newest_message_id(self) -> int:
        found = self.messages()
        return int(found[0]["id"]) if found else 0

    def set_fault(self, channel: str, mode: str, count: int | None = None) -> None:
        """Makes the mail server or the SMS company misbehave (infra/sandbox/README.md)."""
        body = json.dumps({"channel": channel, "mode": mode, "count": count}).encode()
        request = urllib.request.Request(f"{self.inbox_url}/api/faults", method="PUT", data=body)  # noqa: S310
        with DIRECT.open(request, timeout=10):
            return
