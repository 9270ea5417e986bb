"""Quick answers on real PostgreSQL, with a real index: written, found at once, counted, due, and which are missing."""

from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from helpdesk.quick_answers import actions
from helpdesk.quick_answers.indexing import QuickAnswerSource
from helpdesk.quick_answers.rules import (
    Author,
    Decision,
    NotTheirs,
    QuickAnswerNotFound,
    QuickAnswersEnough,
    ReviewDayNotValid,
)
from helpdesk.quick_answers.store import QuickAnswerStore
from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.rpc.actor import Actor
from mtnet_contracts.vocabulary.dates import taipei_day
from mtnet_search.following import Follower
from mtnet_search.tantivy_index import TantivyIndex
from psycopg.errors import LockNotAvailable

NOW = datetime(2026, 11, 26, 3, 0, tzinfo=UTC)
TODAY = NOW.date()
REVIEW_ON = TODAY + timedelta(days=30)
LEAD = Author(uuid4(), "客服組長", True)
AGENT = Author(uuid4(), "客服人員", False)


def an_actor(author):
    return Actor(
        account_id=author.account_id,
        account_name="helpdesk1",
        display_name=author.name,
        roles=frozenset({"helpdesk_lead" if author.lead else "helpdesk_agent"}),
        session_id=uuid4(),
        expires_at=NOW,
    )


class AnswerDesk:
    """Somebody of the desk at work, and an index that follows what stands in the transaction."""

    def __init__(self, tx, index):
        self.tx, self.index = tx, index
        follower = Follower(
            index, QuickAnswerSource(), lambda: nullcontext(tx), lambda act, *values: act(*values)
        )
        self.follow = follower.catch_up
        self.follow()

    def save(self, question="忘記密碼怎麼辦", author=LEAD, answer_id=None, version=0, **changes):
        values = {
            "category": "mtnet",
            "question_zh": question,
            "question_en": f"About {question}",
            "answer_zh": "於登入頁點選連結，輸入電子郵件。",
            "answer_en": "Choose the link on the login page.",
            "review_on": REVIEW_ON,
            "note": "",
        } | changes
        saved = actions.save(
            self.tx,
            Outbox(self.tx),
            an_actor(author),
            author,
            answer_id=answer_id,
            version=version,
            **values,
            now=NOW,
        )
        self.follow()
        return saved

    def decide(self, known, decision, author=LEAD, review_on=None):
        after = actions.decide(
            self.tx,
            Outbox(self.tx),
            an_actor(author),
            author,
            answer_id=known.answer_id,
            version=known.version,
            decision=decision,
            review_on=review_on,
            note="因為",
            now=NOW,
        )
        self.follow()
        return after

    def publish(self, *values, **changes):
        return self.decide(self.save(*values, **changes), "publish", review_on=REVIEW_ON)

    def found(self, text, drafts=False, limit=8):
        return actions.search(self.index, text, drafts, limit)

    def listed(self, today=TODAY, **asked):
        wanted = {"state": None, "category": None, "due": False, "before": None, "limit": 50} | asked
        return actions.answers(self.tx, today, **wanted)


@pytest.fixture
def desk(tx, tmp_path):
    index = TantivyIndex(tmp_path)
    yield AnswerDesk(tx, index)
    index.close()


def told(tx):
    return [row[0] for row in tx.execute("SELECT payload::jsonb ->> 'action' FROM outbox ORDER BY position")]


def test_an_answer_is_found_once_it_is_published_and_no_more_when_it_is_retired(desk):
    draft = desk.save()
    assert desk.found("密碼") == []
    assert [hit["answer_id"] for hit in desk.found("密碼", drafts=True)] == [draft.answer_id]
    published = desk.decide(draft, "publish")
    (hit,) = desk.found("密碼")
    assert (hit["answer_id"], hit["locale"], hit["near"]) == (draft.answer_id, "zh-Hant", False)
    assert {"text": "密碼", "marked": True} in hit["question"]
    desk.decide(published, "retire")
    assert desk.found("密碼") == []


def test_an_answer_is_found_in_both_languages_once(desk):
    desk.publish()
    assert [hit["locale"] for hit in desk.found("login page")] == ["en"]
    assert len(desk.found("About 密碼")) == 1


def test_new_words_are_found_by_the_next_search_and_old_ones_are_not(desk):
    known = desk.publish()
    desk.save("變更公司電話", answer_id=known.answer_id, version=known.version)
    assert desk.found("公司電話")[0]["answer_id"] == known.answer_id
    assert all(hit["near"] for hit in desk.found("忘記密碼"))


def test_every_change_is_a_version_that_says_who_why_and_what(desk):
    known = desk.publish()
    desk.save("變更公司電話", answer_id=known.answer_id, version=known.version, note="改名")
    versions, more = actions.history(desk.tx, known.answer_id, None, 2)
    assert [(each.version, each.change, each.note) for each in versions] == [
        (3, "written", "改名"),
        (2, "publish", "因為"),
    ]
    assert versions[0].question["zh-Hant"] == "變更公司電話"
    (first,), end = actions.history(desk.tx, known.answer_id, more, 2)
    assert (first.version, first.question["zh-Hant"], end) == (1, "忘記密碼怎麼辦", None)


def test_every_write_is_told_to_the_audit_log(desk):
    known = desk.publish()
    for decision in (Decision.CONFIRM, Decision.RETIRE, Decision.REOPEN):
        known = desk.decide(known, decision)
    other = desk.save(author=AGENT)
    desk.decide(other, Decision.TAKE_OVER)
    assert told(desk.tx) == [
        "save_quick_answer",
        "publish_quick_answer",
        "confirm_quick_answer",
        "retire_quick_answer",
        "reopen_quick_answer",
        "save_quick_answer",
        "take_over_quick_answer",
    ]


def test_an_agent_proposes_and_changes_only_their_own_drafts(desk):
    own, others = desk.save(author=AGENT), desk.save()
    assert (own.state, own.owner_name) == ("draft", AGENT.name)
    assert desk.save("新題目", author=AGENT, answer_id=own.answer_id, version=1).version == 2
    with pytest.raises(NotTheirs):
        desk.save("新題目", author=AGENT, answer_id=others.answer_id, version=1)


@pytest.mark.parametrize("days", [0, 732])
def test_a_review_day_that_cannot_be_is_refused(desk, days):
    with pytest.raises(ReviewDayNotValid):
        desk.save(review_on=TODAY + timedelta(days=days))
    with pytest.raises(ReviewDayNotValid):
        desk.decide(desk.save(), "publish", review_on=TODAY + timedelta(days=days))


def test_what_is_due_is_listed_the_longest_overdue_first_until_it_is_confirmed(desk):
    later, sooner = (desk.decide(desk.save(), "publish", review_on=TODAY + timedelta(days=n)) for n in (9, 5))
    desk.save(review_on=TODAY + timedelta(days=1))
    assert desk.listed(due=True)[0] == []
    on_that_day = TODAY + timedelta(days=9)
    due, _, count = desk.listed(today=on_that_day, due=True)
    assert [each.answer_id for each in due] == [sooner.answer_id, later.answer_id]
    assert count == 2
    desk.decide(due[0], "confirm")
    assert [each.answer_id for each in desk.listed(today=on_that_day, due=True)[0]] == [later.answer_id]


def test_answers_are_listed_newest_first_page_by_page(desk):
    numbers = [desk.save(category="crew" if n == 1 else "mtnet").number for n in range(3)]
    first, before, _ = desk.listed(limit=2)
    second, end, _ = desk.listed(limit=2, before=before)
    assert [each.number for each in (*first, *second)] == sorted(numbers, reverse=True)
    assert end is None
    assert [each.number for each in desk.listed(category="crew")[0]] == [numbers[1]]
    assert desk.listed(state="published")[0] == []


def test_uses_are_counted_and_leave_the_answer_and_the_index_as_they_are(desk):
    one, two, draft = desk.publish(), desk.publish("公司電話"), desk.save()
    cursor = desk.index.cursor()
    asked = [two.answer_id, one.answer_id, two.answer_id, draft.answer_id, uuid4()]
    used = actions.use(desk.tx, asked, "en", NOW)
    assert [each["answer_id"] for each in used] == [two.answer_id, one.answer_id]
    assert used[0]["answer"] == "Choose the link on the login page."
    actions.use(desk.tx, [one.answer_id], "zh-Hant", NOW)
    assert actions.answer(desk.tx, one.answer_id).used == 2
    assert actions.answer(desk.tx, draft.answer_id).used == 0
    today = taipei_day(NOW)
    most = actions.most_used(desk.tx, today, today, 2)
    assert [(each["answer_id"], each["used"]) for each in most] == [(one.answer_id, 2), (two.answer_id, 1)]
    assert most[1]["question"]["zh-Hant"] == "公司電話"
    assert actions.most_used(desk.tx, today + timedelta(days=1), today + timedelta(days=2), 2) == []
    desk.follow()
    assert desk.index.cursor() == cursor


def test_searches_without_a_result_are_counted_in_one_spelling(desk):
    desk.publish()
    noted = [
        actions.note_missing(desk.tx, desk.index, text, NOW)
        for text in ("平台維護", "平臺維護", "密碼", "A123456789")
    ]
    assert noted == [True, True, False, False]
    (missing,) = actions.missing(desk.tx, 10)
    assert (missing["text"], missing["times"]) == ("平台維護", 2)


def test_so_many_missing_answers_are_kept_and_the_latest_of_them(desk, monkeypatch):
    monkeypatch.setattr("helpdesk.quick_answers.store.MOST_MISSING", 2)
    for n, text in enumerate(("船員", "引水", "拖船")):
        actions.note_missing(desk.tx, desk.index, text, NOW + timedelta(seconds=n))
    assert {each["text"] for each in actions.missing(desk.tx, 10)} == {"引水", "拖船"}


def test_no_more_answers_than_can_be_kept(desk, monkeypatch):
    monkeypatch.setattr(actions, "MOST_ANSWERS", 1)
    known = desk.save()
    with pytest.raises(QuickAnswersEnough):
        desk.save()
    assert desk.save(answer_id=known.answer_id, version=1).version == 2


def test_what_is_not_there_is_not_found(desk):
    for ask in (
        lambda: actions.answer(desk.tx, uuid4()),
        lambda: actions.history(desk.tx, uuid4(), None, 1),
        lambda: desk.save(answer_id=uuid4(), version=1),
        lambda: desk.decide(replace(desk.save(), answer_id=uuid4()), "publish"),
    ):
        with pytest.raises(QuickAnswerNotFound):
            ask()


def test_a_change_is_never_visible_before_one_with_a_smaller_number(transactions):
    """The second writer waits for the first, even where they write about different answers."""
    with transactions.transaction() as first:
        desk_of(first).save()
        with pytest.raises(LockNotAvailable):
            impatient(transactions)
    with transactions.transaction() as tx:
        assert len(QuickAnswerStore(tx).changes_after(0, None)) == 1


def impatient(transactions):
    with transactions.transaction() as tx:
        tx.execute("SET LOCAL lock_timeout = '50ms'")
        desk_of(tx).save()


class NoIndex:
    def cursor(self):
        return None

    def rebuild(self, documents, cursor):
        pass


def desk_of(tx):
    return AnswerDesk(tx, NoIndex())
