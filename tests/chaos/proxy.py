"""A TCP proxy that can fall silent: connections stay open, nothing passes. The half-open socket on demand.

Two kinds of silence: `black_hole` still acknowledges what it swallows, as a frozen server does, `unplug` does not, as
a cut cable.
"""

from __future__ import annotations

import contextlib
import ctypes
import socket
import struct
import threading

# The filter program «drop everything», of linux/filter.h: BPF_RET | BPF_K with 0.
DROP_ALL = ctypes.create_string_buffer(struct.pack("HBBI", 0x06, 0, 0, 0))
SO_ATTACH_FILTER = 26


class Proxy:
    """Listens on a free port of 127.0.0.1 and passes everything to `target`."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._passing = threading.Event()
        self._passing.set()
        self._sockets: list[socket.socket] = []
        self.passed = 0  # connections that reached the target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def black_hole(self) -> None:
        """Keep every connection open and pass nothing, in neither direction; new ones are accepted, too."""
        self._passing.clear()

    def unplug(self) -> None:
        """Have the kernel drop every packet that comes from a client: none is acknowledged any more."""
        program = struct.pack("HL", 1, ctypes.addressof(DROP_ALL))
        for each in self._sockets:
            with contextlib.suppress(OSError):  # one that is closed already
                each.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, program)

    def forward(self) -> None:
        """Pass new connections. The old ones are cut: what they swallowed is gone."""
        self.cut()
        self._passing.set()

    def cut(self) -> None:
        """Close every connection."""
        old, self._sockets = self._sockets, []
        for each in old:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def close(self) -> None:
        self._listener.close()
        self.cut()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                self._sockets.append(client)
                if not self._passing.is_set():
                    continue
                try:
                    server = socket.create_connection(self._target)
                except OSError:
                    client.close()
                    continue
                self._sockets.append(server)
                self.passed += 1
                for one, other in ((client, server), (server, client)):
                    threading.Thread(target=self._pump, args=(one, other), daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if not self._passing.is_set():
                    return  # swallowed; both ends stay open and hear nothing
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
