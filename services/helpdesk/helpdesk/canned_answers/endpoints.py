"""How the desk reaches its texts, and an agent the views they keep."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, ClassVar

from mtnet_chassis.data.database import Tx
from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.rpc.actor import Actor
from mtnet_chassis.rpc.endpoint import Refused, endpoint
from mtnet_contracts.calls.call import INVALID
from mtnet_contracts.calls.helpdesk import canned_answers as calls
from mtnet_contracts.vocabulary.desk import DESK, DESK_LEADS

from helpdesk.canned_answers import actions
from helpdesk.canned_answers.actions import SavedViewsEnough
from helpdesk.canned_answers.rules import (
    CannedAnswerChanged,
    CannedAnswerNotFound,
    CannedAnswersEnough,
    UnknownField,
)
from helpdesk.desk_people.access import agent_of, desk_person

Request = dict[str, Any]
Reply = dict[str, Any]


def unknown_field(unknown: UnknownField) -> Refused:
    return Refused(INVALID, fields={name: ["UNKNOWN_TEXT_FIELD"] for name in unknown.languages})


class CannedAnswerEndpoints:
    """Everybody of the desk uses the texts; leads write them. A saved view is its agent's alone."""

    refusals: ClassVar[dict[type[Exception], Any]] = {
        CannedAnswerNotFound: "CANNED_ANSWER_NOT_FOUND",
        CannedAnswerChanged: "CANNED_ANSWER_CHANGED",
        CannedAnswersEnough: "CANNED_ANSWERS_ENOUGH",
        SavedViewsEnough: "SAVED_VIEWS_ENOUGH",
        UnknownField: unknown_field,
    }

    @endpoint(calls.SAVE_CANNED_ANSWER, roles=DESK_LEADS, authorise=desk_person)
    def save_canned_answer(self, tx: Tx, actor: Actor, request: Request) -> Any:
        return actions.save(tx, Outbox(tx), actor, agent_of(actor), **request, now=_now())

    @endpoint(calls.RETIRE_CANNED_ANSWER, roles=DESK_LEADS, authorise=desk_person)
    def retire_canned_answer(self, tx: Tx, actor: Actor, request: Request) -> None:
        actions.retire(tx, Outbox(tx), actor, request["canned_answer_id"], _now())

    @endpoint(calls.SAVED_VIEWS, roles=DESK)
    def saved_views(self, tx: Tx, actor: Actor, request: Request) -> Reply:
        return actions.views_of(tx, actor.account_id)

    @endpoint(calls.SAVE_VIEW, roles=DESK, authorise=desk_person)
    def save_view(self, tx: Tx, actor: Actor, request: Request) -> Reply:
        return actions.save_view(tx, actor.account_id, **request)

    @endpoint(calls.REMOVE_VIEW, roles=DESK, authorise=desk_person)
    def remove_view(self, tx: Tx, actor: Actor, request: Request) -> Reply:
        return actions.remove_view(tx, actor.account_id, **request)


def _now() -> datetime:
    return datetime.now(UTC)
