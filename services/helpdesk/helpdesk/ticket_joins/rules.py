"""Why two tickets cannot be joined, split or linked, or it cannot be undone."""

MOST_LINKED = 50


class SameTicket(Exception):
    """One ticket, twice; or two that are one already."""


class NothingToUndo(Exception):
    """It was not merged, split or linked."""


class MergedOftenEnough(Exception):
    """A thread of more tickets than that is read by nobody."""


class LinkedOftenEnough(Exception):
    """So many are linked already."""


class EntryNotHere(Exception):
    """Not a row of this thread that can be moved: what came in, what was said, and notes can."""


class NothingLeft(Exception):
    """A ticket of which everything is split off is the same ticket."""
