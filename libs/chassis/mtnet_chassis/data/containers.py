"""What entrypoints need from the Nameko container that they run in."""

from __future__ import annotations

from typing import Any

from mtnet_chassis.data.database import Database, Transactions


def instance_of(container: Any) -> Any:
    """A service object with its dependencies, as Nameko would make for one piece of work."""
    service = container.service_cls()
    for provider in container.dependencies:
        setattr(service, provider.attr_name, provider.get_dependency(None))
    return service


def database_of(container: Any) -> Transactions:
    """The transactions of the service's Database dependency. Raises RuntimeError without one."""
    for provider in container.dependencies:
        if isinstance(provider, Database):
            return provider.transactions
    raise RuntimeError(f"{container.service_cls.__name__} needs `database = Database()`")
