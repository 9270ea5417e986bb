"""How the desk reaches quick answers: everybody searches, uses and proposes; leads write and decide."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, ClassVar

from mtnet_chassis.data.database import Tx
from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.rpc.actor import Actor
from mtnet_chassis.rpc.endpoint import Refused, endpoint
from mtnet_contracts.calls.call import INVALID, NOT_ALLOWED
from mtnet_contracts.calls.helpdesk import quick_answers as calls
from mtnet_contracts.vocabulary.dates import taipei_day
from mtnet_contracts.vocabulary.desk import DESK, DESK_LEADS
from mtnet_search.interface import NotReady, SearchIndex

from helpdesk.desk_people.access import desk_person
from helpdesk.quick_answers import actions
from helpdesk.quick_answers.rules import (
    DecisionNotAllowed,
    NotTheirs,
    QuickAnswerChanged,
    QuickAnswerNotFound,
    QuickAnswerRetired,
    QuickAnswersEnough,
    ReviewDayNotValid,
)
from helpdesk.quick_answers.shapes import answer_view, author_of, line_view

Request = dict[str, Any]
Reply = dict[str, Any]


class QuickAnswerEndpoints:
    quick_answer_index: SearchIndex
    refusals: ClassVar[dict[type[Exception], Any]] = {
        QuickAnswerNotFound: "QUICK_ANSWER_NOT_FOUND",
        QuickAnswerChanged: "QUICK_ANSWER_CHANGED",
        QuickAnswerRetired: "QUICK_ANSWER_RETIRED",
        QuickAnswersEnough: "QUICK_ANSWERS_ENOUGH",
        DecisionNotAllowed: "DECISION_NOT_ALLOWED",
        NotTheirs: NOT_ALLOWED,
        NotReady: "SEARCH_NOT_READY",
        ReviewDayNotValid: lambda _: Refused(INVALID, fields={"review_on": ["REVIEW_DAY"]}),
    }

    @endpoint(calls.SEARCH_QUICK_ANSWERS, roles=DESK)
    def search_quick_answers(self, tx: Tx, actor: Actor, request: Request) -> Reply:
        return {"items": actions.search(self.quick_answer_index, **request)}

    @endpoint(calls.NOTE_MISSING_ANSWER, roles=DESK, authorise=desk_person)
    def note_missing_answer(self, tx: Tx, actor: Actor, request: Request) -> Reply:
        return {"noted": actions.note_missing(tx, self.quick_answer_index, request["text"], _now())}

    @endpoint(calls.MISSING_ANSWERS, roles=DESK)
    def missing_answers(self, tx: Tx, actor: Actor, request: Request) -> Reply:
        return {"items": actions.missing(tx, request["limit"])}

    @endpoint(calls.QUICK_ANSWERS, roles=DESK)
    def quick_answers(self, tx: Tx, actor: Actor, request: Request) -> Reply:
        today = taipei_day(_now())
        items, next_before, due = actions.answers(tx, today, **request)
        return {"items": [line_view(each, today) for each in items], "next_before": next_before, "due": due}

    @endpoint(calls.QUICK_ANSWER, roles=DESK)
    def quick_answer(self, tx: Tx, actor: Actor, request: Request) -> Reply:
        return answer_view(actions.answer(tx, request["answer_id"]), author_of(actor), _now())

    @endpoint(calls.QUICK_ANSWER_HISTORY, roles=DESK)
    def quick_answer_history(self, tx: Tx, actor: Actor, request: Request) -> Reply:
        items, next_before = actions.history(tx, **request)
        return {"items": items, "next_before": next_before}

    @endpoint(calls.SAVE_QUICK_ANSWER, roles=DESK, authorise=desk_person)
    def save_quick_answer(self, tx: Tx, actor: Actor, request: Request) -> Reply:
        author, now = author_of(actor), _now()
        return answer_view(actions.save(tx, Outbox(tx), actor, author, **request, now=now), author, now)

    @endpoint(calls.DECIDE_QUICK_ANSWER, roles=DESK_LEADS, authorise=desk_person)
    def decide_quick_answer(self, tx: Tx, actor: Actor, request: Request) -> Reply:
        author, now = author_of(actor), _now()
        return answer_view(actions.decide(tx, Outbox(tx), actor, author, **request, now=now), author, now)

    @endpoint(calls.USE_QUICK_ANSWERS, roles=DESK, authorise=desk_person)
    def use_quick_answers(self, tx: Tx, actor: Actor, request: Request) -> Reply:
        return {"items": actions.use(tx, **request, now=datetime.now(UTC))}


def _now() -> datetime:
    return datetime.now(UTC)
