"""What is done to unused accounts, and how runs end, in words."""

from __future__ import annotations

from mtnet_contracts.vocabulary.texts import N_

from gateway.locale import gettext

STEPS = {
    "disable": N_("Disabled: 12 months without login"),
    "freeze": N_("Frozen: 90 days without login"),
    "remind": N_("Reminded that it will be disabled"),
}
OUTCOMES = {
    "finished": N_("Finished"),
    "running": N_("Running"),
    "stopped": N_("Stopped before its end; the next run did the rest"),
}
STARTED_BY = {"timer": N_("Hourly, by itself"), "command": N_("By command")}


def by_whom(started_by: str) -> str:
    """Who started a run: an account name, or the words for the timer or the command."""
    return gettext(STARTED_BY[started_by]) if started_by in STARTED_BY else started_by
