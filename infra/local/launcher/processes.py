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

# Who people are in the demonstration; every one of them logs in with DEMO_PASSWORD.
DEMO_PASSWORD = "Mtnet!2026demo"  # noqa: S105 - printed by `make run`, valid on this machine only
DEMO_TOTP_KEY = "MTNETDEMOMTNETDEMOMTNETDEMOMTNET"
DEMO_PEOPLE = {
    "demomember": ("會員（個人）", "a member"),
    "northreviewer": ("北部航務中心審核員", "reviewer, northern centre"),
    "southreviewer": ("南部航務中心審核員", "reviewer, southern centre"),
    "opsreviewer": ("營運中心審核員", "reviewer, operations centre"),
    "operator1": ("系統維運人員", "operator"),
    "operator2": ("系統維運人員", "operator"),
    "helpdesk1": ("客服人員甲", "helpdesk agent"),
    "helpdesk2": ("客服人員乙", "helpdesk agent"),
    "helpdesklead": ("客服組長", "helpdesk team lead"),
    "helpdeskadmin": ("客服系統管理員", "helpdesk administrator"),
    "editor1": ("網站內容編輯", "editor of questions"),
}
