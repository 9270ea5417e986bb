"""Ask for a code by fax, confirm the number with it, and forget the number."""

import base64
import hashlib
import secrets
from datetime import datetime
from uuid import UUID, uuid4

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from mtnet_chassis.data.database import Tx
from mtnet_chassis.data.sealing import seal
from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.rpc.actor import Actor

from notify.channels.registry import channel_plans
from notify.contact_points import actions as contact_points
from notify.contact_points.messages import fax_confirmed, fax_removed
from notify.contact_points.rules import FAX, account
from notify.fax_codes.adapters import fax_number
from notify.fax_codes.rules import (
    LIFE,
    CodeWrong,
    FaxAway,
    FaxCode,
    NumberKnown,
    hashed,
    judge,
    new_code,
    require_allowed,
)
from notify.fax_codes.store import FaxCodeStore
from notify.messages.rules import Message, message_id_for
from notify.own_choices.actions import note_fax
from notify.templates.rules import Kind


def request_code(
    tx: Tx, unsealing_key: str, account_id: UUID, typed: str, locale: str, now: datetime
) -> tuple[FaxCode, Message]:
    """A code for this number, and the fax that brings it there.

    Raises NumberInvalid, NumberKnown, FaxAway, TooSoon, TooManyFaxes, AccountClosed.
    """
    number, person = fax_number(typed), account(account_id)
    if FAX not in channel_plans():
        raise FaxAway
    contact_points.require_open(tx, person)
    point = contact_points.of(tx, person, FAX)
    if point is not None and point.address == number and point.reachable:
        raise NumberKnown
    store, challenge_id = FaxCodeStore(tx), uuid4()
    require_allowed(store.sent_of_day(account_id, number, now), now)
    code = new_code(secrets.randbelow)
    waiting = FaxCode(
        challenge_id=challenge_id,
        account_id=account_id,
        number=number,
        code_hash=hashed(_hash_key(unsealing_key), challenge_id, code),
        sent_at=now,
        expires_at=now + LIFE,
    )
    store.add(waiting)
    sealed = seal(_public_key(unsealing_key), code, str(challenge_id))
    return waiting, _fax(waiting, sealed, locale)


def confirm_number(
    tx: Tx, unsealing_key: str, owner: Actor, challenge_id: UUID, typed: str, now: datetime
) -> None:
    """The number counts from now on. Raises CodeWrong, CodeExpired, CodeVoid, AccountClosed."""
    store = FaxCodeStore(tx)
    waiting = store.code_for_update(owner.account_id, challenge_id)
    if waiting is None:
        raise CodeWrong
    digits = "".join(character for character in typed if character.isdecimal())
    try:
        judge(waiting, hashed(_hash_key(unsealing_key), challenge_id, digits), now)
    except CodeWrong:
        store.count_try(challenge_id)
        raise
    store.mark_used(challenge_id, now)
    contact_points.add_verified(tx, account(owner.account_id), FAX, waiting.number, now)
    Outbox(tx).announce(fax_confirmed(owner.account_id, waiting.number, now))
    note_fax(tx, account(owner.account_id), owner, now, added=True)


def remove_number(tx: Tx, owner: Actor, now: datetime) -> bool:
    """Without the number that the owner gave. False where there was none."""
    person = account(owner.account_id)
    removed = contact_points.remove(tx, person, FAX)
    if removed:
        Outbox(tx).announce(fax_removed(owner.account_id, now))
        note_fax(tx, person, owner, now, added=False)
    return removed


def waiting_code(tx: Tx, account_id: UUID, now: datetime) -> FaxCode | None:
    """The number that waits for its code."""
    newest = FaxCodeStore(tx).newest(account_id)
    return newest if newest is not None and newest.is_waiting(now) else None


def _fax(code: FaxCode, sealed: str, locale: str) -> Message:
    kind = Kind.VERIFICATION_CODE
    return Message(
        message_id=message_id_for(code.challenge_id, kind, FAX),
        event_id=code.challenge_id,
        kind=kind,
        subject_id=code.challenge_id,
        named=((FAX, code.number),),
        locale=locale,
        details={"purpose": "new_contact", "expires_at": code.expires_at.isoformat()},
        sealed_secret=sealed,
        secret_context=str(code.challenge_id),
        expires_at=code.expires_at,
    )


def _hash_key(unsealing_key: str) -> bytes:
    return hashlib.sha256(b"mtnet code by fax\0" + base64.b64decode(unsealing_key)).digest()


def _public_key(unsealing_key: str) -> str:
    private = X25519PrivateKey.from_private_bytes(base64.b64decode(unsealing_key))
    return base64.b64encode(private.public_key().public_bytes_raw()).decode()
