"""What can be done with LINE links: hear LINE's events, begin a link, end it, say how it stands."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4, uuid5

from mtnet_chassis.data.database import Transactions, Tx
from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.rpc.actor import Actor
from mtnet_chassis.rpc.holder import Holder
from mtnet_chassis.telemetry import logger
from mtnet_contracts.vocabulary.notices import Category

from notify.contact_points import actions as contact_points
from notify.contact_points.actions import person_of
from notify.contact_points.messages import line_linked, line_unlinked
from notify.contact_points.rules import LINE, AccountClosed, CaseHasAccount, Person
from notify.deliveries.sender import ChannelState
from notify.line_content import actions as line_content
from notify.line_content.rules import Received
from notify.line_links import messages
from notify.line_links.adapters import LinePlatform
from notify.line_links.rules import (
    ANSWER_AGAIN_AFTER,
    EVENTS_KEPT,
    NONCE_BYTES,
    NONCE_HOLDS,
    Answer,
    Intent,
    LineEvent,
    NotFromLine,
    What,
    digest_of,
    events_of,
    is_signed,
)
from notify.line_links.store import LineLinkStore
from notify.messages.actions import contact_of, send
from notify.own_choices.actions import note_line
from notify.preferences import actions as preferences

# Events have no id that a message's id could be made of; LINE's are made one by this name.
LINE_EVENTS = UUID("6f1f7f0e-6a57-4c1d-9d57-1f7a1c6f2f01")

log = logger()


@dataclass(frozen=True)
class Sending:
    """Where messages are written and senders woken."""

    database: Transactions
    senders: Mapping[str, ChannelState]


def receive(sending: Sending, platform: LinePlatform, body: bytes, signature: str, now: datetime) -> None:
    """What LINE tells: each event counts once, however often it comes. Then their users are answered.

    An answer that could not be given is given when LINE sends the event again, which it does when this call fails
    or its caller goes away. Raises NotFromLine, Unreadable.
    """
    if not is_signed(body, signature, platform.secrets):
        raise NotFromLine
    events = events_of(body)
    if not events:
        return
    with sending.database.transaction() as tx:
        owed = _heard(tx, sending, events, now)
    _give(sending, platform, events, owed, now)


def _heard(
    tx: Tx, sending: Sending, events: Sequence[LineEvent], now: datetime
) -> dict[str, tuple[str, str]]:
    """Apply what is new. Returns the answers that are owed, by event: one of Answer, and what the person is called."""
    store = LineLinkStore(tx)
    ids = [event.event_id for event in events]
    new = store.new_events(ids, now, now - EVENTS_KEPT)
    for event in events:
        if event.event_id in new:
            new.discard(event.event_id)
            answer, label = _apply(tx, store, sending, event, now)
            log.info("LINE event heard", what=event.what, answer=answer)
            if answer is not None and event.reply_token:
                store.owe_answer(event.event_id, answer, label)
    return store.owed_answers(ids)


def _give(
    sending: Sending,
    platform: LinePlatform,
    events: Sequence[LineEvent],
    owed: Mapping[str, tuple[str, str]],
    now: datetime,
) -> None:
    given = set()
    for event in events:
        if event.event_id in owed and event.reply_token:
            answer, label = owed[event.event_id]
            said = messages.chat_messages(Answer(answer), label, platform.link_address(event.user_id, now))
            if platform.answer(event.reply_token, said):
                given.add(event.event_id)
    if given:
        with sending.database.transaction() as tx:
            LineLinkStore(tx).answered(given)


def _apply(
    tx: Tx, store: LineLinkStore, sending: Sending, event: LineEvent, now: datetime
) -> tuple[Answer | None, str]:
    match event.what:
        case What.FOLLOW:
            return _follow(tx, store, event), ""
        case What.UNFOLLOW:
            if store.keep_following(event.user_id, False, event.at):
                contact_points.mark_unreachable(tx, LINE, event.user_id, event.at)
            return None, ""
        case What.ACCOUNT_LINK:
            return _link(tx, store, sending, event, now)
        case What.MESSAGE:
            line_content.hand_over(tx, Outbox(tx), received_of(event), now)
            if not store.may_answer(event.user_id, now, now - ANSWER_AGAIN_AFTER):
                return None, ""
            linked = contact_points.is_of_somebody(tx, LINE, event.user_id)
            return (Answer.WHERE_TO_TURN if linked else Answer.WHERE_TO_TURN_AND_LINK), ""


def received_of(event: LineEvent) -> Received:
    return Received(
        message_id=uuid5(LINE_EVENTS, event.event_id),
        webhook_event_id=event.event_id,
        line_user_id=event.user_id,
        kind=event.kind,
        text=event.text,
        sent_at=event.at,
        content_id=event.content_id,
        filename=event.filename,
    )


def _follow(tx: Tx, store: LineLinkStore, event: LineEvent) -> Answer | None:
    if not store.keep_following(event.user_id, True, event.at):
        return None
    contact_points.mark_reachable(tx, LINE, event.user_id, event.at)
    return Answer.WELCOME_BACK if contact_points.is_of_somebody(tx, LINE, event.user_id) else Answer.WELCOME


def _link(
    tx: Tx, store: LineLinkStore, sending: Sending, event: LineEvent, now: datetime
) -> tuple[Answer | None, str]:
    """LINE's user agreed. Linked is only the user whom the person was shown, and only with the person who agreed."""
    intent = store.use(digest_of(event.nonce), event.at)
    if intent is None or not event.linked or intent.user_id != event.user_id:
        log.warning(
            "LINE link refused", known=intent is not None, agreed=event.linked, person=_in_log(intent)
        )
        return Answer.NOT_LINKED, ""
    try:
        contact_points.add_verified(tx, intent.person, LINE, event.user_id, event.at)
        preferences.turn_on(tx, intent.person, Category.LEGAL, LINE, at=now)
    except (AccountClosed, CaseHasAccount) as closed:
        log.info("LINE link refused", problem=type(closed).__name__, person=_in_log(intent))
        return Answer.NOT_LINKED, ""
    known = store.following(event.user_id)
    if known is not None and not known.follows and known.as_of > event.at:
        # Blocked meanwhile, and we heard of it first.
        contact_points.mark_unreachable(tx, LINE, event.user_id, known.as_of)
    if intent.person.kind == "account":
        Outbox(tx).announce(line_linked(intent.person.id, event.user_id, event.at))
    note_line(tx, intent.person, None, now, linked=True)
    _tell(tx, sending, uuid5(LINE_EVENTS, event.event_id), intent.person, intent.label, "linked", now)
    log.info("LINE linked", person=_in_log(intent))
    return Answer.LINKED, intent.label


def _in_log(intent: Intent | None) -> str:
    return f"{intent.person.kind}:{intent.person.id}" if intent else ""


def _tell(
    tx: Tx, sending: Sending, event_id: UUID, person: Person, whom: str, change: str, now: datetime
) -> None:
    """By mail, so that the person knows of it if somebody else did it."""
    if (contact := contact_of(tx, person)) is not None:
        notice = messages.link_notice(event_id, person, contact, whom, change, now)
        send(tx, sending.database, sending.senders, [notice])


def target(platform: LinePlatform, token: str, now: datetime) -> str:
    """What LINE calls the user to whom the link was written. Raises LinkTokenNotValid, UserUnknown, LineAway."""
    return platform.display_name(platform.user_of(token, now))


def begin(
    database: Transactions, platform: LinePlatform, caller: Actor | Holder, token: str, now: datetime
) -> str:
    """The person has seen both sides and agrees. Returns where LINE asks its user.

    Raises LinkTokenNotValid, UserUnknown, LineAway, AccountClosed, CaseHasAccount.
    """
    person, user_id = person_of(caller), platform.user_of(token, now)
    nonce = secrets.token_urlsafe(NONCE_BYTES)
    address = platform.dialog_address(user_id, nonce)
    with database.transaction() as tx:
        contact_points.require_open(tx, person)
        intent = Intent(person, user_id, label_of(caller))
        LineLinkStore(tx).begin(digest_of(nonce), intent, now + NONCE_HOLDS)
    return address


def label_of(caller: Actor | Holder) -> str:
    """What the person is called in the chat."""
    return caller.case_number if isinstance(caller, Holder) else caller.account_name


def unlink(tx: Tx, sending: Sending, caller: Actor | Holder, now: datetime) -> None:
    """Doing it twice is doing it once."""
    person = person_of(caller)
    if contact_points.remove(tx, person, LINE):
        log.info("LINE unlinked", person=f"{person.kind}:{person.id}")
        if person.kind == "account":
            Outbox(tx).announce(line_unlinked(person.id, now))
        note_line(tx, person, caller, now, linked=False)
        _tell(tx, sending, uuid4(), person, label_of(caller), "unlinked", now)


def link(tx: Tx, platform: LinePlatform, caller: Actor | Holder) -> dict[str, object]:
    """How it stands."""
    point = contact_points.of(tx, person_of(caller), LINE)
    return {
        "linked": point is not None,
        "reachable": point is not None and point.reachable,
        "linked_at": point.proved_at if point else None,
        "add_friend_url": platform.add_friend_url,
    }
