"""What can be done with the link of a mail: see what it stops, and stop it."""

from contextlib import suppress
from datetime import datetime

from mtnet_chassis.data.database import Tx
from mtnet_contracts.vocabulary.notices import Category

from notify.channels.email.unsubscribing import UnsubscribeLinks
from notify.contact_points import actions as contact_points
from notify.contact_points.rules import AccountClosed
from notify.preferences import actions as preferences


class LinkNotValid(Exception):
    """We did not make this link."""


def category_of(links: UnsubscribeLinks, token: str) -> Category:
    """Raises LinkNotValid."""
    if (found := links.read(token)) is None:
        raise LinkNotValid
    return found[1]


def unsubscribe(tx: Tx, links: UnsubscribeLinks, token: str, now: datetime) -> Category:
    """No mail of this category any more. A link from the time before there was an account stops the account's mails.

    A second time changes nothing. Raises LinkNotValid.
    """
    if (found := links.read(token)) is None:
        raise LinkNotValid
    person, category = found
    with suppress(AccountClosed):  # nothing is sent to them in any case
        preferences.turn_off(tx, contact_points.owner_of(tx, person), category, at=now)
    return category
