"""LINE's content API: a file by its id, within bounds of size and time."""

from __future__ import annotations

import time
from collections.abc import Mapping

import requests
from mtnet_chassis.telemetry import logger

from notify.channels.rules import Doubt, Outage
from notify.line_content.rules import LARGEST_BYTES, NotFetched

CONNECT_SECONDS, ANSWER_SECONDS = 5.0, 15.0
# For the whole of it, however slowly it comes.
TOGETHER_SECONDS = 45.0
CHUNK = 64 * 1024

log = logger()


class LineContent:
    """One request at a time. `values` are the settings of the channel, by name."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._base_url = values["NOTIFY_LINE_DATA_URL"].rstrip("/")
        self._token = values["NOTIFY_LINE_TOKEN"]

    def content(self, content_id: str) -> tuple[bytes, str]:
        """The bytes and their media type. Raises NotFetched, Outage, Doubt."""
        until = time.monotonic() + TOGETHER_SECONDS
        try:
            with requests.get(
                f"{self._base_url}/v2/bot/message/{content_id}/content",
                headers={"Authorization": f"Bearer {self._token}"},
                timeout=(CONNECT_SECONDS, ANSWER_SECONDS),
                # Our token is for LINE alone.
                allow_redirects=False,
                stream=True,
            ) as answer:
                if answer.status_code in (404, 410):
                    raise NotFetched("gone")
                # 202: LINE is not ready; 401 and the like are ours to repair meanwhile.
                if answer.status_code != 200:
                    raise Outage(str(answer.status_code))
                media_type = answer.headers.get("Content-Type", "")
                if media_type.startswith("text/html"):
                    raise Outage("no answer of LINE's")
                return self._read(answer, until), media_type
        # The name alone: the text of some exceptions quotes the request.
        except requests.RequestException as gone:
            raise Doubt(type(gone).__name__, None) from gone

    def _read(self, answer: requests.Response, until: float) -> bytes:
        """Raises NotFetched, Doubt, requests.RequestException."""
        announced = answer.headers.get("Content-Length", "")
        if announced.isdigit() and int(announced) > LARGEST_BYTES:
            raise NotFetched("too_large")
        content = bytearray()
        for chunk in answer.iter_content(CHUNK):
            content += chunk
            if len(content) > LARGEST_BYTES:
                raise NotFetched("too_large")
            if time.monotonic() > until:
                raise Doubt("too slow", None)
        if not content or (announced.isdigit() and len(content) < int(announced)):
            raise Doubt("cut off", None)
        return bytes(content)
