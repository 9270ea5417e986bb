"""The gateway's settings, read from the environment."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlsplit

# Python code of one process uses one core: two answer signed-in people at twice the rate.
WORKERS = 2


class SettingMissing(RuntimeError):
    """A variable that the gateway cannot do without is not set."""


@dataclass(frozen=True)
class Settings:
    """`portal_url` is how people reach the portal: its scheme decides about secure cookies and redirects. No slash at
    its end. `hosts` are further names under which it answers.

    `proxies` is how many proxies in front may be believed about the client's address. Metrics are served on a
    port of their own, which must not be reachable from outside; without `metrics_port` they are not.
    """

    host: str
    port: int
    secret_key: str
    amqp_url: str
    files_url: str
    portal_url: str
    workers: int
    log_level: str
    proxies: int = 0
    hosts: tuple[str, ...] = ()
    rate_limits: bool = True
    metrics_host: str = "127.0.0.1"
    metrics_port: int | None = None

    @property
    def secure(self) -> bool:
        return self.portal_url.startswith("https://")

    @cached_property
    def own_hosts(self) -> frozenset[str]:
        """Lower-case names without port; IPv6 addresses without brackets."""
        return frozenset(
            host.lower() for host in (urlsplit(self.portal_url).hostname or "", *self.hosts) if host
        )


def settings_from_environment() -> Settings:
    """Raises SettingMissing."""
    return Settings(
        host=os.environ.get("GATEWAY_HOST", "127.0.0.1"),
        port=int(_needed("GATEWAY_PORT")),
        secret_key=_needed("GATEWAY_SECRET_KEY"),
        amqp_url=_needed("AMQP_URL"),
        files_url=_needed("FILES_URL"),
        portal_url=_needed("PORTAL_URL").rstrip("/"),
        workers=int(os.environ.get("GATEWAY_WORKERS", str(WORKERS))),
        log_level=os.environ.get("LOG_LEVEL", "INFO"),
        proxies=int(os.environ.get("GATEWAY_PROXIES", "0")),
        hosts=tuple(host.strip() for host in os.environ.get("PORTAL_HOSTS", "").split(",") if host.strip()),
        rate_limits=os.environ.get("GATEWAY_RATE_LIMITS", "on") != "off",
        metrics_host=os.environ.get("GATEWAY_METRICS_HOST", "127.0.0.1"),
        metrics_port=int(os.environ["GATEWAY_METRICS_PORT"])
        if os.environ.get("GATEWAY_METRICS_PORT")
        else None,
    )


def _needed(name: str) -> str:
    value = os.environ.get(name)
    if not value:
        raise SettingMissing(f"Set the environment variable {name}.")
    return value
