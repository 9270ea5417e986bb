"""What the parts of a downstream system are called."""

from __future__ import annotations

from dataclasses import dataclass

from mtnet_contracts.vocabulary.scopes import ACCOUNTS_READ, CASES_READ, SNAPSHOTS_READ
from mtnet_contracts.vocabulary.texts import N_, P_


@dataclass(frozen=True)
class SecretWords:
    """What the pages of a kind of secret say: where it is renewed, where it is shown, and where it cannot be again."""

    renew: str
    about: str
    overlap: str
    title: str
    once: str
    shown_before: str
    again: str


STATES = {
    "active": P_("downstream system", "Active"),
    "suspended": P_("downstream system", "Suspended"),
    "removed": P_("downstream system", "Removed"),
}
# What each scope lets a system ask; in the form beside the scope itself.
SCOPES = {
    ACCOUNTS_READ: N_("Accounts of its own system: names, states, roles, organisations"),
    CASES_READ: N_("All cases: numbers, states, stages; no names and no answers"),
    SNAPSHOTS_READ: N_("All accounts, as they are now: to begin from, or to catch up"),
}
HOLDS = {
    "facts": N_("Facts only"),
    "personal data": N_("Personal data"),
    "secrets": N_("For the portal's own services"),
    "": N_("No longer announced"),
}
FIELDS = {
    "name": P_("downstream system", "Short name"),
    "title": P_("downstream system", "What it is called"),
    "owner": P_("downstream system", "Owner"),
    "contact_email": N_("E-mail of the owner"),
    "system": N_("System of the portal"),
    "events": P_("downstream system", "Events"),
    "event": P_("downstream system", "Event"),
    "scopes": P_("downstream system", "Rights"),
    "scope": P_("downstream system", "Rights"),
    "reason": N_("Reason"),
    "ends_on": N_("Last day"),
    "overlap_days": N_("Days"),
    "url": P_("webhook", "Address"),
    "confirm_name": P_("downstream system", "Short name"),
}
SAVED = {
    "changed": N_("The changes are saved."),
    "granted": N_("The events are granted."),
    "revoked": N_("The event is taken from the system."),
    "scopes_granted": N_("The rights are granted."),
    "scope_revoked": N_("The right is taken from the system, also from tokens that it has."),
    "suspended": N_("The system is suspended. Its queue goes on collecting."),
    "resumed": N_("The system is let in again."),
    "removed": N_("The system is removed."),
    "webhook_set": N_("The address of the webhook is changed. Its secret stays as it is."),
    "webhook_removed": N_("The webhook is removed. The system reads its queue itself."),
    "webhook_paused": N_("The webhook is paused. Its events are kept."),
    "webhook_resumed": N_("The webhook goes on."),
    "applied": N_("The broker has all of it now."),
}
# The acts that have a page of their own: its title, what it means, and its button.
ACTS = {
    "suspend": (
        N_("Suspend"),
        N_(
            "It is turned away and its connections end. Its queue goes on collecting within its limits, until it is let"
            " in again."
        ),
    ),
    "resume": (N_("Let it in again"), N_("It logs in again with the secrets that it had.")),
    "remove": (
        N_("Remove"),
        N_(
            "For good: its users, its queue and the messages in it are gone. The record stays, and the name is not"
            " given again."
        ),
    ),
    "revoke": (
        N_("Take this event away"),
        N_("From now on it does not get this event. What is in its queue already stays there."),
    ),
    "revoke_scope": (
        N_("Take this right away"),
        N_("The API refuses it at once, also to access tokens that the system has already."),
    ),
}
# The secret with which it logs in to the broker and gets its access tokens.
SECRET = SecretWords(
    renew=N_("New secret"),
    about=N_(
        "The new secret belongs to a new user of the broker. The present one still works for some days, so that the"
        " system can change over without a gap."
    ),
    overlap=N_("Days for which the present secret still works"),
    title=N_("The secret of %(name)s"),
    once=N_(
        "It is shown only now: the portal keeps no copy. Hand it over safely, by telephone or sealed, and not by"
        " e-mail."
    ),
    shown_before=N_(
        "This was done already, by your first press, and the secret of %(user)s was shown in its answer. It cannot be"
        " shown again."
    ),
    again=N_("If you have not seen it, give the system a new secret, and let the old one end at once."),
)
