"""What can be done with preferences: look them up for many persons at once, choose, switch one channel on or off."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from mtnet_chassis.data.database import Tx
from mtnet_contracts.vocabulary.notices import Category

from notify.contact_points import actions as contact_points
from notify.contact_points import rules as persons
from notify.contact_points.rules import Address, Person
from notify.preferences import rules
from notify.preferences.rules import Channels
from notify.preferences.store import PreferenceStore


def chosen_channels(tx: Tx, people: Collection[Person]) -> Mapping[Person, Mapping[Category, Channels]]:
    """For each person and category the channels that hold, whether chosen, by default or always on; one query."""
    if not people:
        return {}
    chosen = PreferenceStore(tx).chosen(people)
    return {person: rules.complete(chosen.get(person, {})) for person in people}


def choose(tx: Tx, person: Person, wanted: Mapping[Category, Channels], at: datetime) -> None:
    """Raises NotChoosable, AccountClosed, CaseHasAccount. Categories that are not named stay as they are."""
    chosen = {category: rules.choice(category, channels) for category, channels in wanted.items()}
    if not set(chosen) <= set(rules.CATEGORIES_OF[person.kind]):
        raise rules.NotChoosable
    contact_points.require_open(tx, person)
    PreferenceStore(tx).keep(person, chosen, at)


def turn_off(tx: Tx, person: Person, category: Category, channel: str = rules.EMAIL, *, at: datetime) -> None:
    """Nothing of this category goes to this channel any more. Raises NotChoosable, AccountClosed, CaseHasAccount."""
    contact_points.require_open(tx, person)
    held = chosen_channels(tx, [person])[person]
    PreferenceStore(tx).keep(person, {category: rules.without(held, category, channel)}, at)


def turn_on(tx: Tx, person: Person, category: Category, channel: str, *, at: datetime) -> None:
    """Messages of this category go to this channel, too. Raises NotChoosable, AccountClosed, CaseHasAccount."""
    contact_points.require_open(tx, person)
    held = chosen_channels(tx, [person])[person]
    PreferenceStore(tx).keep(person, {category: rules.with_channel(held, category, channel)}, at)


# With contact points: what an account is opened and closed with


def open_account(
    tx: Tx,
    application_id: UUID,
    account_id: UUID,
    addresses: Sequence[Address],
    fax: str | None,
    opened_at: datetime,
) -> None:
    """An application became an account: its owner is reached, and told, as the applicant chose."""
    owner = persons.account(account_id)
    contact_points.keep_points(tx, owner, addresses, opened_at)
    if contact_points.take_over(tx, application_id, account_id, fax, opened_at):
        PreferenceStore(tx).take_over(persons.application(application_id), owner)


def close_account(tx: Tx, account_id: UUID) -> None:
    """Its owner has no address and no choice any more."""
    owner = persons.account(account_id)
    contact_points.forget(tx, owner)
    PreferenceStore(tx).forget(owner)
