"""The containers: their environment files, and what `init` does before they start."""

import base64
import json
import os
from collections.abc import Mapping

from launcher.environment import Environments
from launcher.keys import secrets_in
from launcher.processes import PORTS
from launcher.provision import Provisioning, Steps
from launcher.public_address import public_address
from launcher.workspace import Workspace, write_private

# Each container has the same health port.
CONTAINER_PORTS = {**dict.fromkeys(PORTS, 8080), "portal": 8000, "inbox": 8025, "smtp": 1025, "imap": 1143}


def container_environments(secrets: Mapping[str, str]) -> Environments:
    """Raises Problem when a setting of the public address cannot be right."""
    address = public_address(
        f"http://127.0.0.1:{os.environ.get('PORTAL_PORT') or 8000}", own_proxies=1
    )  # the balancer
    inbox_url = f"http://127.0.0.1:{os.environ.get('INBOX_PORT') or 8025}"
    return Environments("containers", CONTAINER_PORTS, {**secrets, **address, "inbox_url": inbox_url})


def write_compose_environment(workspace: Workspace) -> int:
    """One `<container>.env` for each container that has settings, under .local/compose."""
    directory = workspace.state / "compose"
    secrets = secrets_in(directory / "secrets.json", "postgres_password", "rabbitmq_password")
    environments = container_environments(secrets)
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


def provision_containers(workspace: Workspace) -> int:
    """What `init` does, with PORTAL_SECRETS in its environment, when both servers say that they are healthy."""
    secrets = json.loads(base64.b64decode(os.environ["PORTAL_SECRETS"]))
    environments = container_environments(secrets)
    provisioning = Provisioning(environments, secrets, Steps())
    dsn = f"postgresql://postgres:{secrets['postgres_password']}@postgres:5432/postgres"
    provisioning.databases(dsn)
    provisioning.broker_users(environments.of("operator")["RABBITMQ_MANAGEMENT_URL"])
    provisioning.topology()
    provisioning.demonstration()
    return 0
