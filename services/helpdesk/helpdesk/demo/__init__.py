"""Make the desk look alive: `python -m helpdesk.demo`. Once; what is there stays. Never in production."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from mtnet_chassis.data.database import Tx

from helpdesk.demo.on_duty import put_faults, put_handovers, put_reactivation, put_roster
from helpdesk.demo.tickets import put_canned_answers, put_quick_answers, put_tickets

# Each makes what is not there yet, and says how many.
PARTS: tuple[tuple[str, Callable[[Tx, datetime], int]], ...] = (
    ("canned answers", put_canned_answers),
    ("quick answers", put_quick_answers),
    ("tickets", put_tickets),
    ("faults", put_faults),
    ("reactivation cases", put_reactivation),
    ("places on the roster", put_roster),
    ("hand-overs", put_handovers),
)
