"""A private RabbitMQ: own node, own epmd, own cookie and plugins, 127.0.0.1 only, quiet when idle."""

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from mtnet_chassis.broker.management import Management

from launcher.environment import TABLES
from launcher.problem import Problem
from launcher.servers.account import home_for, remembered_secret, server_account
from launcher.supervisor import Program

NODE = TABLES["rabbitmq"]["RABBITMQ_NODENAME"]
ADMINISTRATOR = "operator"
SETTINGS = Path(__file__).with_name("rabbitmq.conf")
LIMITS = Path(__file__).with_name("rabbitmq-limits.conf")
# Debian's wrappers in /usr/sbin would go to the system instance's files.
PROGRAMS = ("usr/lib/rabbitmq/bin", "usr/lib/rabbitmq/lib/*/sbin", "opt/rabbitmq/sbin", "usr/local/sbin")


def program(name: str = "rabbitmq-server") -> Path:
    """One of RabbitMQ's own scripts. Raises Problem when it is not installed."""
    for pattern in PROGRAMS:
        for directory in sorted(Path("/").glob(pattern), reverse=True):
            if (directory / name).exists():
                return directory / name
    raise Problem("RabbitMQ is not installed: `sudo apt-get install rabbitmq-server`.")


class RabbitServer:
    """RabbitMQ in `directory` with the management plugin. The administrator is `operator`.

    `ports`: amqp, rabbitmq (its management), erlang, epmd.
    """

    name = "rabbitmq"

    def __init__(self, directory: Path, ports: Mapping[str, int]) -> None:
        self.directory = directory
        self.account = server_account("rabbitmq")
        self.home = home_for(self.account, directory)
        self.data = self.home / "data"
        self.port = ports["amqp"]
        self.management_port = ports["rabbitmq"]
        self._ports = ports
        self.password = remembered_secret(directory / "operator-password")
        self.management_url = (
            f"http://{ADMINISTRATOR}:{quote(self.password)}@127.0.0.1:{self.management_port}"
        )

    def url(self, vhost: str = "/") -> str:
        """The administrator's AMQP URL."""
        return f"amqp://{ADMINISTRATOR}:{quote(self.password)}@127.0.0.1:{self.port}/{quote(vhost, safe='')}"

    @property
    def cookie(self) -> Path:
        return self.home / "home" / ".erlang.cookie"

    def prepare(self) -> None:
        """Makes the node's directories at the first start and writes the configuration."""
        self.account.make_directory(self.home / "home")
        self.account.make_directory(self.data)
        if not self.cookie.exists():
            self.account.write(self.cookie, remembered_secret(self.directory / "cookie"))
        settings = (
            f"{SETTINGS.read_text()}{LIMITS.read_text()}"
            f"listeners.tcp.1 = 127.0.0.1:{self.port}\n"
            f"management.tcp.port = {self.management_port}\n"
            f"default_user = {ADMINISTRATOR}\n"
            f"default_pass = {self.password}\n"
        )
        self.account.write(self.home / "rabbitmq.conf", settings)
        self.account.write(self.home / "enabled_plugins", "[rabbitmq_management].\n")

    def program(self, *, restart: bool) -> Program:
        return Program(
            self.name,
            command=[str(program())],
            environment=self.environment(),
            directory=self.data,
            problem=self.problem,
            group="servers",
            user=self.account.name if self.account.switch else None,
            autorestart=restart,
            stop_seconds=60,
        )

    def environment(self) -> dict[str, str]:
        values = {**self._ports, "home": self.home}
        return {name: text.format_map(values) for name, text in TABLES["rabbitmq"].items()}

    def control(self, *words: str) -> None:
        """`rabbitmqctl` for this node. Raises subprocess.CalledProcessError."""
        self.account.run(
            program("rabbitmqctl"), "--node", NODE, *words, **self.environment()
        ).check_returncode()

    def problem(self) -> str:
        """Nothing when clients can connect: the node opens that port last."""
        try:
            Management(self.management_url, "/").call("GET", f"/health/checks/port-listener/{self.port}")
        except OSError as problem:
            return str(problem) or "no answer"
        return ""
