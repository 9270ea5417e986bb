"""A fault: found, announced, solved. What is solved stays as it is; if it comes back, that is another fault."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from helpdesk.desk_people.rules import Agent
from helpdesk.tickets.rules import State

SEVERITIES = ("low", "normal", "high", "critical")
LOCALES = ("zh-Hant", "en")
# The clock of whoever records it may be a little ahead.
AHEAD = timedelta(minutes=5)
CHANGEABLE = (
    "title_zh",
    "title_en",
    "affected_system",
    "severity",
    "started_at",
    "workaround_zh",
    "workaround_en",
    "cause",
)


class FaultNotFound(Exception):
    """No such fault."""


class FaultChanged(Exception):
    """Somebody changed it since it was seen."""


class FaultIsResolved(Exception):
    """It is over, and stays as it was written down."""


class StartsLater(Exception):
    """A fault has begun when it is recorded."""


class TooManyReports(Exception):
    """More tickets than one fault has."""


@dataclass(frozen=True, kw_only=True)
class Fault:
    """`announced_at`: since when everybody can read of it. `position`: its place among all faults."""

    fault_id: UUID
    number: str
    title_zh: str
    title_en: str
    affected_system: str
    severity: str
    started_at: datetime
    recorded_at: datetime
    recorded_by: str
    workaround_zh: str = ""
    workaround_en: str = ""
    cause: str = ""
    solution_zh: str = ""
    solution_en: str = ""
    announced_at: datetime | None = None
    resolved_at: datetime | None = None
    resolved_by: str | None = None
    version: int = 1
    position: int = 0

    @property
    def rank(self) -> int:
        """The worse, the higher."""
        return SEVERITIES.index(self.severity)

    def changed(self, version: int, fields: Mapping[str, Any], now: datetime) -> Fault:
        """Some of CHANGEABLE. Raises FaultIsResolved, FaultChanged, StartsLater."""
        self.require_open(version)
        if fields["started_at"] > now + AHEAD:
            raise StartsLater
        changed = replace(self, **{name: fields[name] for name in CHANGEABLE})
        return changed if changed == self else replace(changed, version=self.version + 1)

    def announced(self, version: int, now: datetime) -> Fault:
        """Once more is an update. Raises FaultIsResolved, FaultChanged."""
        self.require_open(version)
        return replace(self, announced_at=self.announced_at or now, version=self.version + 1)

    def resolved(
        self, agent: Agent, version: int, solution_zh: str, solution_en: str, cause: str, now: datetime
    ) -> Fault:
        """Raises FaultIsResolved, FaultChanged."""
        self.require_open(version)
        return replace(
            self,
            solution_zh=solution_zh,
            solution_en=solution_en,
            cause=cause or self.cause,
            resolved_at=now,
            resolved_by=agent.name,
            version=self.version + 1,
        )

    def require_open(self, version: int | None = None) -> None:
        """Raises FaultIsResolved, FaultChanged."""
        if self.resolved_at is not None:
            raise FaultIsResolved
        if version is not None and version != self.version:
            raise FaultChanged


@dataclass(frozen=True)
class Update:
    """What everybody was told: `kind` is announced, update or resolved."""

    kind: str
    at: datetime
    by: str
    text_zh: str
    text_en: str


@dataclass(frozen=True)
class Message:
    """A text on its way to reporters; `then`: what becomes of their tickets."""

    position: int
    fault_id: UUID
    text_zh: str
    text_en: str
    then: State | None
    agent_id: UUID
    agent_name: str
    begun_at: datetime


def again_after(tries: int) -> timedelta:
    """How long whoever could not be told is left aside: 5 seconds, then twice as long, up to 10 minutes."""
    return timedelta(seconds=min(5 * 2 ** min(tries - 1, 7), 600))


def told(zh: str, en: str) -> dict[str, str]:
    """A text by the language of whoever reads it."""
    return dict(zip(LOCALES, (zh, en), strict=True))


def with_workaround(text: str, workaround: str) -> str:
    return f"{text}\n\n{workaround}" if workaround else text


def number_of(year: int, count: int) -> str:
    """`F2026-000012`."""
    return f"F{year}-{count:06}"
