"""The environment of each process: environment.toml, with this portal's ports and secrets."""

import tomllib
from collections.abc import Mapping
from pathlib import Path

from mtnet_contracts.vocabulary.channels import CHANNELS

from launcher.processes import PROCESSES, SERVICES

VHOST = "mtnet"
TABLES: dict[str, dict[str, str]] = tomllib.loads(Path(__file__).with_suffix(".toml").read_text())


class Environments:
    """`of` any process by name, or of `operator`. `where` is `one-machine` or `containers`; `ports` has the names of
    processes.PORTS, `values` the secrets and what else environment.toml wants to know."""

    def __init__(self, where: str, ports: Mapping[str, int], values: Mapping[str, object]) -> None:
        self._ports = ports
        self._values = {**values, "vhost": VHOST, **{f"{name}_port": port for name, port in ports.items()}}
        self._values |= {name: text.format_map(self._values) for name, text in TABLES[where].items()}

    def of(self, process: str) -> dict[str, str]:
        service = process.removesuffix("-relay")
        if service not in SERVICES:
            return self._variables(process)
        known = self._variables("service-and-relay", service, f"{process.replace('-', '_')}_health")
        if process == service:
            known |= self._variables("service") | self._variables(service)
        return known

    def migration(self, service: str) -> dict[str, str]:
        return self.of(service) | self._variables("migration", service)

    def everything(self) -> dict[str, dict[str, str]]:
        """By process; for tools that write them all down."""
        return {process.name: self.of(process.name) for process in PROCESSES}

    def _variables(self, table: str, service: str = "", health: str = "") -> dict[str, str]:
        values = dict(self._values)
        if service:
            values |= {"service": service, "health_port": self._ports.get(health)}
            for word in ("database_password", "database_owner_password", "broker_password"):
                values[word] = values[f"{service}_{word}"]
        variables = {name: text.format_map(values) for name, text in TABLES.get(table, {}).items()}
        for channel in CHANNELS.keys() - {"email"}:
            for name, text in TABLES.get(f"{table}-channels", {}).items():
                variable = name.format(CHANNEL=channel.upper())
                variables.setdefault(variable, text.format_map(values | {"channel": channel}))
        return variables
