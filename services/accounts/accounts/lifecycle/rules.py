"""What a lifecycle run does to an account, and how a run went. The days themselves: inactivity/rules.py."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from accounts.inactivity.rules import InactivityDates
from accounts.registry.rules import Account

# An unfinished run that did nothing for so long was ended from outside; each of its steps takes seconds.
SILENT_FOR = timedelta(minutes=10)
# A run that somebody waits for ends after so long; the hourly run does the rest.
RUN_SECONDS = 5.0
TIMER, COMMAND = "timer", "command"
OPERATOR = "operator"
OF_CUSTOMERS = ("member", "organisation_manager")


class Step(StrEnum):
    """What is done to an account."""

    DISABLE = "disable"
    FREEZE = "freeze"
    REMIND = "remind"


def check_own_closing(account: Account, typed_name: str) -> None:
    """Raises AccountNameDiffers, StaffAccount."""
    if typed_name.lower() != account.account_name.lower():
        raise AccountNameDiffers
    if not set(account.roles) <= set(OF_CUSTOMERS):
        raise StaffAccount(account.account_name)


@dataclass(frozen=True)
class DueAccount:
    """An account that a run has to do with, and its days as they are."""

    account_id: UUID
    account_name: str
    dates: InactivityDates


@dataclass(frozen=True)
class Planned:
    """What a run would do to an account, and the day since when that is due."""

    step: Step
    due_on: date
    account: DueAccount
    notice_days: int | None = None


@dataclass(frozen=True)
class Change:
    """What a run did to an account that nobody used since `active_on`. A reminder names `disable_on`."""

    account_id: UUID
    account_name: str
    step: Step
    active_on: date
    notice_days: int | None = None
    disable_on: date | None = None


@dataclass(frozen=True)
class RunResult:
    """How many accounts were disabled, frozen and reminded. Not `complete`: its time was up before all was done."""

    frozen: int = 0
    reminded: int = 0
    disabled: int = 0
    complete: bool = True
    run_id: UUID | None = field(default=None, compare=False)

    def plus(self, step: Step, number: int) -> RunResult:
        name = {Step.FREEZE: "frozen", Step.REMIND: "reminded", Step.DISABLE: "disabled"}[step]
        return replace(self, **{name: getattr(self, name) + number})


@dataclass(frozen=True)
class By:
    """Who closes an account: an operator's name, None for the owner; and who that is, and from where."""

    operator: str | None
    account_id: UUID
    ip: str | None


class NoOperator(Exception):
    """Whoever is named is no operator with an account in use."""


class StaffAccount(Exception):
    """The accounts of staff are closed by an operator, so that no case is left without its reviewer unseen."""


class AccountNameDiffers(Exception):
    """What was typed to say which account is meant is not the name of this account."""


class OwnAccount(Exception):
    """No operator closes their own account."""


class RunNotFound(Exception):
    """No run of that id, or its report is no longer kept."""


@dataclass(frozen=True, kw_only=True)
class Run:
    """The report of one run. `started_by` is an account name, `timer` or `command`; `as_of` a Taipei day."""

    run_id: UUID
    started_by: str
    as_of: date
    started_at: datetime
    last_step_at: datetime
    finished_at: datetime | None
    frozen: int
    reminded: int
    disabled: int

    def outcome(self, now: datetime) -> str:
        """`finished`, `running`, or `stopped`: ended from outside; the next run does what it left."""
        if self.finished_at is not None:
            return "finished"
        return "running" if now - self.last_step_at < SILENT_FOR else "stopped"
