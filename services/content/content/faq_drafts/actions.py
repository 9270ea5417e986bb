"""What can be done with proposed questions: keep them, list them, change, publish or decline them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from mtnet_chassis.data.database import Tx
from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.rpc.actor import Actor

from content.faq_drafts import messages
from content.faq_drafts.rules import FaqDraft, FaqDraftNotFound
from content.faq_drafts.store import FaqDraftStore
from content.pages import actions as pages


def keep(tx: Tx, draft: FaqDraft) -> None:
    """As it was proposed; one that came before stays as editors left it."""
    FaqDraftStore(tx).add(draft)


def drafts(
    tx: Tx, *, state: str | None, before: int | None, limit: int
) -> tuple[list[FaqDraft], int | None, int]:
    """Drafts, what to ask for next, and how many wait."""
    store = FaqDraftStore(tx)
    found = store.listed(state, before, limit + 1)
    more = found[limit - 1].number if len(found) > limit else None
    return found[:limit], more, store.waiting()


def draft(tx: Tx, draft_id: UUID) -> FaqDraft:
    """Raises FaqDraftNotFound."""
    return _known(FaqDraftStore(tx).draft(draft_id))


def save(
    tx: Tx,
    outbox: Outbox,
    actor: Actor,
    *,
    draft_id: UUID,
    version: int,
    category: str,
    question_zh: str,
    question_en: str,
    answer_zh: str,
    answer_en: str,
    now: datetime,
) -> FaqDraft:
    """Raises FaqDraftNotFound, FaqDraftDecided, FaqDraftChanged."""
    store = FaqDraftStore(tx)
    known = _known(store.draft_for_update(draft_id))
    question = {"zh-Hant": question_zh, "en": question_en}
    answer = {"zh-Hant": answer_zh, "en": answer_en}
    after = known.changed(version, category, question, answer)
    store.save(after)
    outbox.announce(messages.editor_acted(actor, "save_faq_draft", after, now))
    return after


def decide(
    tx: Tx,
    outbox: Outbox,
    actor: Actor,
    *,
    draft_id: UUID,
    version: int,
    decision: str,
    reason: str,
    now: datetime,
) -> FaqDraft:
    """Raises FaqDraftNotFound, FaqDraftDecided, FaqDraftChanged, ReasonMissing."""
    store = FaqDraftStore(tx)
    known = _known(store.draft_for_update(draft_id))
    if decision == "publish":
        after = known.published(version, actor.display_name, now)
        pages.publish(tx, outbox, after.page(now), now)
        outbox.announce(messages.published(after, now))
    else:
        after = known.declined(version, actor.display_name, reason, now)
        outbox.announce(messages.declined(after, now))
    store.save(after)
    outbox.announce(messages.editor_acted(actor, f"{decision}_faq_draft", after, now))
    return after


def _known(found: FaqDraft | None) -> FaqDraft:
    if found is None:
        raise FaqDraftNotFound
    return found
