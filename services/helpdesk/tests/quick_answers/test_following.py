"""The running service: what another process writes is found at once, and calls go through roles, keys and shapes."""

import json
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from helpdesk.quick_answers.rules import Author, QuickAnswer, State
from helpdesk.quick_answers.store import QuickAnswerStore
from mtnet_chassis.rpc.endpoint import Refused
from mtnet_chassis.testing.pytest_plugin import eventually
from mtnet_search.tantivy_index import TantivyIndex

from ..builders import KEY, an_actor

SERVICES = ("helpdesk",)
AGENT, LEAD = an_actor("helpdesk_agent"), an_actor("helpdesk_lead")
REVIEW_ON = (datetime.now(UTC) + timedelta(days=60)).date().isoformat()
TEXTS = {
    "version": 0,
    "category": "mtnet",
    "question_zh": "忘記密碼怎麼辦",
    "question_en": "I forgot my password",
    "answer_zh": "於登入頁點選「忘記密碼」。",
    "answer_en": "Choose “forgot password” on the login page.",
    "review_on": REVIEW_ON,
}


@pytest.fixture
def asking(transactions, tmp_path):
    from ..builders import Asking

    asking = Asking(transactions)
    asking.service.quick_answer_index = TantivyIndex(tmp_path)
    yield asking
    asking.service.quick_answer_index.close()


def refused(ask):
    with pytest.raises(Refused) as caught:
        ask()
    return caught.value.code, caught.value.fields


def test_an_answer_goes_from_a_proposal_to_its_use_by_calls(asking):
    proposed = asking("save_quick_answer", of=AGENT, key="k1", **TEXTS)
    assert (proposed["state"], proposed["editable"], proposed["decisions"]) == ("draft", True, [])
    assert asking("save_quick_answer", of=AGENT, key="k1", **TEXTS)["answer_id"] == proposed["answer_id"]
    one = {"answer_id": proposed["answer_id"]}
    assert "publish" in asking("quick_answer", of=LEAD, **one)["decisions"]
    published = asking("decide_quick_answer", of=LEAD, key="k2", **one, version=1, decision="publish")
    assert (published["state"], published["version"]) == ("published", 2)
    assert not asking("quick_answer", of=AGENT, **one)["editable"]
    used = asking("use_quick_answers", of=AGENT, key="k3", answer_ids=[one["answer_id"]], locale="en")
    assert used["items"] == [{"answer_id": one["answer_id"], "answer": TEXTS["answer_en"]}]
    (listed,) = asking("quick_answers", of=AGENT)["items"]
    assert (listed["used"], listed["due"]) == (1, False)
    assert [each["change"] for each in asking("quick_answer_history", of=AGENT, **one)["items"]] == [
        "publish",
        "written",
    ]


def test_what_cannot_be_done_is_refused_with_its_reason(asking):
    made = asking("save_quick_answer", of=LEAD, key="k4", **TEXTS)
    one = {"answer_id": made["answer_id"]}
    assert refused(lambda: asking("save_quick_answer", of=AGENT, key="k5", **TEXTS | one | {"version": 1}))[
        0
    ] == ("NOT_ALLOWED")
    assert refused(
        lambda: asking("decide_quick_answer", of=LEAD, key="k6", **one, version=1, decision="reopen")
    )[0] == ("DECISION_NOT_ALLOWED")
    assert refused(lambda: asking("save_quick_answer", of=LEAD, key="k7", **TEXTS | one | {"version": 9}))[
        0
    ] == ("QUICK_ANSWER_CHANGED")
    assert refused(
        lambda: asking("save_quick_answer", of=LEAD, key="k8", **TEXTS | {"review_on": "2026-01-01"})
    ) == ("INVALID", {"review_on": ["REVIEW_DAY"]})
    assert refused(lambda: asking("search_quick_answers", of=AGENT, text="密碼"))[0] == "SEARCH_NOT_READY"
    assert refused(lambda: asking("quick_answer", of=AGENT, answer_id=str(uuid4())))[0] == (
        "QUICK_ANSWER_NOT_FOUND"
    )


@pytest.mark.parametrize(
    "call",
    [
        "search_quick_answers", "note_missing_answer", "missing_answers", "quick_answers", "quick_answer",
        "quick_answer_history", "save_quick_answer", "decide_quick_answer", "use_quick_answers",
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "role",
    ["member", "reviewer", "operator", "editor", "helpdesk_agent", "helpdesk_lead", "helpdesk_administrator"],
)
def test_who_may(asking, call, role):
    allowed = role.startswith("helpdesk") and (call != "decide_quick_answer" or role != "helpdesk_agent")
    one = {"answer_id": str(uuid4())}
    requests = {
        "note_missing_answer": {"text": "船"},
        "quick_answer": one,
        "quick_answer_history": one,
        "save_quick_answer": TEXTS,
        "decide_quick_answer": one | {"version": 1, "decision": "publish"},
        "use_quick_answers": {"answer_ids": [], "locale": "en"},
    }
    try:
        asking(call, of=an_actor(role), key=str(uuid4()), **requests.get(call, {}))
        code = ""
    except Refused as refusal:
        code = refusal.code
    assert (code != "NOT_ALLOWED") is allowed


@pytest.mark.stack
def test_what_another_process_writes_is_found_by_the_running_service(
    topology, run_process, transactions, tmp_path
):
    """Before it starts, while it runs, and after its index was thrown away."""
    environment = {
        "HELPDESK_SEARCH_FOLDER": str(tmp_path),
        "ACTOR_PUBLIC_KEY": b64encode(KEY.public_key().public_bytes_raw()).decode(),
        "PORTAL_URL": "https://portal.example",
    }
    author = Author(uuid4(), "客服組長", True)

    def write(question):
        answer = QuickAnswer(
            uuid4(), None, State.PUBLISHED, "mtnet", {"zh-Hant": question, "en": "q"}, {"zh-Hant": "a", "en": "a"},
            author.account_id, author.name, datetime.now(UTC).date(), 1, datetime.now(UTC),
        )  # fmt: skip
        with transactions.transaction() as tx:
            QuickAnswerStore(tx).save(answer, "written", "", author)

    write("船舶進港")
    running = run_process("serve", "helpdesk", **environment)
    eventually(lambda: _indexed(running) == 1)
    write("引水申請")
    eventually(lambda: _indexed(running) == 2)
    assert running.stop() == 0
    again = TantivyIndex(tmp_path / "quick-answers")
    assert [len(again.search(text)) for text in ("船舶進港", "引水申請")] == [1, 1]
    again.close()


def _indexed(running):
    """How many searches have been built or brought up to date, as the log says."""
    lines = [json.loads(line) for line in running.log.splitlines() if line.startswith("{")]
    return len(
        [line for line in lines if line.get("message") in ("search index built", "search index changed")]
    )
