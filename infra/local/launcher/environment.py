"""What each process is told through its environment."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from launcher.processes import SERVICES

VHOST = "mtnet"


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
    sms_url: str
    ports: Mapping[str, int]
    listen: str = "127.0.0.1"
    sandbox_data: str = ":memory:"
    # How many proxies stand in front of the gateways, and further names that the portal answers under, with commas.
    proxies: int = 0
    portal_hosts: str = ""


class Environments:
    """The environment contract: one method a kind of process, `of` for any of them by name."""

    def __init__(self, addresses: Addresses, secrets: Mapping[str, str]) -> None:
        self._at = addresses
        self._secrets = secrets

    def of(self, process: str) -> dict[str, str]:
        if process == "sandbox":
            return self.sandbox()
        if process == "gateway":
            return self.gateway()
        if process.endswith("-relay"):
            return self.relay(process.removesuffix("-relay"))
        return self.service(process)

    def database_url(self, service: str, *, owner: bool = False) -> str:
        role, kind = (f"{service}_owner", "database_owner") if owner else (service, "database")
        word = quote(self._secrets[f"{service}_{kind}_password"])
        return f"postgresql://{role}:{word}@{self._at.postgres}/mtnet_{service}"

    def amqp_url(self, user: str) -> str:
        return f"amqp://{user}:{quote(self._secrets[f'{user}_broker_password'])}@{self._at.amqp}/{VHOST}"

    def operator(self) -> dict[str, str]:
        """For topology, permissions and whatever is stuck."""
        return {
            "AMQP_OPERATOR_URL": self._at.operator_url,
            "RABBITMQ_MANAGEMENT_URL": self._at.management_url,
            **{f"{service.upper()}_DATABASE_URL": self.database_url(service) for service in SERVICES},
        }

    def migration(self, service: str) -> dict[str, str]:
        return {**self.service(service), "MIGRATION_DATABASE_URL": self.database_url(service, owner=True)}

    def _any_service(self, service: str, health_port: str) -> dict[str, str]:
        return {
            "DATABASE_URL": self.database_url(service),
            "AMQP_URL": self.amqp_url(service),
            "HEALTH_HOST": self._at.listen,
            "HEALTH_PORT": str(self._at.ports[health_port]),
            "LOG_LEVEL": "INFO",
            "ACTOR_PUBLIC_KEY": self._secrets["actor_public_key"],
        }

    def relay(self, service: str) -> dict[str, str]:
        return self._any_service(service, f"{service}_relay_health")

    def service(self, service: str) -> dict[str, str]:
        environment = {
            **self._any_service(service, f"{service}_health"),
            "SEALING_PUBLIC_KEY": self._secrets["sealing_public_key"],
            "PORTAL_URL": self._at.portal_url,
            "FILES_URL": self._at.files_url,
        }
        if service == "accounts":
            environment |= {
                "ACCOUNTS_ACTOR_PRIVATE_KEY": self._secrets["actor_private_key"],
                "ACCOUNTS_ID_NUMBER_KEYS": self._secrets["id_number_keys"],
                "ACCOUNTS_BLIND_INDEX_KEY": self._secrets["blind_index_key"],
                "ACCOUNTS_LIFECYCLE_SECONDS": "3600",
            }
        if service == "notify":
            environment |= {
                "NOTIFY_SEALING_PRIVATE_KEY": self._secrets["sealing_private_key"],
                "NOTIFY_SMTP_URL": self._at.smtp_url,
                "NOTIFY_SMS_URL": self._at.sms_url,
                "NOTIFY_SMS_TOKEN": self._secrets["sms_token"],
                "NOTIFY_MAIL_FROM": "no-reply@mtnet.example",
            }
        return environment

    def gateway(self) -> dict[str, str]:
        return {
            "GATEWAY_HOST": self._at.listen,
            "GATEWAY_PORT": str(self._at.ports["portal"]),
            "GATEWAY_SECRET_KEY": self._secrets["gateway_secret_key"],
            "AMQP_URL": self.amqp_url("gateway"),
            "ACTOR_PUBLIC_KEY": self._secrets["actor_public_key"],
            "FILES_URL": self._at.files_url,
            "PORTAL_URL": self._at.portal_url,
            "PORTAL_HOSTS": self._at.portal_hosts,
            "GATEWAY_PROXIES": str(self._at.proxies),
            "LOG_LEVEL": "INFO",
        }

    def sandbox(self) -> dict[str, str]:
        return {
            "SANDBOX_HOST": self._at.listen,
            "SANDBOX_SMTP_PORT": str(self._at.ports["smtp"]),
            "SANDBOX_HTTP_PORT": str(self._at.ports["inbox"]),
            "SANDBOX_DATA": self._at.sandbox_data,
            "NOTIFY_SMS_TOKEN": self._secrets["sms_token"],
        }

    def everything(self) -> dict[str, dict[str, str]]:
        """By process; for tools that write them all down."""
        names = ["sandbox", "gateway", *SERVICES, *(f"{service}-relay" for service in SERVICES)]
        return {name: self.of(name) for name in names}
