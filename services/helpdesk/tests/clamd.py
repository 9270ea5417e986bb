"""Stands in for ClamAV."""

import socket
import threading

# In two halves, so that no scanner minds this file.
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-" + b"ANTIVIRUS-TEST-FILE!$H+H*"


class Clamd:
    """Stands in for ClamAV's daemon: INSTREAM, one answer. `FOUND` for what holds EICAR's test text."""

    eicar = EICAR

    def __init__(self):
        self.server = socket.create_server(("127.0.0.1", 0))
        self.url = f"tcp://127.0.0.1:{self.server.getsockname()[1]}"
        self.asked = 0
        self.answer = None
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        while True:
            try:
                connection, _ = self.server.accept()
            except OSError:
                return
            with connection, connection.makefile("rb") as stream:
                assert stream.read(10) == b"zINSTREAM\0"
                content = b""
                while length := int.from_bytes(stream.read(4)):
                    content += stream.read(length)
                self.asked += 1
                found = b"stream: Eicar-Test-Signature FOUND\0" if EICAR in content else b"stream: OK\0"
                connection.sendall(self.answer or found)

    def close(self):
        self.server.close()
