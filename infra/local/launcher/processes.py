"""The processes of a running portal: one table."""

from dataclasses import dataclass

SERVICES = ("accounts", "review", "notify", "content", "helpdesk")


@dataclass(frozen=True)
class Process:
    """One process: its command in the virtual environment, and the port whose /readyz tells its health."""

    name: str
    command: tuple[str, ...]
    health_port: str
    title: str


SANDBOX = Process("sandbox", ("python", "-m", "sandbox"), "inbox", "mail server, SMS company and inbox")
GATEWAY = Process("gateway", ("python", "-m", "gateway"), "portal", "the portal's pages and API")


def service(name: str, title: str) -> tuple[Process, Process]:
    """A service and the relay that sends its events."""
    return (
        Process(name, ("mtnet", "serve", name), f"{name}_health", title),
        Process(
            f"{name}-relay", ("mtnet", "relay", name), f"{name}_relay_health", f"sends what {name} announces"
        ),
    )


PROCESSES: tuple[Process, ...] = (
    SANDBOX,
    GATEWAY,
    *service("accounts", "applications, accounts, sessions"),
    *service("review", "cases and decisions"),
    *service("notify", "e-mails and text messages"),
    *service("content", "news and pages"),
    *service("helpdesk", "tickets and incidents"),
)

PORTS = (
    "portal",
    "inbox",
    "smtp",
    *(each.health_port for each in PROCESSES if each.health_port.endswith("_health")),
)

# Who people are in the demonstration; every one of them logs in with DEMO_PASSWORD.
DEMO_PASSWORD = "Mtnet!2026demo"  # noqa: S105 - printed by `make run`, valid on this machine only
DEMO_PEOPLE = {
    "demomember": ("會員（個人）", "a member"),
    "northreviewer": ("北部航務中心審核員", "reviewer, northern centre"),
    "southreviewer": ("南部航務中心審核員", "reviewer, southern centre"),
    "opsreviewer": ("營運中心審核員", "reviewer, operations centre"),
    "operator1": ("系統維運人員", "operator"),
}
