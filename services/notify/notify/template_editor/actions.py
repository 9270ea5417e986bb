"""What operators do with texts: look, try, save, publish, take back, compare, and send one to themselves."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

from jinja2 import TemplateError
from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.rpc.actor import Actor
from mtnet_contracts.calls.notify.templates import DRAFT, RELEASE

from notify.operator_acts.actions import note_act
from notify.template_editor.rules import (
    TemplateChanged,
    TemplateFaulty,
    TemplateUnchanged,
    differences,
    own_parts,
)
from notify.templates import actions as templates
from notify.templates.checks import faults_of_text
from notify.templates.notation import PARTS
from notify.templates.rules import (
    EMBLEM_ID,
    LOCALES,
    Kind,
    Links,
    NoSuchTemplate,
    OperatorsText,
    Version,
    sms_parts,
)
from notify.templates.samples import samples_of

if TYPE_CHECKING:
    from notify.templates.store import TemplateStore

LIKE_THE_MAIL = templates.LIKE_THE_MAIL
# What is said to many, and what the helpdesk answers, is written anew each time.
EDITABLE = tuple(kind for kind in Kind if kind not in (Kind.BROADCAST, Kind.DESK_ANSWER))


def kind_of(name: str) -> Kind:
    """Raises NoSuchTemplate."""
    kind = next((each for each in EDITABLE if each == name), None)
    if kind is None:
        raise NoSuchTemplate(name)
    return kind


def lines(store: TemplateStore) -> list[dict[str, Any]]:
    """Every kind in every language: which text is in use, who changed it last, whether somebody is writing."""
    in_use = {(each.kind, each.locale): each for each in store.versions_in_use()}
    last = {(each.kind, each.locale): each for each in store.latest_versions()}
    drafts = {(each.kind, each.locale): each for each in store.drafts()}
    found = []
    for kind in EDITABLE:
        for locale in LOCALES:
            used = in_use.get((kind, locale))
            outdated = used is not None and used.release_version != templates.current_version(kind)
            found.append(
                {
                    "kind": kind.value,
                    "locale": locale,
                    "in_use": used.version if used and not outdated else None,
                    "outdated": outdated,
                    "last": last.get((kind, locale)),
                    "draft": drafts.get((kind, locale)),
                }
            )
    return found


def editable_parts(kind: Kind) -> tuple[str, ...]:
    """Those that the release has, and those that say what the mail says where they are not given."""
    has = templates.parts_of_release(kind)
    return tuple(part for part in PARTS if part in has or part in LIKE_THE_MAIL)


def release_parts(kind: Kind) -> frozenset[str]:
    """The parts that the release's template has a text of its own for."""
    return frozenset(templates.parts_of_release(kind))


def own_text(kind: Kind, locale: str, parts: Mapping[str, str]) -> dict[str, str]:
    """What of these parts is said otherwise than by the release."""
    editable = editable_parts(kind)
    known = {name: text for name, text in parts.items() if name in editable}
    return own_parts(known, templates.release_texts(kind, locale))


def template(store: TemplateStore, kind: Kind, locale: str) -> dict[str, Any]:
    """What an editor begins with."""
    release = templates.release_texts(kind, locale)
    draft, used = store.draft(kind, locale), _in_use(store, kind, locale)
    version = templates.current_version(kind)
    parts = used.parts if used is not None else {}
    if draft is not None and draft.parts is not None:
        parts = draft.parts
    return {
        "kind": kind.value,
        "locale": locale,
        "revision": draft.revision if draft else 0,
        "release_version": version,
        "outdated": used is not None and used.release_version != version,
        "in_use": used,
        "draft": draft if draft and draft.parts is not None else None,
        "parts": [
            {
                "name": part,
                "text": parts.get(part, release.get(part, "")),
                "release_text": release.get(part, ""),
                "own": part in parts,
                "like_the_mail": part not in release,
            }
            for part in editable_parts(kind)
        ],
    }


def preview(
    links: Links, kind: Kind, locale: str, parts: Mapping[str, str], chosen: Mapping[str, str]
) -> dict[str, Any]:
    """The message on every channel with sample values, and what keeps it from being published."""
    own = own_text(kind, locale, parts)
    faults = faults_of_text(kind, locale, own, links.portal_url)
    faulty = {each.part for each in faults}
    text = OperatorsText(0, kind, locale, templates.current_version(kind), own)
    values = samples_of(kind, links.portal_url, chosen)
    found: dict[str, Any] = dict.fromkeys(("subject", "html", "text", "sms", "line", "fax"))
    if not faulty & {"subject", "body"}:
        mail = _or_none(lambda: templates.render_own_mail(links, text, values))
        if mail is not None:
            picture = f"data:image/png;base64,{b64encode(templates.emblem()).decode()}"
            html = mail.html.replace(f"cid:{EMBLEM_ID}", picture)
            found |= {"subject": mail.subject, "text": mail.text, "html": html}
    without_own_words = {part for part in LIKE_THE_MAIL if part not in own} - release_parts(kind)
    hidden = faulty | (without_own_words if faulty & {"subject", "body"} else set())
    for part in set(editable_parts(kind)) & {"sms", "line", "fax"} - hidden:
        words = _or_none(lambda part=part: templates.render_own_text(links, text, values, part))
        if part == "sms" and words is not None:
            found["sms"] = {"text": words, **asdict(sms_parts(words))}
        else:
            found[part] = words
    return found | {"faults": faults}


def _or_none(written: Any) -> Any:
    """None where a sample has no value for a part that its own faults already name, or that says what the mail says."""
    try:
        return written()
    except TemplateError:
        return None


def save_draft(
    store: TemplateStore,
    actor: Actor,
    kind: Kind,
    locale: str,
    parts: Mapping[str, str],
    revision: int,
    now: datetime,
) -> dict[str, Any]:
    """Raises TemplateChanged. Faulty texts may be saved: they are being written."""
    return {
        "revision": _next_revision(store, actor, kind, locale, own_text(kind, locale, parts), revision, now)
    }


def publish(
    store: TemplateStore,
    outbox: Outbox,
    links: Links,
    actor: Actor,
    kind: Kind,
    locale: str,
    parts: Mapping[str, str],
    revision: int,
    reason: str,
    now: datetime,
    restored_from: int | None = None,
) -> dict[str, Any]:
    """The text of all messages of this kind and language that are written from the commit on.

    Parts that say what the release says are left to the release; without any, the release speaks again. Raises
    TemplateChanged, TemplateFaulty, TemplateUnchanged.
    """
    own = own_text(kind, locale, parts)
    if faults_of_text(kind, locale, own, links.portal_url):
        raise TemplateFaulty
    seen = _next_revision(store, actor, kind, locale, None, revision, now)
    used, release_version = _in_use(store, kind, locale), templates.current_version(kind)
    if own == (used.parts if used is not None else {}) and (
        used is None or used.release_version == release_version
    ):
        raise TemplateUnchanged
    version = store.add_version(
        kind,
        locale,
        release_version,
        own,
        reason=reason,
        author_id=actor.account_id,
        author=actor.account_name,
        at=now,
        restored_from=restored_from,
    )
    if own:
        store.use(kind, locale, version, release_version)
    else:
        store.use_release(kind, locale)
    act = "template_published" if restored_from is None and own else "template_restored"
    note_act(outbox, actor, act, now, kind=kind.value, locale=locale, version=version, reason=reason)
    return {"revision": seen, "version": version if own else None}


def restore(
    store: TemplateStore,
    outbox: Outbox,
    links: Links,
    actor: Actor,
    kind: Kind,
    locale: str,
    version: int,
    revision: int,
    reason: str,
    now: datetime,
) -> dict[str, Any]:
    """An earlier version becomes the newest once more; RELEASE: the release's text.

    Raises NoSuchTemplate, and as publish.
    """
    parts = _parts_of(store, kind, locale, version)
    from_version = None if version == RELEASE else version
    return publish(
        store, outbox, links, actor, kind, locale, parts, revision, reason, now, restored_from=from_version
    )


def versions(
    store: TemplateStore, kind: Kind, locale: str, before: int | None, limit: int
) -> tuple[list[Version], int | None]:
    """Newest first, and what to ask for next."""
    found = store.versions_of(kind, locale, before, limit + 1)
    return found[:limit], found[limit - 1].version if len(found) > limit else None


def difference(store: TemplateStore, kind: Kind, locale: str, older: int, newer: int) -> list[dict[str, Any]]:
    """Part by part, what messages said with the one and say with the other. Raises NoSuchTemplate."""
    release = templates.release_texts(kind, locale)
    before = {**release, **_parts_of(store, kind, locale, older)}
    after = {**release, **_parts_of(store, kind, locale, newer)}
    return [
        {
            "part": part,
            "same": before.get(part) == after.get(part),
            "rows": differences(before.get(part, ""), after.get(part, "")),
        }
        for part in PARTS
        if part in before or part in after
    ]


def _in_use(store: TemplateStore, kind: Kind, locale: str) -> Version | None:
    found = store.versions_in_use(kind, locale)
    return found[0] if found else None


def _parts_of(store: TemplateStore, kind: Kind, locale: str, version: int) -> Mapping[str, str]:
    """Raises NoSuchTemplate."""
    if version == RELEASE:
        return {}
    if version == DRAFT:
        draft = store.draft(kind, locale)
        found = draft.parts if draft is not None else None
    else:
        known = store.version(kind, locale, version)
        found = known.parts if known is not None else None
    if found is None:
        raise NoSuchTemplate(f"{kind} {locale} {version}")
    return found


def _next_revision(
    store: TemplateStore,
    actor: Actor,
    kind: Kind,
    locale: str,
    parts: Mapping[str, str] | None,
    seen: int,
    now: datetime,
) -> int:
    revision = store.next_revision(kind, locale, seen, parts, actor.account_name, now)
    if revision is None:
        raise TemplateChanged
    return revision
