"""Work that goes on for as long as a service runs: green threads that end when it stops."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event

from nameko.extensions import Entrypoint

STOP_SECONDS = 25.0


class BackgroundThreads(Entrypoint):  # type: ignore[misc]
    """Runs green threads until the service stops, and then waits until they have finished what they began."""

    def setup(self) -> None:
        self.stopping = Event()
        self.running: list[Event] = []

    def spawn(self, name: str, run: Callable[[], None]) -> None:
        done = Event()
        self.running.append(done)

        def to_the_end() -> None:
            try:
                run()
            finally:
                done.set()

        self.container.spawn_managed_thread(to_the_end, identifier=name)

    def stop(self) -> None:
        self.stopping.set()
        self.wake()
        for done in self.running:
            done.wait(STOP_SECONDS)

    def wake(self) -> None:
        """End every wait at once: it is time to stop."""
