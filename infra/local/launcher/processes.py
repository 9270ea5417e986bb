"""The processes of a running portal: one table."""

from dataclasses import dataclass

SERVICES = ("accounts", "review", "notify", "content", "helpdesk")


@dataclass(frozen=True)
class Process:
    """One process: its command in the virtual environment, and the port whose /readyz tells its health."""

    name: str
    command: tuple[str, ...]
    health_port: str


def service(name: str) -> tuple[Process, Process]:
    """A service and the relay that sends its events."""
    return (
        Process(name, ("mtnet", "serve", name), f"{name}_health"),
        Process(f"{name}-relay", ("mtnet", "relay", name), f"{name}_relay_health"),
    )


PROCESSES: tuple[Process, ...] = (
    Process("sandbox", ("python", "-m", "sandbox"), "inbox"),
    Process("gateway", ("python", "-m", "gateway"), "portal"),
    *(process for name in SERVICES for process in service(name)),
)

PORTS = ("smtp", "imap", *(process.health_port for process in PROCESSES))
