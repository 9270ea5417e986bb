"""A question that the helpdesk proposes: kept once, changed, published or declined by an editor, and by nobody else."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from content.faq_drafts import actions, messages
from content.service import ContentService
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from mtnet_chassis.rpc.actor import Actor, ActorSigner, ActorVerifier
from mtnet_chassis.rpc.endpoint import Refused
from mtnet_chassis.runtime.services import entrypoints_of
from mtnet_contracts.events import FaqDraftProposed
from mtnet_contracts.examples import example_of
from mtnet_contracts.vocabulary.choices import ROLES

SERVICES = ("content",)
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
VERIFIER = ActorVerifier(KEY.public_key().public_bytes_raw())
ENDPOINTS = {
    e.endpoint.call.name: e.endpoint for e in entrypoints_of(ContentService) if hasattr(e, "endpoint")
}
TEXTS = {
    "category": "mtnet",
    "question_zh": "忘記帳號名稱？",
    "question_en": "Forgotten your account name?",
    "answer_zh": "請洽客服。",
    "answer_en": "Ask the **helpdesk**.",
}


EDITOR = uuid4()


def a_token(role="editor"):
    actor = Actor(
        account_id=EDITOR,
        account_name="editor1",
        display_name="網站內容編輯",
        roles=frozenset({role}),
        session_id=uuid4(),
        expires_at=datetime.now(UTC) + timedelta(hours=1),
    )
    return ActorSigner(KEY.private_bytes_raw()).sign(actor)


@pytest.fixture
def asking(transactions):
    def asking(name, key=None, **request):
        body = {"actor": a_token(), "request": request, "idempotency_key": key}
        return ENDPOINTS[name].answer(ContentService(), body, database=transactions, verifier=VERIFIER)

    return asking


@pytest.fixture
def draft(transactions, asking):
    event = replace(example_of(FaqDraftProposed), draft_id=uuid4())
    with transactions.transaction() as tx:
        for _ in range(2):
            actions.keep(tx, messages.draft_of(event))
    return asking("faq_draft", draft_id=str(event.draft_id))


@pytest.fixture
def told(transactions):
    """What was announced in this test."""
    with transactions.transaction() as tx:
        (before,) = tx.execute("SELECT coalesce(max(position), 0) FROM outbox").fetchone()

    def told(*names):
        with transactions.transaction() as tx:
            return tx.execute(
                "SELECT name, payload::jsonb FROM outbox WHERE position > %s AND name = ANY(%s) ORDER BY position",
                (before, list(names)),
            ).fetchall()

    return told


def test_it_is_changed_and_published_as_it_stands(draft, asking, told):
    wanted = {"draft_id": draft["draft_id"], "version": 1}
    assert (draft["state"], draft["version"]) == ("proposed", 1)
    assert draft["draft_id"] in [each["draft_id"] for each in asking("faq_drafts", state="proposed")["items"]]
    saved = asking("save_faq_draft", **wanted, **TEXTS)
    publish = {"draft_id": draft["draft_id"], "version": saved["version"], "decision": "publish"}
    for _ in range(2):
        done = asking("decide_faq_draft", key=f"publish-{draft['draft_id']}", **publish)
    page = asking("published_page", kind="faq", slug=done["slug"])
    assert page["body"]["en"] == TEXTS["answer_en"]
    assert page["category"] == "mtnet"
    assert [name for name, _ in told("FaqDraftPublished", "ContentPublished")] == [
        "ContentPublished",
        "FaqDraftPublished",
    ]
    assert [event["action"] for _, event in told("EditorActed")] == ["save_faq_draft", "publish_faq_draft"]
    with pytest.raises(Refused) as refused:
        asking("decide_faq_draft", draft_id=draft["draft_id"], version=3, decision="decline", reason="x")
    assert refused.value.code == "FAQ_DRAFT_DECIDED"


def test_it_is_declined_with_a_reason_only(draft, asking, told):
    wanted = {"draft_id": draft["draft_id"], "version": 1, "decision": "decline"}
    with pytest.raises(Refused) as refused:
        asking("decide_faq_draft", **wanted)
    assert refused.value.fields == {"reason": ["REQUIRED"]}
    assert asking("decide_faq_draft", **wanted, reason="已有相同的常見問題。")["state"] == "declined"
    assert [event["reason"] for _, event in told("FaqDraftDeclined")] == ["已有相同的常見問題。"]
    assert told("ContentPublished") == []


def test_what_a_colleague_changed_is_not_written_over(draft, asking):
    asking("save_faq_draft", draft_id=draft["draft_id"], version=1, **TEXTS)
    for name, more in (("save_faq_draft", TEXTS), ("decide_faq_draft", {"decision": "publish"})):
        with pytest.raises(Refused) as refused:
            asking(name, draft_id=draft["draft_id"], version=1, **more)
        assert refused.value.code == "FAQ_DRAFT_CHANGED"


@pytest.mark.parametrize("name", ["decide_faq_draft", "faq_draft", "faq_drafts", "save_faq_draft"])
@pytest.mark.parametrize("role", [None, *ROLES])
def test_editors_decide_and_nobody_else(name, role):
    class Away:
        def transaction(self):
            raise AssertionError("the database was asked")

    body = {"request": {}} | ({"actor": a_token(role)} if role else {})
    with pytest.raises((Refused, AssertionError)) as stopped:
        ENDPOINTS[name].answer(ContentService(), body, database=Away(), verifier=VERIFIER)
    code = getattr(stopped.value, "code", "asked")
    if role == "editor":
        assert code in ("asked", "INVALID")
    else:
        assert code == ("NOT_ALLOWED" if role else "NOT_SIGNED_IN")
