"""The containers: their environment files, and what `init` does before they start."""

import base64
import json
import os
import time
from collections.abc import Callable, Mapping

import psycopg

from launcher.environment import VHOST, Addresses, Environments
from launcher.keys import secrets_in
from launcher.processes import PORTS
from launcher.progress import Progress
from launcher.provision import Provisioning, Steps
from launcher.public_address import public_address
from launcher.workspace import Workspace, write_private

HEALTH_PORT = 8080
PATIENCE_SECONDS = 120


def container_addresses(secrets: Mapping[str, str]) -> Addresses:
    """Host names are the service names of docker-compose.yml; each container has the same health port.

    Raises Problem.
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
        gateways_url="http://sandbox:8025",
        ports={**dict.fromkeys(PORTS, HEALTH_PORT), "portal": 8000, "inbox": 8025, "smtp": 1025},
        listen="0.0.0.0",
        sandbox_data="/data/inbox.sqlite",
    )


def write_compose_environment(workspace: Workspace) -> int:
    """One `<container>.env` for each container that is told something, under .local/compose."""
    directory = workspace.state / "compose"
    secrets = secrets_in(directory / "secrets.json", "postgres_password", "rabbitmq_password")
    environments = Environments(container_addresses(secrets), secrets)
    files = {
        **environments.everything(),
        "operator": environments.of("operator"),
        "postgres": {"POSTGRES_PASSWORD": secrets["postgres_password"]},
        "rabbitmq": {
            "RABBITMQ_DEFAULT_USER": "operator",
            "RABBITMQ_DEFAULT_PASS": secrets["rabbitmq_password"],
        },
        "init": {"PORTAL_SECRETS": base64.b64encode(json.dumps(dict(secrets)).encode()).decode()},
    }
    for name, environment in files.items():
        text = "".join(f"{key}={value}\n" for key, value in sorted(environment.items()))
        write_private(directory / f"{name}.env", text)
    print(f"Wrote {len(files)} environment files under {directory}.")
    return 0


def provision_containers() -> int:
    """What `init` does, with PORTAL_SECRETS in its environment."""
    secrets = json.loads(base64.b64decode(os.environ["PORTAL_SECRETS"]))
    addresses = container_addresses(secrets)
    provisioning = Provisioning(Environments(addresses, secrets), secrets, Steps(None, Progress()))
    dsn = f"postgresql://postgres:{secrets['postgres_password']}@{addresses.postgres}/postgres"
    patiently(lambda: provisioning.databases(dsn), psycopg.OperationalError)
    patiently(lambda: provisioning.broker_users(addresses.management_url), OSError)
    provisioning.topology()
    provisioning.demonstration()
    return 0


def patiently(work: Callable[[], None], passing: type[Exception]) -> None:
    """Servers that have just been started may need some time before they answer."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return work()
        except passing:
            if time.monotonic() > deadline:
                raise
            time.sleep(1)
