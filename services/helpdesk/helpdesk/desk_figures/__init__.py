"""Figures of the desk: how much came in, how soon it was answered and solved, what people thought of it.

Told is what became of the tickets that were opened in a period, without spam and what was merged into another one.
Counted once a minute by day, for the days on which a ticket was opened that has changed since: a set of rows for each
day in place of counters at each act. An act may change what was counted long ago (another system, spam after all, a
merge undone), so a counter would have to know what it had counted before; a day that is counted anew does not.
"""
