"""The broker's virtual host, and a user for each service and the gateway; rights come from the topology."""

from collections.abc import Mapping
from urllib.parse import quote, unquote, urlsplit

from launcher.environment import VHOST
from launcher.processes import SERVICES
from launcher.servers.management import management_call

USERS = (*SERVICES, "gateway")


def create_users(management_url: str, secrets: Mapping[str, str]) -> None:
    """Creates the virtual host and the users; safe to repeat."""
    operator = unquote(urlsplit(management_url).username or "")
    management_call(management_url, "PUT", f"vhosts/{VHOST}")
    everything = {"configure": ".*", "write": ".*", "read": ".*"}
    management_call(management_url, "PUT", f"permissions/{VHOST}/{quote(operator)}", everything)
    for user in USERS:
        account = {"password": secrets[f"{user}_broker_password"], "tags": ""}
        management_call(management_url, "PUT", f"users/{user}", account)
