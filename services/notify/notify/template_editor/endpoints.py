"""How operators reach the editor of texts."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar

from mtnet_chassis.data.database import Transactions, Tx
from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.rpc.actor import Actor
from mtnet_chassis.rpc.endpoint import CONFIRMED_WITHIN, caller_of, endpoint
from mtnet_contracts.calls.notify import templates as calls
from mtnet_contracts.vocabulary.choices import Role

from notify.deliveries.sender import ChannelState
from notify.settings import settings
from notify.template_editor import actions, faxes, shapes, trials
from notify.template_editor.actions import kind_of
from notify.template_editor.rules import (
    NoOwnContact,
    TemplateChanged,
    TemplateFaulty,
    TemplateUnchanged,
    TooManyTests,
)
from notify.templates.rules import Links, NoSuchTemplate
from notify.templates.store import TemplateStore

Request = dict[str, Any]
OPERATORS: tuple[Role, ...] = ("operator",)


def operator(service: Any, tx: Tx, actor: Actor, request: Request) -> str:
    return caller_of(actor)


class TemplateEditorEndpoints:
    database: Transactions
    senders: Mapping[str, ChannelState]
    refusals: ClassVar[dict[type[Exception], Any]] = {
        NoSuchTemplate: calls.NOT_FOUND,
        TemplateChanged: "TEMPLATE_CHANGED",
        TemplateFaulty: "TEMPLATE_FAULTY",
        TemplateUnchanged: "TEMPLATE_UNCHANGED",
        NoOwnContact: "NO_OWN_CONTACT",
        TooManyTests: "TOO_MANY_TESTS",
    }

    @endpoint(calls.TEMPLATES, roles=OPERATORS)
    def templates(self, tx: Tx, actor: Actor, request: Request) -> Any:
        return shapes.lines_view(actions.lines(TemplateStore(tx)))

    @endpoint(calls.TEMPLATE, roles=OPERATORS)
    def template(self, tx: Tx, actor: Actor, request: Request) -> Any:
        found = actions.template(TemplateStore(tx), kind_of(request["kind"]), request["locale"])
        return shapes.template_view(found, _links(), request["reader"])

    @endpoint(calls.PREVIEW_TEMPLATE, roles=OPERATORS)
    def preview_template(self, tx: Tx, actor: Actor, request: Request) -> Any:
        found = actions.preview(_links(), *_text(request), request["chosen"])
        pages = faxes.pages(_links(), found, *_text(request), datetime.now(UTC)) if request["drawn"] else []
        return found | {"fax_pages": pages}

    @endpoint(calls.SAVE_TEMPLATE_DRAFT, roles=OPERATORS, authorise=operator)
    def save_template_draft(self, tx: Tx, actor: Actor, request: Request) -> Any:
        now = datetime.now(UTC)
        return actions.save_draft(TemplateStore(tx), actor, *_text(request), request["revision"], now)

    @endpoint(calls.PUBLISH_TEMPLATE, roles=OPERATORS, authorise=operator, confirmed_within=CONFIRMED_WITHIN)
    def publish_template(self, tx: Tx, actor: Actor, request: Request) -> Any:
        by, seen = (TemplateStore(tx), Outbox(tx), _links(), actor), request["revision"]
        return actions.publish(*by, *_text(request), seen, request["reason"], datetime.now(UTC))

    @endpoint(calls.RESTORE_TEMPLATE, roles=OPERATORS, authorise=operator, confirmed_within=CONFIRMED_WITHIN)
    def restore_template(self, tx: Tx, actor: Actor, request: Request) -> Any:
        by, what = (TemplateStore(tx), Outbox(tx), _links(), actor), (*_which(request), request["version"])
        return actions.restore(*by, *what, request["revision"], request["reason"], datetime.now(UTC))

    @endpoint(calls.TEMPLATE_VERSIONS, roles=OPERATORS)
    def template_versions(self, tx: Tx, actor: Actor, request: Request) -> Any:
        before, limit = request["before"], request["limit"]
        return shapes.versions_view(*actions.versions(TemplateStore(tx), *_which(request), before, limit))

    @endpoint(calls.TEMPLATE_DIFFERENCE, roles=OPERATORS)
    def template_difference(self, tx: Tx, actor: Actor, request: Request) -> Any:
        two = request["older"], request["newer"]
        return {"parts": actions.difference(TemplateStore(tx), *_which(request), *two)}

    @endpoint(calls.TEST_TEMPLATE, roles=OPERATORS, authorise=operator)
    def test_template(self, tx: Tx, actor: Actor, request: Request) -> Any:
        sending, now = (tx, self.database, self.senders), datetime.now(UTC)
        by = TemplateStore(tx), sending, _links(), actor
        return trials.send_to_oneself(*by, *_text(request), request["chosen"], now)


def _links() -> Links:
    return Links(settings().portal_url)


def _which(request: Request) -> tuple[Any, str]:
    return kind_of(request["kind"]), request["locale"]


def _text(request: Request) -> tuple[Any, str, Mapping[str, str]]:
    return *_which(request), request["parts"]
