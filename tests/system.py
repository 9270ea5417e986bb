"""The running portal as tests see it: its addresses, its inbox, and its processes to restart or kill."""

import json
import time
import urllib.request
from typing import Any
from urllib.parse import urlencode

from launcher.portal import DIRECT, Portal
from launcher.provision import run_command


class System:
    """One running portal; every method names a process as `make ps` does."""

    def __init__(self, portal: Portal) -> None:
        self._portal = portal
        self.url, self.inbox_url = portal.url, portal.inbox_url
        self.stop = portal.supervisor.stop_program
        self.restart = portal.supervisor.restart

    def environment(self, process: str) -> dict[str, str]:
        """What the process is told; `operator` for the broker's operator."""
        return self._portal.environments.of(process)

    def administrator_dsn(self, database: str) -> str:
        """For looking into a service's database from outside, e.g. `mtnet_accounts`."""
        return self._portal.postgres.dsn(database)

    def run(self, process: str, *command: str) -> str:
        """Runs a command of the virtual environment as the process would and returns what it printed."""
        return run_command(self.environment(process), *command)

    def start(self, process: str) -> None:
        self._portal.supervisor.start_program(process)
        self._portal.supervisor.wait_ready(process)

    def kill9(self, process: str) -> None:
        """Kills the process and returns when it was started again and is ready."""
        self._portal.supervisor.kill(process)
        self._portal.supervisor.wait_ready(process)

    def messages(self, *, to: str = "", channel: str = "", after: int = 0) -> list[dict[str, Any]]:
        """What people received, newest first; `after` is a message's id."""
        query = urlencode({"to": to, "channel": channel, "after": after})
        with DIRECT.open(f"{self.inbox_url}/api/messages?{query}", timeout=10) as answer:
            found: list[dict[str, Any]] = json.load(answer)
        return found

    def newest_message_id(self) -> int:
        return max((int(message["id"]) for message in self.messages()), default=0)

    def wait_for_message(
        self, *, to: str, channel: str = "", containing: str = "", after: int = 0, seconds: float = 20
    ) -> dict[str, Any]:
        """The newest message to `to` with the words in its subject, text or HTML, as soon as it is there."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for message in self.messages(to=to, channel=channel, after=after):
                if containing in f"{message['subject']}\n{message['text']}\n{message['html']}":
                    return message
            time.sleep(0.1)
        raise AssertionError(f"no message to {to} containing {containing!r} within {seconds:g} s")

    def set_fault(self, channel: str, mode: str, **fault: str | float | None) -> None:
        """Makes the mail server or the SMS company misbehave; modes and their settings: infra/sandbox/README.md."""
        body = json.dumps({"channel": channel, "mode": mode, **fault}).encode()
        request = urllib.request.Request(f"{self.inbox_url}/api/faults", method="PUT", data=body)
        DIRECT.open(request, timeout=10).close()
