"""What can be done with requesters: find who writes, keep what accounts say, join two that are one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from mtnet_chassis.data.database import Tx

from helpdesk.requesters.rules import (
    LONGEST_ADDRESS,
    LONGEST_NAME,
    TOLD_APART,
    AddressKey,
    NotJoined,
    Requester,
    RequesterNotFound,
    SameRequester,
    TwoAccounts,
    address_key,
    shown_name,
)
from helpdesk.requesters.store import RequesterStore


@dataclass(frozen=True)
class Sender:
    """Who wrote, from where. `item_id` stands in the place of an address where there is none: somebody new."""

    channel: str
    address: str
    name: str
    locale: str
    item_id: UUID

    @property
    def key(self) -> AddressKey:
        return self.channel, address_key(self.channel, self.address) or str(self.item_id)


def requester_of(
    tx: Tx, channel: str, address: str, name: str, locale: str, item_id: UUID, now: datetime
) -> Requester:
    """Whoever wrote from there; see `requesters_of`."""
    return requesters_of(tx, [Sender(channel, address, name, locale, item_id)], now)[0]


def requesters_of(tx: Tx, senders: Sequence[Sender], now: datetime) -> list[Requester]:
    """Whoever wrote from there, made where they are new. An address of exactly one account is its owner's."""
    store = RequesterStore(tx)
    by_key = {each.key: each for each in reversed(senders)}
    store.lock_addresses(sorted(by_key))
    found = store.requesters_at(list(by_key), now)
    accounts = store.accounts_at([key for key in by_key if key not in found or found[key].account_id is None])
    new: dict[AddressKey, Requester] = {}
    for key, sender in by_key.items():
        of_address = accounts.get(key, ())
        if key not in found:
            owner = _of_account(store, *of_address[0], now) if len(of_address) == 1 else None
            new[key] = owner or _stranger(sender, now)
        elif found[key].account_id is None and len(of_address) == 1:
            # They wrote before they had an account, or before they gave it this address.
            store.give_account(found[key].requester_id, of_address[0][0])
    store.add_strangers([each for each in new.values() if each.account_id is None])
    store.add_addresses(
        [(new[key].requester_id, key, by_key[key].address[:LONGEST_ADDRESS]) for key in new], now
    )
    return [(found | new)[each.key] for each in senders]


def add_address(tx: Tx, requester_id: UUID, channel: str, address: str, now: datetime) -> None:
    """They can be reached there, too."""
    if key := address_key(channel, address):
        RequesterStore(tx).add_addresses([(requester_id, (channel, key), address[:LONGEST_ADDRESS])], now)


def _of_account(
    store: RequesterStore, account_id: UUID, name: str, locale: str, now: datetime
) -> Requester | None:
    made = Requester(uuid4(), name[:LONGEST_NAME], locale, account_id, None, now)
    return made if store.add(made) else store.requester_of_account(account_id)


def _stranger(sender: Sender, now: datetime) -> Requester:
    name = shown_name(sender.channel, sender.name, sender.address)
    return Requester(uuid4(), name[:LONGEST_NAME], sender.locale, None, None, now)


def people(tx: Tx, person_ids: Sequence[UUID]) -> dict[UUID, list[UUID]]:
    """Of each person all requesters that they are, the one under whose name they stand first."""
    return RequesterStore(tx).people(person_ids)


def person_ids(tx: Tx, requester_id: UUID) -> list[UUID]:
    """All requesters that are this person. Raises RequesterNotFound."""
    store = RequesterStore(tx)
    person_id = _found(store.requester(requester_id)).person_id
    return [person_id, *(each.requester_id for each in store.joined_with(person_id))]


def person(tx: Tx, requester_id: UUID) -> tuple[Requester, Sequence[Requester]]:
    """Under whose name they stand, and who was joined to them. Raises RequesterNotFound."""
    store = RequesterStore(tx)
    found = _found(store.requester(requester_id))
    if found.joined_to is not None:
        found = _found(store.requester(found.joined_to))
    return found, store.joined_with(found.requester_id)


def addresses_of(tx: Tx, requester_ids: Sequence[UUID]) -> list[tuple[str, str]]:
    """Channel and address as it was written, last used first."""
    return RequesterStore(tx).addresses_of(requester_ids)


def join(tx: Tx, requester_id: UUID, other_id: UUID) -> None:
    """`other_id` is found to be `requester_id`. Raises RequesterNotFound, SameRequester, TwoAccounts."""
    store = RequesterStore(tx)
    first, second = sorted((requester_id, other_id))
    locked = {each: _found(store.requester_for_update(each)) for each in {first, second}}
    into, gone = (
        _found(store.requester_for_update(locked[each].person_id)) for each in (requester_id, other_id)
    )
    if into.requester_id == gone.requester_id:
        raise SameRequester
    if into.account_id is not None and gone.account_id is not None:
        raise TwoAccounts
    store.join(gone.requester_id, into.requester_id)


def undo_join(tx: Tx, requester_id: UUID) -> None:
    """Raises RequesterNotFound, NotJoined."""
    store = RequesterStore(tx)
    if _found(store.requester_for_update(requester_id)).joined_to is None:
        raise NotJoined
    store.undo_join(requester_id)


def _found(requester: Requester | None) -> Requester:
    if requester is None:
        raise RequesterNotFound
    return requester


# What accounts and notify say.


def keep_account(
    tx: Tx,
    account_id: UUID,
    name: str,
    locale: str,
    addresses: Sequence[tuple[str, str]],
    as_of: datetime,
) -> None:
    """These addresses, and no others, are this account's, unless something later is known."""
    RequesterStore(tx).keep_account(account_id, name[:LONGEST_NAME], locale, addresses, as_of)


def keep_former(
    tx: Tx,
    account_id: UUID,
    name: str,
    locale: str,
    addresses: Sequence[tuple[str, str]],
    as_of: datetime,
) -> None:
    """The addresses as they were before somebody else changed them: whoever wrote from theirs is not the owner."""
    store = RequesterStore(tx)
    before = {each for each in store.addresses_of_account(account_id) if each[0] not in TOLD_APART}
    keep_account(tx, account_id, name, locale, addresses, as_of)
    _take_from_owner(store, account_id, before - store.addresses_of_account(account_id), as_of)


def keep_line(tx: Tx, account_id: UUID, line_user_id: str | None, as_of: datetime) -> None:
    """The LINE user that the account is linked with; None: with none."""
    _keep(tx, account_id, "line", line_user_id, as_of)


def undo_line(tx: Tx, account_id: UUID, as_of: datetime) -> None:
    """Somebody else had linked it: that user of LINE is not the owner, and was not."""
    _undo(tx, account_id, "line", as_of)


def keep_fax(tx: Tx, account_id: UUID, number: str | None, as_of: datetime) -> None:
    """The account's fax number as it is compared; None: it has none."""
    _keep(tx, account_id, "fax", number, as_of)


def undo_fax(tx: Tx, account_id: UUID, as_of: datetime) -> None:
    """Somebody else had confirmed it: whoever faxes from there is not the owner, and was not."""
    _undo(tx, account_id, "fax", as_of)


def _keep(tx: Tx, account_id: UUID, channel: str, key: str | None, as_of: datetime) -> None:
    """Whoever wrote from there before the owner showed that it is theirs is the owner as well; agents can undo it."""
    store = RequesterStore(tx)
    if not store.keep_one(account_id, channel, key, as_of) or not key:
        return
    address = (channel, key)
    store.lock_addresses([address])
    of_address = store.accounts_at([address]).get(address, ())
    wrote, owner = store.requester_at(address), store.requester_of_account(account_id)
    if len(of_address) != 1 or wrote is None or owner is None:
        return
    if wrote.account_id is None and wrote.joined_to is None:
        store.join(wrote.requester_id, owner.person_id)


def _undo(tx: Tx, account_id: UUID, channel: str, as_of: datetime) -> None:
    store = RequesterStore(tx)
    before = {each for each in store.addresses_of_account(account_id) if each[0] == channel}
    store.keep_one(account_id, channel, None, as_of)
    _take_from_owner(store, account_id, before - store.addresses_of_account(account_id), as_of)


def _take_from_owner(
    store: RequesterStore, account_id: UUID, addresses: Iterable[tuple[str, str]], now: datetime
) -> None:
    """Who writes from there is somebody of their own from now on."""
    keys = sorted(addresses)
    store.lock_addresses(keys)
    for channel, key in keys:
        if (found := store.address_at(account_id, channel, key)) is not None:
            address, locale, requester_id, joined = found
            if joined:
                store.undo_join(requester_id)
                continue
            stranger = _stranger(Sender(channel, address, "", locale, uuid4()), now)
            store.add_strangers([stranger])
            store.give_address(channel, key, stranger.requester_id)


def forget_account(tx: Tx, account_id: UUID, as_of: datetime) -> None:
    """It is closed: nobody is taken for its owner any more."""
    RequesterStore(tx).forget_account(account_id, as_of)
