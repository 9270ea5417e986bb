"""What can be asked of the calendar."""

from functools import cache

from mtnet_contracts.vocabulary.office_calendar import office_calendar

from helpdesk.deadlines.rules import WorkingCalendar


@cache
def working_calendar() -> WorkingCalendar:
    """The hours of the units, on the working days of public offices."""
    return WorkingCalendar(office_calendar())
