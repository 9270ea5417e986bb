"""The events as a reader needs them: what each says, what it holds, its fields and an example."""

from __future__ import annotations

import inspect
import json
from dataclasses import dataclass
from functools import cache

from mtnet_contracts import events as _events  # noqa: F401 - importing them fills the catalogue
from mtnet_contracts.event import Event, catalogue
from mtnet_contracts.examples import example_payload


@dataclass(frozen=True)
class DescribedEvent:
    """`about` is the docstring of its contract, in English, `summary` its first line; `holds` as in the vocabulary."""

    source: str
    name: str
    holds: str
    about: str
    aggregate: str
    subject: str
    example: str

    @property
    def key(self) -> str:
        return f"{self.source}.{self.name}"

    @property
    def summary(self) -> str:
        return self.about.splitlines()[0]


@cache
def described() -> tuple[DescribedEvent, ...]:
    """Every event, by the service that announces it."""
    return tuple(_described(event) for event in catalogue())


def _described(event: type[Event]) -> DescribedEvent:
    return DescribedEvent(
        source=event.source,
        name=event.event_name(),
        holds=event.holds.value,
        about=inspect.cleandoc(event.__doc__ or ""),
        aggregate=event.aggregate,
        subject=event.subject,
        example=json.dumps(example_payload(event), ensure_ascii=False, indent=2),
    )
