"""Find services: which are installed, the class of one, its plan for the broker, its migrations.

The service `review` is the package `review` with the class `review.service.Service`. An installed one says so in its
pyproject.toml, and a caller names its plan:

    [project.entry-points."mtnet.services"]
    review = "review.service:Service"
    [project.entry-points."mtnet.callers"]
    gateway = "gateway.rpc.rights:PLAN"
"""

from __future__ import annotations

import importlib
import importlib.util
import os
from collections.abc import Iterator
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from nameko.extensions import ENTRYPOINT_EXTENSIONS_ATTR

from mtnet_chassis.broker.plan import CallerPlan, Group, ServicePlan
from mtnet_chassis.data.retention import CHASSIS_RULES, Rule
from mtnet_chassis.events.consumer import EventEntrypoint
from mtnet_chassis.rpc.server import CallEntrypoint


def installed_services() -> tuple[str, ...]:
    """The names of the services in this environment."""
    return tuple(sorted({entry.name for entry in entry_points(group="mtnet.services")}))


def installed_callers() -> tuple[CallerPlan, ...]:
    """The plans of the callers in this environment."""
    return tuple(entry.load() for entry in entry_points(group="mtnet.callers"))


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
    return ServicePlan(name, groups, calls, getattr(cls, "reads_downstream", False))


def entrypoints_of(cls: Any) -> Iterator[Any]:
    for attribute in dir(cls):
        yield from getattr(getattr(cls, attribute), ENTRYPOINT_EXTENSIONS_ATTR, ())


def retention_of(name: str) -> tuple[Rule, ...]:
    """How long each table is kept: `<name>.retention.RULES`, if there are any, and those of the chassis."""
    own: tuple[Rule, ...] = ()
    if importlib.util.find_spec(f"{name}.retention") is not None:
        own = importlib.import_module(f"{name}.retention").RULES
    return (*own, *CHASSIS_RULES)


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
