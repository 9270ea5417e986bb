"""ClamAV, where it is configured."""

from __future__ import annotations

import socket
from contextlib import closing
from urllib.parse import urlsplit

SCAN_CHUNK = 256 * 1024
SCAN_SECONDS = 30.0
LONGEST_ANSWER = 4096


class ScannerAway(Exception):
    """clamd cannot be asked at present, or says what makes no sense."""


class Scanner:
    """clamd by its INSTREAM command (clamd(8)): `tcp://host:3310` or `unix:///run/clamav/clamd.ctl`.

    Raises ValueError for another address.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme == "tcp" and parts.hostname:
            self._address: tuple[str, int] | str = (parts.hostname, parts.port or 3310)
        elif parts.scheme == "unix" and parts.path:
            self._address = parts.path
        else:
            raise ValueError(
                "HELPDESK_CLAMAV is an address such as tcp://clamav:3310 or unix:///run/clamav/clamd.ctl."
            )

    def is_infected(self, content: bytes) -> bool:
        """Raises ScannerAway."""
        try:
            with closing(self._connected()) as connection:
                connection.sendall(b"zINSTREAM\0")
                for at in range(0, len(content), SCAN_CHUNK):
                    chunk = content[at : at + SCAN_CHUNK]
                    connection.sendall(len(chunk).to_bytes(4) + chunk)
                connection.sendall(bytes(4))
                answer = _until_zero(connection)
        except OSError as problem:
            raise ScannerAway(type(problem).__name__) from problem
        if answer.endswith("FOUND"):
            return True
        if answer.endswith("OK"):
            return False
        raise ScannerAway("answer")

    def _connected(self) -> socket.socket:
        if isinstance(self._address, str):
            connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            connection.settimeout(SCAN_SECONDS)
            connection.connect(self._address)
            return connection
        return socket.create_connection(self._address, SCAN_SECONDS)


def _until_zero(connection: socket.socket) -> str:
    answer = b""
    while not answer.endswith(b"\0") and len(answer) < LONGEST_ANSWER:
        if not (piece := connection.recv(1024)):
            break
        answer += piece
    return answer.rstrip(b"\0").decode("utf-8", "replace").strip()
