"""The events as a reader needs them: what each says, what it holds, its fields and an example."""

from __future__ import annotations

import inspect
import json
from dataclasses import dataclass
from functools import cache

from mtnet_contracts import events as _events  # noqa: F401 - importing them fills the catalogue
from mtnet_contracts import history
from mtnet_contracts.event import Event, catalogue
from mtnet_contracts.examples import example_payload


@dataclass(frozen=True)
class DescribedEvent:
    """`about` is the docstring of its contract, in English, `summary` its first line without marks; `holds` as in the
    vocabulary.

    `fields` are paths with their types, a question mark where one may be absent; `since` is the version that brought
    it.
    """

    source: str
    name: str
    holds: str
    about: str
    aggregate: str
    subject: str
    since: str
    fields: tuple[tuple[str, str], ...]
    example: str

    @property
    def key(self) -> str:
        return f"{self.source}.{self.name}"

    @property
    def summary(self) -> str:
        return self.about.splitlines()[0].replace("`", "")


@cache
def described() -> tuple[DescribedEvent, ...]:
    """Every event, by the service that announces it."""
    return tuple(_described(event) for event in catalogue())


def _described(event: type[Event]) -> DescribedEvent:
    key = f"{event.source}.{event.event_name()}"
    return DescribedEvent(
        source=event.source,
        name=event.event_name(),
        holds=event.holds.value,
        about=inspect.cleandoc(event.__doc__ or ""),
        aggregate=event.aggregate,
        subject=event.subject,
        since=history.since(key),
        fields=tuple((path, kind) for path, kind in history.present()[key].items() if path != "holds"),
        example=json.dumps(example_payload(event), ensure_ascii=False, indent=2),
    )
