"""What the reviewer's pages call the parts of the queue, its orders and the decisions."""

from __future__ import annotations

from mtnet_contracts.vocabulary.texts import N_

TABS = {
    "all": N_("Open in my unit"),
    "mine": N_("My cases"),
    "unclaimed": N_("Unclaimed"),
    "returned": N_("Returned for correction"),
    "overdue": N_("Overdue"),
    "decided": N_("Decided"),
}

SORTS = {
    "oldest": N_("Longest waiting first"),
    "newest": N_("Newest first"),
    "due": N_("Due soonest first"),
    "case_number": N_("Case number"),
}

DECISIONS = {
    "forward": N_("Forward to the next stage"),
    "approve": N_("Approve"),
    "return": N_("Return for correction"),
    "reject": N_("Do not approve"),
}
