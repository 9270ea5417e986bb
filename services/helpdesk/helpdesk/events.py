"""What helpdesk tells the others: nothing yet. Tickets and incidents will be announced from here."""

from mtnet_contracts.events import Event

ANNOUNCES: tuple[type[Event], ...] = ()
LISTENS_TO: tuple[type[Event], ...] = ()
