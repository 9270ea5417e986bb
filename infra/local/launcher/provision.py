"""Databases, broker users, migrations, topology and demonstration content on servers that somebody else runs
(the containers' `init`); safe to repeat."""

import base64
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable

import psycopg

from launcher.broker import create_users
from launcher.compose import container_addresses
from launcher.databases import create_databases
from launcher.environment import Environments
from launcher.portal import PortalProblem
from launcher.processes import SERVICES
from launcher.progress import Progress
from launcher.sources import demonstration_of
from launcher.supervisor import BIN

PATIENCE_SECONDS = 120


def provision() -> int:
    """Needs PORTAL_SECRETS in the environment, as `launcher compose-env` writes it."""
    progress = Progress()
    secrets = json.loads(base64.b64decode(os.environ["PORTAL_SECRETS"]))
    environments = Environments(container_addresses(secrets), secrets)
    dsn = f"postgresql://postgres:{secrets['postgres_password']}@postgres:5432/postgres"
    management_url = environments.operator()["RABBITMQ_MANAGEMENT_URL"]
    with progress.step("databases, roles and rights"):
        patiently(lambda: create_databases(dsn, secrets), psycopg.OperationalError)
    with progress.step("broker users"):
        patiently(lambda: create_users(management_url, secrets), OSError)
    for service in SERVICES:
        with progress.step(f"migrations of {service}"):
            run(["mtnet", "migrate", service], environments.migration(service))
    for action in ("apply", "permissions"):
        with progress.step(f"topology {action}"):
            run(["mtnet", "topology", action], environments.operator())
    for service in SERVICES:
        if demonstration_of(service):
            with progress.step(f"demonstration content of {service}"):
                run(["python", "-m", f"{service}.demo"], environments.service(service))
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


def run(command: list[str], environment: dict[str, str]) -> None:
    done = subprocess.run(
        [str(BIN / command[0]), *command[1:]], env={**os.environ, **environment}, check=False
    )
    if done.returncode != 0:
        sys.stdout.flush()
        raise PortalProblem(f"`{' '.join(command)}` failed with code {done.returncode}")
