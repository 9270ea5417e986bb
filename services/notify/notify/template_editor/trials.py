"""A text sent to the operator who writes it, and to nobody else."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid5

from mtnet_chassis.data.database import Transactions, Tx
from mtnet_chassis.rpc.actor import Actor
from mtnet_contracts.vocabulary.masking import masked_contact

from notify.contact_points import actions as contact_points
from notify.contact_points.rules import EMAIL, SMS, ContactPoint
from notify.deliveries.sender import ChannelState
from notify.messages import actions as messages
from notify.messages.rules import Message
from notify.template_editor.actions import editable_parts, own_text
from notify.template_editor.rules import (
    MOST_TESTS,
    TESTS_WITHIN,
    NoOwnContact,
    TemplateFaulty,
    TooManyTests,
)
from notify.templates.actions import current_version
from notify.templates.checks import faults_of_text
from notify.templates.rules import Kind, Links
from notify.templates.samples import samples_of

if TYPE_CHECKING:
    from notify.templates.store import TemplateStore

WHY = "test"
# Accounts asks for a code before an address of these is the account's; others count once they were proved here.
PROVED_BY_ACCOUNTS = frozenset({EMAIL, SMS})


def send_to_oneself(
    store: TemplateStore,
    sending: tuple[Tx, Transactions, Mapping[str, ChannelState]],
    links: Links,
    actor: Actor,
    kind: Kind,
    locale: str,
    parts: Mapping[str, str],
    chosen: Mapping[str, str],
    now: datetime,
) -> dict[str, Any]:
    """By each channel that the text has and on which the operator has a proved contact, with sample values.

    Raises TemplateFaulty, NoOwnContact, TooManyTests.
    """
    tx, database, senders = sending
    own = own_text(kind, locale, parts)
    if faults_of_text(kind, locale, own, links.portal_url):
        raise TemplateFaulty
    points = _first_of_each_channel(tx, actor, kind, senders)
    if not points:
        raise NoOwnContact
    if store.tests_since(actor.account_id, now - TESTS_WITHIN) >= MOST_TESTS:
        raise TooManyTests
    version = store.add_version(
        kind,
        locale,
        current_version(kind),
        own,
        reason=WHY,
        author_id=actor.account_id,
        author=actor.account_name,
        at=now,
        is_test=True,
    )
    message = Message(
        message_id=uuid5(actor.account_id, f"test:{version}"),
        event_id=uuid5(actor.account_id, f"test:{version}"),
        kind=kind,
        subject_id=actor.account_id,
        locale=locale,
        named=tuple((point.channel, point.address) for point in points),
        details=samples_of(kind, links.portal_url, chosen),
        template_version=version,
    )
    messages.send(tx, database, senders, [message])
    return {"recipients": [masked_contact(point.address) for point in points]}


def _first_of_each_channel(
    tx: Tx, actor: Actor, kind: Kind, senders: Mapping[str, ChannelState]
) -> list[ContactPoint]:
    """Where the operator has shown that it is theirs."""
    person = contact_points.person_of(actor)
    has = {EMAIL, *editable_parts(kind)} & senders.keys()
    first: dict[str, ContactPoint] = {}
    for point in contact_points.points_of(tx, [person]).get(person, ()):
        given_by_event = point.channel in PROVED_BY_ACCOUNTS
        if point.channel in has and point.reachable and (point.own or given_by_event):
            first.setdefault(point.channel, point)
    return list(first.values())
