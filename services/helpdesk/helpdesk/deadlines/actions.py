"""What can be asked of the calendar."""

from datetime import datetime, timedelta

from mtnet_chassis.data.database import Tx

from helpdesk.deadlines.rules import TAIPEI, WorkingCalendar
from helpdesk.deadlines.store import CalendarStore

# How far back a deadline that still counts may have begun.
LOOK_BACK = timedelta(days=400)


def calendar_around(tx: Tx, now: datetime) -> WorkingCalendar:
    """The working calendar, with the holidays that matter to anything that is still open."""
    return WorkingCalendar.without(
        CalendarStore(tx).holidays_from((now - LOOK_BACK).astimezone(TAIPEI).date())
    )
