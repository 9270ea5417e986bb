"""Quick answers as the desk sees them, and who asks."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from mtnet_chassis.rpc.actor import Actor
from mtnet_contracts.vocabulary.dates import taipei_day

from helpdesk.desk_people.access import agent_of
from helpdesk.quick_answers.rules import Author, QuickAnswer, may_change, possible


def author_of(actor: Actor) -> Author:
    agent = agent_of(actor)
    return Author(agent.account_id, agent.name, agent.lead)


def line_view(answer: QuickAnswer, today: date) -> dict[str, Any]:
    return vars(answer) | {"due": answer.is_due(today)}


def answer_view(answer: QuickAnswer, author: Author, now: datetime) -> dict[str, Any]:
    return line_view(answer, taipei_day(now)) | {
        "decisions": possible(answer, author),
        "editable": may_change(answer, author),
    }
