"""Questions to real PostgreSQL: routes, queues, histories, and two people at once."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier
from uuid import uuid4

import psycopg
import pytest
from mtnet_chassis.events.outbox import Outbox
from mtnet_contracts.vocabulary.choices import CITIES, IDENTITY_TYPES, UNITS
from mtnet_contracts.vocabulary.dates import taipei_day
from review.cases import actions
from review.cases.rules import Case, CaseNotFound, ClaimedByAnother, NotClaimed, Reason, StaleVersion
from review.cases.store import CaseStore
from review.routes.actions import Routes
from review.routes.store import RouteStore

from ..builders import MONDAY_MORNING, a_new_case, a_reviewer, a_submission, day, minutes

NOW = MONDAY_MORNING


def opened(tx, *, city="keelung", identity_type="company", now=NOW, **changes) -> Case:
    """A case as ApplicationSubmitted opens it."""
    new = a_new_case(
        city=city, identity_type=identity_type, submission=a_submission(**({"submitted_at": now} | changes))
    )
    actions.open_submitted_case(CaseStore(tx), Routes(tx), Outbox(tx), new, now)
    return CaseStore(tx).case(new.application_id)


def queue(tx, reviewer, now=NOW, **asked):
    wanted = {"tab": "all", "identity_type": None, "search": None, "sort": "oldest"} | asked
    return actions.queue(CaseStore(tx), reviewer, now, **({"page": 1, "page_size": 25} | wanted))


def numbers(found) -> list[str]:
    return [line.case_number for line in found["items"]]


def count(found, tab) -> int:
    return next(each["count"] for each in found["counts"] if each["tab"] == tab)


class TestRoutes:
    @pytest.mark.parametrize("city", CITIES)
    @pytest.mark.parametrize("identity_type", ["company", "public_body"])
    def test_every_city_has_a_centre(self, tx, city, identity_type):
        case = opened(tx, city=city, identity_type=identity_type)
        assert case.unit in UNITS[:4]
        assert [stage.unit for stage in case.stages[1:]] == ["operations"]

    @pytest.mark.parametrize(
        ("identity_type", "units"), [("individual", ["operations"]), ("bureau", ["personnel", "operations"])]
    )
    def test_people_without_a_company_have_their_own_way(self, tx, identity_type, units):
        case = opened(tx, city=None, identity_type=identity_type)
        assert [stage.unit for stage in case.stages] == units

    def test_every_identity_type_has_a_route(self, tx):
        for identity_type in IDENTITY_TYPES:
            assert RouteStore(tx).route_in_force(identity_type, NOW).version == 1

    def test_a_running_case_keeps_the_route_it_began_with(self, tx):
        before = opened(tx)
        tx.execute(
            "WITH added AS (INSERT INTO route (identity_type, version, in_force_from)"
            " VALUES ('company', 2, %s) RETURNING route_id)"
            " INSERT INTO route_stage SELECT route_id, 1, 'operations', 1 FROM added",
            (NOW + minutes(1),),
        )
        later = opened(tx, now=NOW + minutes(2))
        assert [stage.unit for stage in later.stages] == ["operations"]
        reviewer = a_reviewer("north")
        actions.claim_case(CaseStore(tx), reviewer, before.application_id, NOW + minutes(3))
        forwarded = actions.forward_case(
            CaseStore(tx),
            Outbox(tx),
            reviewer,
            before.application_id,
            version=1,
            note="",
            now=NOW + minutes(4),
        )
        assert [stage.unit for stage in forwarded.stages] == ["north", "operations"]

    def test_the_office_calendar_moves_deadlines(self, tx):
        assert opened(tx, now=NOW + timedelta(days=31)).due_on == day("2026-12-30")


class TestCases:
    def test_a_case_is_read_as_it_was_saved(self, tx):
        case = opened(tx)
        reviewer = a_reviewer("north")
        claimed = actions.claim_case(CaseStore(tx), reviewer, case.application_id, NOW)
        assert CaseStore(tx).case(case.application_id) == claimed
        returned = actions.return_case(
            CaseStore(tx), Outbox(tx), reviewer, case.application_id,
            version=1, reasons=(Reason("WRONG", "form"),), note="補件", now=NOW,
        )  # fmt: skip
        assert CaseStore(tx).case(case.application_id) == returned

    def test_an_unknown_case_is_not_found(self, tx):
        with pytest.raises(CaseNotFound):
            CaseStore(tx).case(uuid4())

    def test_the_database_refuses_a_claim_on_a_case_that_is_not_open(self, tx):
        case = actions.claim_case(CaseStore(tx), a_reviewer("north"), opened(tx).application_id, NOW)
        with pytest.raises(psycopg.errors.CheckViolation):
            CaseStore(tx).save_case(replace(case, state="approved"))

    def test_a_correction_is_shown_field_by_field_beside_the_history(self, tx):
        store, outbox, reviewer = CaseStore(tx), Outbox(tx), a_reviewer("north", "審核員")
        case = opened(tx)
        actions.claim_case(store, reviewer, case.application_id, NOW)
        actions.return_case(
            store, outbox, reviewer, case.application_id,
            version=1, reasons=(Reason("WRONG", "applicant.phone"),), note="電話少一碼", now=NOW,
        )  # fmt: skip
        first = a_submission()
        applicant = {**first.answers["applicant"], "phone": "+886224261234"}
        corrected = a_submission(
            submission=2,
            submitted_at=NOW + minutes(30),
            answers={**first.answers, "applicant": applicant},
        )
        actions.reopen_resubmitted_case(store, outbox, case.application_id, corrected, NOW + minutes(31))
        page = actions.case(store, reviewer, case.application_id, NOW + minutes(32))
        assert [(d.field, d.before, d.after) for d in page["differences"]] == [
            ("applicant.phone", "+886233436767", "+886224261234")
        ]
        assert [(line.action, line.actor_name, line.submission) for line in page["history"]] == [
            ("submitted", None, 1),
            ("claimed", "審核員", 1),
            ("returned", "審核員", 1),
            ("resubmitted", None, 2),
        ]
        assert page["history"][2].reasons == [{"code": "WRONG", "field": "applicant.phone"}]
        assert (page["version"], page["submission"], page["state"]) == (3, 2, "open")

    def test_a_claim_is_told_once_in_the_history_however_often_it_is_renewed(self, tx):
        case, reviewer = opened(tx), a_reviewer("north")
        for minute in (0, 10, 20):
            actions.claim_case(CaseStore(tx), reviewer, case.application_id, NOW + minutes(minute))
        actions.claim_case(CaseStore(tx), a_reviewer("north"), case.application_id, NOW + minutes(40))
        history = [line.action for line in CaseStore(tx).history(case.application_id)]
        assert history == ["submitted", "claimed", "claimed"]

    def test_another_unit_does_not_learn_that_a_case_exists(self, tx):
        with pytest.raises(CaseNotFound):
            actions.case(CaseStore(tx), a_reviewer("south"), opened(tx).application_id, NOW)

    def test_the_page_says_what_its_reader_may_do(self, tx):
        case = opened(tx)
        store, mine, other = CaseStore(tx), a_reviewer("north"), a_reviewer("north")
        page = actions.case(store, mine, case.application_id, NOW)
        assert (page["may_claim"], page["may_decide"], page["decisions"]) == (True, False, [])
        actions.claim_case(store, mine, case.application_id, NOW)
        page = actions.case(store, mine, case.application_id, NOW)
        assert (page["may_claim"], page["may_decide"]) == (True, True)
        assert page["decisions"] == ["forward", "return", "reject"]
        page = actions.case(store, other, case.application_id, NOW)
        assert (page["may_claim"], page["may_decide"], page["claimed_by"]) == (False, False, mine.name)


class TestQueue:
    @pytest.fixture
    def reviewer(self, tx):
        tx.execute("TRUNCATE review_case, case_stage, submission, case_entry")
        return a_reviewer("north")

    def test_holds_the_unit_s_own_cases_oldest_first(self, tx, reviewer):
        newer = opened(tx, now=NOW + minutes(5))
        older = opened(tx)
        opened(tx, city="kaohsiung")
        assert numbers(queue(tx, reviewer)) == [older.case_number, newer.case_number]
        assert numbers(queue(tx, reviewer, sort="newest")) == [newer.case_number, older.case_number]

    def test_tells_claims_apart(self, tx, reviewer):
        mine, theirs, free = (opened(tx, now=NOW + minutes(n)) for n in range(3))
        actions.claim_case(CaseStore(tx), reviewer, mine.application_id, NOW + minutes(4))
        actions.claim_case(
            CaseStore(tx), a_reviewer("north", "另一位"), theirs.application_id, NOW + minutes(4)
        )
        at = NOW + minutes(5)
        assert numbers(queue(tx, reviewer, at, tab="mine")) == [mine.case_number]
        assert numbers(queue(tx, reviewer, at, tab="unclaimed")) == [free.case_number]
        lines = {line.case_number: line for line in queue(tx, reviewer, at)["items"]}
        assert lines[mine.case_number].claimed_by_me
        assert (lines[theirs.case_number].claimed_by, lines[theirs.case_number].claimed_by_me) == (
            "另一位",
            False,
        )
        assert lines[free.case_number].claimed_by is None

    def test_a_claim_that_ran_out_is_free_again(self, tx, reviewer):
        case = opened(tx)
        actions.claim_case(CaseStore(tx), reviewer, case.application_id, NOW)
        later = queue(tx, reviewer, NOW + minutes(15), tab="unclaimed")
        assert numbers(later) == [case.case_number]
        assert later["items"][0].claimed_by is None

    def test_counts_agree_with_what_each_tab_shows(self, tx, reviewer):
        cases = [opened(tx, now=NOW + minutes(n)) for n in range(6)]
        store, outbox, now = CaseStore(tx), Outbox(tx), NOW + minutes(10)
        for case in cases[:4]:
            actions.claim_case(store, reviewer, case.application_id, now)
        reasons = (Reason("WRONG", "form"),)
        ids = [case.application_id for case in cases]
        actions.forward_case(store, outbox, reviewer, ids[0], version=1, note="", now=now)
        actions.return_case(store, outbox, reviewer, ids[1], version=1, reasons=reasons, note="x", now=now)
        actions.reject_case(store, outbox, reviewer, ids[2], version=1, reasons=(), note="x", now=now)
        actions.close_withdrawn_case(store, ids[5], now)
        found = queue(tx, reviewer, now)
        counts = {each["tab"]: each["count"] for each in found["counts"]}
        assert counts == {"all": 2, "mine": 1, "unclaimed": 1, "returned": 1, "overdue": 0}
        assert count(queue(tx, reviewer, now, tab="decided"), "decided") == 3
        for tab, expected in (counts | {"decided": 3}).items():
            shown = queue(tx, reviewer, now, tab=tab)
            assert (shown["total"], len(shown["items"])) == (expected, expected), tab

    def test_overdue_cases_are_counted_from_the_day_after(self, tx, reviewer):
        case = opened(tx)
        last_day = NOW + timedelta(days=3)
        assert taipei_day(last_day) == case.due_on
        assert queue(tx, reviewer, last_day, tab="overdue")["total"] == 0
        late = queue(tx, reviewer, last_day + timedelta(days=1), tab="overdue")
        assert numbers(late) == [case.case_number]
        assert late["items"][0].overdue

    def test_a_returned_case_that_was_corrected_is_open_again(self, tx, reviewer):
        case = opened(tx)
        store, outbox = CaseStore(tx), Outbox(tx)
        actions.claim_case(store, reviewer, case.application_id, NOW)
        actions.return_case(
            store, outbox, reviewer, case.application_id, version=1, reasons=(), note="x", now=NOW
        )
        assert queue(tx, reviewer)["total"] == 0
        actions.reopen_resubmitted_case(store, outbox, case.application_id, a_submission(submission=2), NOW)
        assert queue(tx, reviewer)["total"] == 1
        assert count(queue(tx, reviewer), "returned") == 0

    @pytest.mark.parametrize(
        "words", ["範例", "例航運股", "QWERTY", "qwertyui", "ＱＷＥＲＴＹ", "台灣", "臺灣航業", "100%", "_"]
    )
    def test_search_finds_names_in_any_writing_and_takes_signs_literally(self, tx, reviewer, words):
        opened(tx, company_name="範例航運股份有限公司", account_name="QWERTYUI")
        opened(tx, company_name="臺灣航業", account_name="OTHERNAME")
        opened(tx, company_name="百分之百 100%_", account_name="THIRDNAME")
        assert queue(tx, reviewer, search=words)["total"] == 1

    def test_search_finds_a_case_by_its_number(self, tx, reviewer):
        case = opened(tx)
        opened(tx)
        assert numbers(queue(tx, reviewer, search=case.case_number.lower())) == [case.case_number]

    def test_filters_by_identity_type(self, tx, reviewer):
        opened(tx)
        body = opened(tx, identity_type="public_body")
        assert numbers(queue(tx, reviewer, identity_type="public_body")) == [body.case_number]

    def test_pages_follow_each_other_without_gap_or_overlap(self, tx, reviewer):
        made = [opened(tx, now=NOW + minutes(n)).case_number for n in range(7)]
        pages = [queue(tx, reviewer, page=page, page_size=3) for page in (1, 2, 3, 4)]
        assert [number for page in pages for number in numbers(page)] == made
        assert {page["total"] for page in pages} == {7}

    @pytest.mark.parametrize("tab", ["all", "mine", "unclaimed", "returned", "overdue"])
    def test_a_page_costs_what_it_shows_however_much_was_decided(self, tx, reviewer, tab):
        for _ in range(3):
            opened(tx)
        tx.execute(
            "INSERT INTO review_case SELECT gen_random_uuid(), 'PTAPPLY' || n, 'company', 'a', 'p', 'n',"
            " NULL, 1, 2, 2, 'north', 'approved', 1, 1, now(), now(), '2026-11-26', NULL, NULL, NULL, NULL, 'x'"
            " FROM generate_series(1, 20000) AS n"
        )
        tx.execute(
            "INSERT INTO case_stage SELECT application_id, 1, 'north', 3, now() FROM review_case"
            " WHERE state = 'approved'"
        )
        tx.execute("ANALYZE review_case, case_stage")
        asked = []

        class Recording(psycopg.Cursor):
            def execute(self, query, params=None, **options):
                asked.append((query, params))
                return super().execute(query, params, **options)

        tx.cursor_factory = Recording
        assert queue(tx, reviewer, tab=tab)["total"] == (3 if tab in ("all", "unclaimed") else 0)
        tx.cursor_factory = psycopg.Cursor
        assert len(asked) == 1, "lines, their number, and the numbers of the tabs"
        for query, params in asked:
            plan = "\n".join(line for (line,) in tx.execute(f"EXPLAIN {query}", params))
            assert "Seq Scan" not in plan, plan
            assert "case_stage" not in plan, plan

    def test_uses_an_index_when_the_unit_has_little_and_the_others_much(self, tx, reviewer):
        tx.execute(
            "INSERT INTO review_case SELECT gen_random_uuid(), 'PTAPPLY' || n, 'company', 'a', 'p', 'n',"
            " NULL, 1, 1, 2, 'south', 'open', 1, 1, now(), now(), '2026-11-26', NULL, NULL, NULL, NULL, 'x'"
            " FROM generate_series(1, 5000) AS n"
        )
        tx.execute("ANALYZE review_case")
        plan = tx.execute(
            "EXPLAIN SELECT application_id FROM review_case c WHERE c.unit = 'north' AND c.state = 'open'"
            " ORDER BY c.waiting_since, c.application_id LIMIT 25"
        ).fetchall()
        assert "Seq Scan" not in str(plan)
        assert "Index" in str(plan)


class TestTwoAtOnce:
    """Each person has a connection and a transaction; both begin at the same moment."""

    def at_once(self, transactions, *acts):
        barrier = Barrier(len(acts))

        def run(act):
            with transactions.transaction() as tx:
                tx.execute("SELECT 1")
                barrier.wait(10)
                try:
                    return act(tx)
                except (ClaimedByAnother, StaleVersion, NotClaimed) as refused:
                    return type(refused)

        with ThreadPoolExecutor(len(acts)) as people:
            return list(people.map(run, acts))

    @pytest.fixture
    def case(self, transactions):
        with transactions.transaction() as tx:
            return opened(tx)

    def test_of_two_claimers_one_wins_and_the_other_is_told_who(self, transactions, case):
        reviewers = [a_reviewer("north", name) for name in ("甲", "乙")]
        outcomes = self.at_once(
            transactions,
            *[
                lambda tx, who=who: actions.claim_case(CaseStore(tx), who, case.application_id, NOW)
                for who in reviewers
            ],
        )
        assert outcomes.count(ClaimedByAnother) == 1
        (winner,) = [outcome for outcome in outcomes if outcome is not ClaimedByAnother]
        with transactions.transaction() as tx:
            assert CaseStore(tx).case(case.application_id).claim == winner.claim

    def test_of_two_decisions_one_wins(self, transactions, case):
        reviewer = a_reviewer("north")
        with transactions.transaction() as tx:
            actions.claim_case(CaseStore(tx), reviewer, case.application_id, NOW)

        def forward(tx):
            return actions.forward_case(
                CaseStore(tx),
                Outbox(tx),
                reviewer,
                case.application_id,
                version=1,
                note="",
                now=NOW,
            ).state

        def send_back(tx):
            return actions.return_case(
                CaseStore(tx), Outbox(tx), reviewer, case.application_id,
                version=1, reasons=(Reason("WRONG", "form"),), note="x", now=NOW,
            ).state  # fmt: skip

        outcomes = self.at_once(transactions, forward, send_back)
        assert outcomes.count(StaleVersion) == 1
        with transactions.transaction() as tx:
            told = tx.execute(
                "SELECT name FROM outbox WHERE subject = %s ORDER BY position", (str(case.application_id),)
            ).fetchall()
            entries = [line.action for line in CaseStore(tx).history(case.application_id)]
        assert len(told) == 2
        assert told[0] == ("CaseOpened",)
        assert (told[1][0], entries[-1]) in {
            ("CaseForwarded", "forwarded"),
            ("ApplicationReturned", "returned"),
        }
