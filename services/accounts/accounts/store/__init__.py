"""All SQL of accounts, one class per topic; each takes the transaction it works in."""

from accounts.applications.consents_store import ConsentStore
from accounts.applications.store import ApplicationStore
from accounts.audit.store import AuditStore
from accounts.documents.store import FormStore
from accounts.lifecycle.store import LifecycleStore
from accounts.registry.names_store import NameStore
from accounts.registry.store import AccountStore
from accounts.sessions.store import SessionStore
from accounts.tracking.store import GrantStore
from accounts.verification.guess_store import GuessStore
from accounts.verification.store import ChallengeStore

__all__ = [
    "AccountStore",
    "ApplicationStore",
    "AuditStore",
    "ChallengeStore",
    "ConsentStore",
    "FormStore",
    "GrantStore",
    "GuessStore",
    "LifecycleStore",
    "NameStore",
    "SessionStore",
]
