"""Find a service by its name: its class, what its groups listen to, where its migrations are."""

from __future__ import annotations

import importlib
import importlib.util
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mtnet_contracts.event import Event
from nameko.extensions import ENTRYPOINT_EXTENSIONS_ATTR

from mtnet_chassis.events.handling import EventEntrypoint
from mtnet_chassis.rpc.server import CallEntrypoint

SERVICES = ("accounts", "review", "notify", "content", "helpdesk")


@dataclass(frozen=True)
class Group:
    """A handler group of a service, as the topology needs it."""

    service: str
    name: str
    ordered: bool
    contracts: frozenset[type[Event]]

    @property
    def queue(self) -> str:
        return f"{self.service}.{self.name}"


@dataclass(frozen=True)
class ServicePlan:
    """What a service needs of the broker."""

    name: str
    groups: tuple[Group, ...]
    answers_calls: bool


def service_class(name: str) -> Any:
    """The Nameko class: `<name>.service.Service`."""
    return importlib.import_module(f"{name}.service").Service


def plan_of(name: str) -> ServicePlan:
    """Read a service's plan from its own code."""
    cls = service_class(name)
    found: dict[str, list[EventEntrypoint]] = {}
    calls = False
    for entrypoint in entrypoints_of(cls):
        if isinstance(entrypoint, EventEntrypoint):
            found.setdefault(entrypoint.group, []).append(entrypoint)
        calls = calls or isinstance(entrypoint, CallEntrypoint)
    groups = tuple(
        Group(
            service=name,
            name=group,
            ordered=any(e.ordered for e in entrypoints),
            contracts=frozenset(c for e in entrypoints for c in e.contracts),
        )
        for group, entrypoints in sorted(found.items())
    )
    return ServicePlan(name, groups, calls)


def entrypoints_of(cls: Any) -> Iterator[Any]:
    for attribute in dir(cls):
        yield from getattr(getattr(cls, attribute), ENTRYPOINT_EXTENSIONS_ATTR, ())


def migrations_of(name: str) -> Path:
    """The folder of a service's migrations: MIGRATIONS_DIR/<name>, or beside the package in a checkout.

    Raises FileNotFoundError.
    """
    base = os.environ.get("MIGRATIONS_DIR")
    if base:
        folder = Path(base) / name
    else:
        spec = importlib.util.find_spec(name)
        if spec is None or not spec.submodule_search_locations:
            raise FileNotFoundError(f"there is no service {name}")
        folder = Path(next(iter(spec.submodule_search_locations))).parent / "migrations"
    if not folder.is_dir():
        raise FileNotFoundError(folder)
    return folder
