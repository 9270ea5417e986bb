"""Copy all that accounts holds of a person: for programs, and as a document to read."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from importlib.resources import files as resources
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from jinja2 import Environment, select_autoescape
from mtnet_chassis.data.files import Files
from mtnet_chassis.glyphs import with_code_points
from mtnet_chassis.rpc.actor import Actor
from mtnet_chassis.rpc.endpoint import Refused
from mtnet_contracts.vocabulary import labels
from mtnet_contracts.vocabulary.dates import moment_as_text
from mtnet_contracts.vocabulary.texts import N_, Texts, texts_of

from accounts.attempts import actions as attempts
from accounts.audit.actions import record
from accounts.documents.pool import Busy, DocumentPool
from accounts.documents.rules import StoredFile
from accounts.documents.worker import WorkerFailed, work
from accounts.history.actions import own_history
from accounts.privacy_rights.actions import PrivacyStores, own_requests
from accounts.privacy_rights.labels import CODES, label_of
from accounts.privacy_rights.rules import COPIES, COPIES_KIND
from accounts.registry import actions as registry
from accounts.threads import run_in_thread
from accounts.vault import Vault

if TYPE_CHECKING:
    from accounts.attempts.store import GuessStore
    from accounts.profile.store import ProfileStore

MOST_HISTORY = 1000
HISTORY_ON_PAPER = 200
SECTIONS = {
    "account": N_("Account"),
    "organisation": N_("Organisation"),
    "details": N_("Details"),
    "contacts": N_("Contacts"),
    "application": N_("Application"),
    "consents": N_("Privacy notices agreed to"),
    "requests": N_("Requests for personal data"),
    "sessions": N_("Sessions"),
    "history": N_("What happened"),
}


@dataclass(frozen=True)
class CopyStores:
    """What a copy is made of."""

    privacy: PrivacyStores
    profiles: ProfileStore
    guesses: GuessStore


def copy_of_own_data(stores: CopyStores, vault: Vault, actor: Actor, now: datetime) -> dict[str, Any]:
    """Everything by topic, as JSON, the full ID number among it; it is recorded. Raises Refused(TOO_MANY_DOCUMENTS)."""
    _count(stores.guesses, vault, actor.account_id, now)
    accounts, requests = stores.privacy.accounts, stores.privacy.requests
    account_id = actor.account_id
    found = requests.rows_of(account_id, registry.application_id_of(accounts, account_id))
    entries, _ = own_history(
        stores.privacy.audit,
        accounts,
        account_id,
        category=None,
        from_on=None,
        until_on=None,
        page=1,
        page_size=MOST_HISTORY,
    )
    copied: dict[str, Any] = {
        **found,
        "details": [
            vars(stores.profiles.own_data(account_id))
            | {"id_number": registry.id_number_of(accounts, vault, account_id)}
        ],
        "contacts": [
            {"kind": each.kind, "value": each.value, "verified_at": each.verified_at}
            for each in registry.contacts_of(accounts, account_id)
        ],
        "requests": [
            {
                "request_number": each.request.request_number,
                "kind": each.request.kind,
                "state": each.request.state.value,
                "words": each.request.words,
                "received_at": each.request.received_at,
                "due_on": each.request.due_on,
                "steps": [{"at": step.at, "what": step.what, "note": step.note} for step in each.steps],
            }
            for each in own_requests(stores.privacy, account_id)
        ],
        "history": [vars(each) for each in entries],
    }
    record(
        stores.privacy.audit,
        "own_data_exported",
        now=now,
        subject_id=account_id,
        detail={},
        actor_account_id=account_id,
        ip=actor.ip,
    )
    plain = {name: _plain(copied[name]) for name in SECTIONS}
    return {"made_at": now.isoformat(), **plain}


def document_of_own_data(
    stores: Callable[[], AbstractContextManager[CopyStores]],
    vault: Vault,
    files: Files,
    pool: DocumentPool,
    actor: Actor,
    locale: str,
) -> StoredFile:
    """The same as a PDF, kept for a short while to be fetched. Raises Refused(TOO_MANY_DOCUMENTS, BUSY)."""
    with stores() as opened:
        copied = copy_of_own_data(opened, vault, actor, datetime.now(UTC))
    html = _html(copied, locale)
    try:
        with pool.slot(str(actor.account_id), upload=False):
            key = f"uploads/copy-{uuid4()}"
            size = run_in_thread(_draw, html, key, files, pool)
    except (Busy, WorkerFailed) as problem:
        raise Refused("BUSY") from problem
    return StoredFile(key, "personal-data.pdf", "application/pdf", size)


def _draw(html: str, key: str, files: Files, pool: DocumentPool) -> int:
    _, document = work("document", {"html": with_code_points(html)}, directory=pool.directory)
    files.put(key, document)
    return len(document)


def _count(guesses: GuessStore, vault: Vault, account_id: UUID, now: datetime) -> None:
    key = vault.subject_index(COPIES_KIND, str(account_id))
    tally = attempts.tally_of(guesses, COPIES, COPIES_KIND, key, now)
    if not COPIES.admits(tally, now):
        raise Refused("TOO_MANY_DOCUMENTS")
    attempts.save_tally(guesses, COPIES_KIND, key, COPIES.failed(tally, now))


def _plain(value: Any) -> Any:
    """As JSON has it."""
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value


def _html(copied: dict[str, Any], locale: str) -> str:
    texts = texts_of(locale, "accounts", labels.LABELS)
    return (
        _template_environment()
        .from_string(_template())
        .render(
            sections=[
                (texts[title], [_rows(entry, locale, texts) for entry in copied[name][:HISTORY_ON_PAPER]])
                for name, title in SECTIONS.items()
                if copied[name]
            ],
            locale=locale,
            made_at=moment_as_text(datetime.fromisoformat(copied["made_at"]), locale),
            _=texts.__getitem__,
        )
    )


def _rows(entry: dict[str, Any], locale: str, texts: Texts, prefix: str = "") -> list[tuple[str, str]]:
    """Label and value of each fact; what lies in another is named by both."""
    found: list[tuple[str, str]] = []
    for name, value in entry.items():
        path = f"{prefix}.{name}" if prefix else name
        if isinstance(value, dict):
            found += _rows(value, locale, texts, path.removeprefix("answers."))
        elif value not in (None, "", [], ()):
            label = label_of(path)
            found.append((texts[label] if label else path, _value(_decoded(name, value, texts), locale)))
    return found


def _decoded(name: str, value: Any, texts: Texts) -> Any:
    """What the codes of a fact say."""
    known = CODES.get(name, {})
    if isinstance(value, list):
        return [_decoded(name, one, texts) for one in value]
    return texts[known[value]] if isinstance(value, str) and value in known else value


def _value(value: Any, locale: str) -> str:
    if isinstance(value, list):
        parts = [
            " ".join(str(part) for part in one.values() if part) if isinstance(one, dict) else str(one)
            for one in value
        ]
        return ("、" if locale == "zh-Hant" else ", ").join(parts)
    if isinstance(value, str) and len(value) > 19 and value[4] == "-" and "T" in value:
        try:
            return moment_as_text(datetime.fromisoformat(value), locale)
        except ValueError:
            return value
    return str(value)


@cache
def _template() -> str:
    return (resources("accounts") / "privacy_rights" / "templates" / "copy.html").read_text("utf-8")


@cache
def _template_environment() -> Environment:
    return Environment(autoescape=select_autoescape(default=True, default_for_string=True))
