"""A private RabbitMQ: own node, own epmd, own cookie and plugins, 127.0.0.1 only, quiet when idle."""

import contextlib
import os
import shutil
import socket
import subprocess
import urllib.error
from pathlib import Path
from typing import Any
from urllib.parse import quote

from launcher.servers import process
from launcher.servers.management import management_call
from launcher.servers.ports import remembered_ports
from launcher.servers.problems import ServerProblem
from launcher.servers.server import Server

NODE = "mtnet@localhost"
ADMINISTRATOR = "operator"

SETTINGS = {
    "vm_memory_high_watermark.absolute": "1GB",
    "disk_free_limit.absolute": "200MB",
    "collect_statistics_interval": "5000",
    "management.rates_mode": "basic",
    "raft.wal_max_size_bytes": "67108864",  # the documentation's figure for small memory
    "log.console": "true",
    "log.console.level": "warning",
    "log.file": "false",
}


def program() -> Path:
    """The server's own script: Debian's wrapper in /usr/sbin would go to the system instance's files."""
    for pattern in (
        "usr/lib/rabbitmq/bin",
        "usr/lib/rabbitmq/lib/*/sbin",
        "opt/rabbitmq/sbin",
        "usr/local/sbin",
    ):
        for directory in sorted(Path("/").glob(pattern), reverse=True):
            if (directory / "rabbitmq-server").exists():
                return directory / "rabbitmq-server"
    raise ServerProblem("RabbitMQ is not installed: `sudo apt-get install rabbitmq-server`.")


class RabbitServer(Server):
    """RabbitMQ in `directory` with the management plugin. The administrator is `operator`."""

    title = "RabbitMQ"
    accounts = ("rabbitmq",)

    def __init__(
        self,
        directory: Path | str,
        port: int | None = None,
        management_port: int | None = None,
        dist_port: int | None = None,
        epmd_port: int | None = None,
        *,
        prometheus_port: int | None = None,
        settings: dict[str, str] | None = None,
    ) -> None:
        super().__init__(directory)
        names = ["port", "management_port", "dist_port", "epmd_port", "prometheus_port"]
        given = [port, management_port, dist_port, epmd_port, prometheus_port]
        ports = remembered_ports(self.directory / "ports.json", names, dict(zip(names, given, strict=True)))
        self.port, self.management_port, self.dist_port = (ports[name] for name in names[:3])
        self.epmd_port, self.prometheus_port = ports["epmd_port"], ports["prometheus_port"]
        self.password = self._remembered_secret("operator-password")
        self._settings = {**SETTINGS, **(settings or {})}

    def url(self, vhost: str = "/", user: str = ADMINISTRATOR, password: str | None = None) -> str:
        """An AMQP URL; the administrator's unless told otherwise."""
        word = self.password if password is None else password
        return f"amqp://{quote(user)}:{quote(word)}@127.0.0.1:{self.port}/{quote(vhost, safe='')}"

    @property
    def management_url(self) -> str:
        return f"http://{ADMINISTRATOR}:{quote(self.password)}@127.0.0.1:{self.management_port}"

    def management(self, method: str, path: str, body: Any = None) -> Any:
        """One call of the management API, `path` from /api on; raises urllib.error.HTTPError on refusal."""
        return management_call(self.management_url, method, path, body)

    def prepare(self) -> None:
        for path in (self.home / "home", self.data):
            self.account.make_directory(path)
        cookie = self.home / "home" / ".erlang.cookie"
        if not cookie.exists():
            self.account.write(cookie, self._remembered_secret("cookie"), 0o400)
        settings = {
            "listeners.tcp.1": f"127.0.0.1:{self.port}",
            "management.tcp.ip": "127.0.0.1",
            "management.tcp.port": str(self.management_port),
            "prometheus.tcp.ip": "127.0.0.1",
            "prometheus.tcp.port": str(self.prometheus_port),
            "default_user": ADMINISTRATOR,
            "default_pass": self.password,
            **self._settings,
        }
        lines = "".join(f"{name} = {value}\n" for name, value in settings.items())
        self.account.write(self.home / "rabbitmq.conf", lines)
        self.account.write(self.home / "enabled_plugins", "[rabbitmq_management,rabbitmq_prometheus].\n")
        self.account.write(self.home / "rabbitmq-env.conf", "")
        if self.pid() is None:
            (self.data / "rabbit.pid").unlink(missing_ok=True)

    def command(self) -> list[str]:
        return [str(program())]

    def environment(self) -> dict[str, str]:
        home = str(self.home)
        # One scheduler: on a few cores shared with everything else, threads of the broker that wake each other cost a
        # third of its processor time. One handles 25,000 messages a second.
        flags = "+S 1:1 +sbwt none +sbwtdcpu none +sbwtdio none -kernel inet_dist_use_interface {127,0,0,1}"
        return {
            "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
            "LANG": "C.UTF-8",
            "HOME": f"{home}/home",
            "ERL_EPMD_PORT": str(self.epmd_port),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RUNNING_UNDER_SYSTEMD": "true",  # the script becomes the server itself instead of waiting for it
            "RABBITMQ_NODENAME": NODE,
            "RABBITMQ_DIST_PORT": str(self.dist_port),
            "RABBITMQ_CONF_ENV_FILE": f"{home}/rabbitmq-env.conf",
            "RABBITMQ_CONFIG_FILE": f"{home}/rabbitmq.conf",
            "RABBITMQ_CONFIG_FILES": f"{home}/conf.d/*.conf",
            "RABBITMQ_ADVANCED_CONFIG_FILE": f"{home}/advanced.config",
            "RABBITMQ_GENERATED_CONFIG_DIR": f"{home}/data/config",
            "RABBITMQ_ENABLED_PLUGINS_FILE": f"{home}/enabled_plugins",
            "RABBITMQ_MNESIA_BASE": f"{home}/data/nodes",
            "RABBITMQ_LOG_BASE": f"{home}/data/log",
            "RABBITMQ_LOGS": "-",
            "RABBITMQ_PID_FILE": f"{home}/data/rabbit.pid",
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": flags,
        }

    def pid(self) -> int | None:
        return process.recorded_pid(self.data / "rabbit.pid", self.data)

    def answers(self) -> bool:
        """The node took up its listeners, the last step of its start, and both protocols reply."""
        with contextlib.suppress(OSError, urllib.error.HTTPError):
            with socket.create_connection(("127.0.0.1", self.port), timeout=2) as connection:
                connection.settimeout(2)
                connection.sendall(b"AMQP\x00\x00\x09\x01")
                if connection.recv(1) != b"\x01":
                    return False
            return bool(self.management("GET", "overview")["node"] == NODE)
        return False

    def listens_on(self) -> list[int]:
        """All but epmd's: that of a killed node goes on and serves the next one."""
        return [self.port, self.management_port, self.dist_port, self.prometheus_port]

    def after_stop(self) -> None:
        """Ends our own epmd (its port tells it from any other); it holds no data."""
        epmd = shutil.which("epmd")
        if epmd:
            command = [epmd, "-port", str(self.epmd_port), "-kill"]
            subprocess.run(
                command,
                cwd="/",
                capture_output=True,
                check=False,
                timeout=10,
                **self.account.spawn_arguments(),
            )
