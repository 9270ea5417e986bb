"""Environment files for docker-compose.yml, from the same contract as `make run`."""

import base64
import json
import os
import secrets as randomness
from collections.abc import Mapping

from launcher.environment import VHOST, Addresses, Environments
from launcher.keys import secrets_in, write_private
from launcher.processes import PORTS
from launcher.public_address import public_address
from launcher.workspace import local_workspace

HEALTH_PORT = 8080


def container_addresses(secrets: Mapping[str, str]) -> Addresses:
    """Host names are the service names of docker-compose.yml; each container has the same health port.

    Raises AddressProblem.
    """
    operator = f"operator:{secrets['rabbitmq_password']}"
    address = public_address(f"http://127.0.0.1:{os.environ.get('PORTAL_PORT') or 8000}")
    return Addresses(
        postgres="postgres:5432",
        amqp="rabbitmq:5672",
        management_url=f"http://{operator}@rabbitmq:15672",
        operator_url=f"amqp://{operator}@rabbitmq:5672/{VHOST}",
        portal_url=address.url,
        portal_hosts=address.hosts,
        proxies=address.proxies + 1,  # the balancer
        files_url="file:///files",
        smtp_url="smtp://sandbox:1025",
        sms_url="http://sandbox:8025/sms",
        ports={**dict.fromkeys(PORTS, HEALTH_PORT), "portal": 8000, "inbox": 8025, "smtp": 1025},
        listen="0.0.0.0",
        sandbox_data="/data/inbox.sqlite",
    )


def compose_secrets() -> dict[str, str]:
    """The secrets of the containers: made once, apart from those of `make run`."""
    file = local_workspace().state / "compose" / "secrets.json"
    known = dict(secrets_in(file))
    for name in ("postgres_password", "rabbitmq_password"):
        known.setdefault(name, randomness.token_urlsafe(24))
    write_private(file, json.dumps(known, indent=2) + "\n")
    return known


def write_compose_environment() -> int:
    """One `<container>.env` for each container that is told something, under .local/compose."""
    secrets = compose_secrets()
    directory = local_workspace().state / "compose"
    packed = base64.b64encode(json.dumps(secrets).encode()).decode()
    environments = Environments(container_addresses(secrets), secrets)
    files = {
        **environments.everything(),
        "gateway": environments.gateway(),
        "operator": environments.operator(),
        "postgres": {"POSTGRES_PASSWORD": secrets["postgres_password"]},
        "rabbitmq": {
            "RABBITMQ_DEFAULT_USER": "operator",
            "RABBITMQ_DEFAULT_PASS": secrets["rabbitmq_password"],
        },
        "init": {"PORTAL_SECRETS": packed},
    }
    for name, environment in files.items():
        text = "".join(f"{key}={value}\n" for key, value in sorted(environment.items()))
        write_private(directory / f"{name}.env", text)
    print(f"Wrote {len(files)} environment files under {directory}.")
    return 0
