"""What each process is told through its environment: environment.toml, with this portal's addresses and secrets."""

import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from mtnet_contracts.vocabulary.channels import CHANNELS

from launcher.processes import PROCESSES

VHOST = "mtnet"
TABLES: dict[str, dict[str, str]] = tomllib.loads(Path(__file__).with_suffix(".toml").read_text())


@dataclass(frozen=True)
class Addresses:
    """Where the parts of one portal find each other; `ports` holds the names of processes.PORTS."""

    postgres: str  # host:port
    amqp: str  # host:port
    management_url: str
    operator_url: str
    portal_url: str
    files_url: str
    smtp_url: str
    gateways_url: str  # the sandbox's; each channel but mail has a path there
    ports: Mapping[str, int]
    listen: str = "127.0.0.1"
    sandbox_data: str = ":memory:"
    # How many proxies stand in front of the gateways, and further names that the portal answers under, with commas.
    proxies: int = 0
    portal_hosts: str = ""


class Environments:
    """`of` any process by name, or of `operator`."""

    def __init__(self, addresses: Addresses, secrets: Mapping[str, str]) -> None:
        self._ports = addresses.ports
        self._secrets = secrets
        self._values = {**secrets, **asdict(addresses), "vhost": VHOST}
        self._values |= {f"{name}_port": port for name, port in addresses.ports.items()}

    def of(self, process: str) -> dict[str, str]:
        if process in ("gateway", "sandbox", "operator"):
            return self._told(process)
        service = process.removesuffix("-relay")
        if process != service:
            return self._told("service-and-relay", service=service, health=f"{service}_relay_health")
        return self._told(
            "service-and-relay", "service", service, service=service, health=f"{service}_health"
        )

    def migration(self, service: str) -> dict[str, str]:
        return self.of(service) | self._told("migration", service=service, health=f"{service}_health")

    def everything(self) -> dict[str, dict[str, str]]:
        """By process; for tools that write them all down."""
        return {process.name: self.of(process.name) for process in PROCESSES}

    def _told(self, *tables: str, service: str = "", health: str = "") -> dict[str, str]:
        values = dict(self._values)
        if service:
            values |= {"service": service, "health_port": self._ports[health]}
            for word in ("database_password", "database_owner_password", "broker_password"):
                values[word] = self._secrets[f"{service}_{word}"]
        told = {
            name: text.format_map(values) for table in tables for name, text in TABLES.get(table, {}).items()
        }
        return told | {
            name.format(CHANNEL=channel.upper()): text.format_map(values | {"channel": channel})
            for table in tables
            for name, text in TABLES.get(f"{table}-channels", {}).items()
            for channel in CHANNELS
            if channel != "email"
        }
