"""Which message goes where: every kind, every choice, whatever is known of the addresses."""

from datetime import datetime, time, timedelta
from itertools import combinations, product
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mtnet_contracts.vocabulary.dates import TAIPEI
from mtnet_contracts.vocabulary.notices import Category
from notify.channels.rules import Failure, Window
from notify.contact_points.rules import EMAIL, FAX, LINE, SMS, ContactPoint, account
from notify.routing.rules import (
    CHAIN,
    FAILURES_OF_THE_CONTACT,
    FINAL_FAILURES,
    KIND_PLANS,
    NoDelivery,
    Planned,
    PlannedDelivery,
    Wanted,
    after_failure,
    not_before,
    plan_deliveries,
)
from notify.settings import waking_hours
from notify.templates.rules import Kind

from ..builders import NOW, an_example

PERSON = account(UUID(int=7))
MAIL, OTHER_MAIL = (EMAIL, "a@example.com"), (EMAIL, "b@example.com")
CHAT, PAPER, MOBILE = (LINE, "U1"), (FAX, "+886281927019"), (SMS, "+886912345678")
EVERYWHERE = (CHAT, MAIL, OTHER_MAIL, PAPER, MOBILE)
NIGHT = datetime(2026, 11, 23, 23, 30, tzinfo=TAIPEI)
DAY = Window(time(8), time(21))
RETURNED, REMINDER, RECEIVED = Kind.APPLICATION_RETURNED, Kind.REMINDER_DUE, Kind.APPLICATION_RECEIVED


def points(*addresses, dead=()):
    return [ContactPoint(*address, reachable=address not in dead) for address in addresses]


def ways(kind, addresses=EVERYWHERE, chosen=(EMAIL,), named=(MAIL,), dead=(), suppressed=(), now=NOW):
    wanted = Wanted(KIND_PLANS[kind], tuple(named), PERSON)
    return plan_deliveries(wanted, points(*addresses, dead=dead), chosen, set(suppressed), now, DAY)


def to(planned):
    return [(each.channel, each.recipient) for each in planned.deliveries]


class TestEveryKind:
    def test_each_has_a_plan(self):
        assert set(KIND_PLANS) == set(Kind)

    @pytest.mark.parametrize("kind", list(Kind))
    def test_the_example_of_each_has_a_way_on_a_channel_that_fits(self, kind):
        message = an_example(kind)
        planned = plan_deliveries(
            Wanted(message.plan, message.named, message.person), (), {EMAIL}, frozenset(), NOW, DAY
        )
        assert planned.deliveries
        assert {each.channel for each in planned.deliveries} <= message.plan.channels

    @pytest.mark.parametrize("kind", list(Kind))
    def test_what_must_arrive_is_never_switched_off(self, kind):
        plan = KIND_PLANS[kind]
        planned = ways(kind, chosen=())
        must = plan.category in (Category.LEGAL, Category.SECURITY)
        assert bool(planned.deliveries) is must
        assert planned.reason_for_none == (None if must else NoDelivery.SWITCHED_OFF)

    @pytest.mark.parametrize("kind", [kind for kind in Kind if KIND_PLANS[kind].exactly])
    def test_a_code_or_link_goes_to_the_named_addresses_alone_whatever_is_known_of_them(self, kind):
        planned = ways(kind, chosen=CHAIN, dead=[MAIL], suppressed=[MAIL])
        assert to(planned) == [MAIL]
        assert after_failure(KIND_PLANS[kind], EMAIL, "BOUNCED", {MAIL}, points(*EVERYWHERE), ()) is None

    def test_what_holds_a_link_that_works_once_says_so(self):
        """Except what only locks others out: to be told of a login does no harm on any channel."""
        secret = {kind for kind in Kind if an_example(kind).sealed_secret}
        assert secret - {kind for kind in Kind if KIND_PLANS[kind].exactly} == {Kind.NEW_DEVICE_LOGIN}


class TestChoices:
    def test_a_decision_goes_by_mail_and_to_what_was_chosen(self):
        assert to(ways(RETURNED, chosen={EMAIL, LINE, FAX})) == [MAIL, CHAT, PAPER]
        assert to(ways(RETURNED, chosen={EMAIL})) == [MAIL]

    def test_a_reminder_goes_to_what_was_chosen_alone(self):
        assert to(ways(REMINDER, chosen={LINE})) == [CHAT]
        assert to(ways(REMINDER, chosen={EMAIL})) == [MAIL]

    def test_a_channel_that_does_not_fit_is_not_taken(self):
        assert to(ways(RECEIVED, chosen={EMAIL, FAX})) == [MAIL]

    def test_a_security_notice_goes_to_every_address_that_is_named(self):
        planned = ways(Kind.PASSWORD_CHANGED, named=(MAIL, OTHER_MAIL, MOBILE), chosen={EMAIL, LINE})
        assert to(planned) == [MAIL, OTHER_MAIL, MOBILE, CHAT]

    def test_operators_are_written_to_where_the_event_says(self):
        wanted = Wanted(KIND_PLANS[Kind.PRIVACY_REQUEST_DUE], (MAIL, OTHER_MAIL))
        planned = plan_deliveries(wanted, (), (), {MAIL}, NOW, DAY)
        assert planned == Planned((PlannedDelivery(*OTHER_MAIL),))

    @pytest.mark.parametrize(
        ("dead", "expected"),
        [
            ([CHAT], [MAIL]),
            ([CHAT, MAIL], [OTHER_MAIL]),
            ([CHAT, MAIL, OTHER_MAIL], [PAPER]),
            ([CHAT, MAIL, OTHER_MAIL, PAPER], []),
        ],
    )
    def test_line_then_mail_then_fax(self, dead, expected):
        for unreachable in (True, False):
            planned = ways(
                REMINDER,
                chosen={LINE},
                dead=dead if unreachable else (),
                suppressed=() if unreachable else dead,
            )
            assert to(planned) == expected
            assert planned.reason_for_none == (None if expected else NoDelivery.UNREACHABLE)

    def test_who_unlinked_line_is_written_to_by_mail(self):
        assert to(ways(REMINDER, addresses=[MAIL], chosen={LINE})) == [MAIL]

    def test_nobody_knows_an_address(self):
        planned = ways(REMINDER, addresses=[], named=())
        assert planned == Planned((), NoDelivery.NO_ADDRESS)


class TestQuietHours:
    def test_they_are_from_nine_in_the_evening_to_eight_unless_a_setting_says_otherwise(self, monkeypatch):
        monkeypatch.delenv("NOTIFY_QUIET_HOURS", raising=False)
        assert waking_hours.__wrapped__() == DAY
        monkeypatch.setenv("NOTIFY_QUIET_HOURS", "none")
        assert waking_hours.__wrapped__() is None

    def test_nobody_is_reminded_at_night(self):
        (way,) = ways(REMINDER, now=NIGHT).deliveries
        assert way.not_before.astimezone(TAIPEI) == datetime(2026, 11, 24, 8, tzinfo=TAIPEI)

    @pytest.mark.parametrize("kind", [RETURNED, Kind.PASSWORD_CHANGED, RECEIVED])
    def test_decisions_security_and_receipts_go_at_once(self, kind):
        assert {way.not_before for way in ways(kind, now=NIGHT, chosen=CHAIN).deliveries} == {None}

    def test_without_quiet_hours_everything_goes_at_once(self):
        assert not_before(KIND_PLANS[REMINDER], NIGHT, None) is None

    @given(st.datetimes(min_value=datetime(2024, 1, 1), max_value=datetime(2030, 1, 1)))
    def test_a_reminder_leaves_between_eight_and_nine_in_the_evening(self, moment):
        now = moment.replace(tzinfo=NOW.tzinfo)
        leaves = not_before(KIND_PLANS[REMINDER], now, DAY) or now
        assert time(8) <= leaves.astimezone(TAIPEI).time() < time(21)
        assert timedelta(0) <= leaves - now <= timedelta(hours=11)
        assert (leaves == now) is (time(8) <= now.astimezone(TAIPEI).time() < time(21))

    @pytest.mark.parametrize("hours", [(time(8), time(8)), (time(21), time(8))])
    def test_hours_end_after_they_begin(self, hours):
        with pytest.raises(ValueError, match="begin before they end"):
            Window(*hours)


SUBSETS = [frozenset(each) for n in range(len(EVERYWHERE) + 1) for each in combinations(EVERYWHERE, n)]


@pytest.mark.parametrize("kind", [kind for kind in Kind if not KIND_PLANS[kind].exactly])
def test_whatever_is_known_and_chosen_a_message_has_a_reachable_way_or_a_reason(kind):
    """All 32 sets of addresses, which of them are dead, and all choices: 4,000 cases a kind."""
    plan = KIND_PLANS[kind]
    must = plan.category in (Category.LEGAL, Category.SECURITY)
    choices = [frozenset(each) for n in range(4) for each in combinations(CHAIN, n)]
    for known, chosen in product(SUBSETS, choices):
        for dead in (each for each in SUBSETS if each <= known):
            planned = ways(kind, addresses=sorted(known), chosen=chosen, named=(), dead=dead)
            found, alive = to(planned), known - dead
            assert bool(found) is (planned.reason_for_none is None)
            assert set(found) <= alive
            assert {channel for channel, _ in found} <= plan.channels
            assert len(found) == len(set(found))
            reached = {channel for channel, _ in found}
            for channel in chosen & plan.channels:
                if any(each[0] == channel for each in alive):
                    assert channel in reached, "what is chosen and works is used"
            if planned.reason_for_none is NoDelivery.SWITCHED_OFF:
                assert not must
                assert not chosen & plan.channels
            if planned.reason_for_none is NoDelivery.NO_ADDRESS:
                assert not any(channel in plan.channels for channel, _ in known)


class TestAfterAFailure:
    @given(
        st.sampled_from([RETURNED, REMINDER, RECEIVED]),
        st.sets(st.sampled_from(EVERYWHERE), min_size=1),
        st.sets(st.sampled_from(EVERYWHERE)),
        st.sampled_from([each for each in Failure if each not in FINAL_FAILURES]),
    )
    def test_a_message_goes_down_the_chain_and_ends(self, kind, known, dead, failure):
        plan, tried = KIND_PLANS[kind], []
        address = ways(kind, addresses=sorted(known), chosen={LINE}, named=(), dead=dead).deliveries
        current = (address[0].channel, address[0].recipient) if address else None
        while current is not None:
            assert current not in tried
            assert current in known - dead
            tried.append(current)
            current = after_failure(
                plan, current[0], failure, set(tried), points(*sorted(known), dead=dead), ()
            )
        order = [CHAIN.index(channel) for channel, _ in tried]
        assert order == sorted(order)
        fits = {each for each in known - dead if each[0] in plan.channels}
        assert set(tried) == {each for each in fits if each[0] in CHAIN}, "every way is tried"

    @pytest.mark.parametrize("failure", sorted(FINAL_FAILURES))
    def test_what_is_too_late_or_unreadable_takes_no_other_way(self, failure):
        assert after_failure(KIND_PLANS[RETURNED], LINE, failure, {CHAT}, points(*EVERYWHERE), ()) is None

    def test_a_suppressed_address_stands_in_for_nobody(self):
        found = after_failure(
            KIND_PLANS[RETURNED], LINE, "BLOCKED", {CHAT}, points(*EVERYWHERE), {MAIL, OTHER_MAIL}
        )
        assert found == PAPER

    def test_a_mobile_that_fails_is_no_reason_to_write_to_a_fax_machine_of_what_does_not_fit(self):
        plan = KIND_PLANS[Kind.PASSWORD_CHANGED]
        assert after_failure(plan, SMS, "RECIPIENT_REFUSED", {MOBILE}, points(PAPER, MOBILE), ()) is None

    def test_too_late_is_not_said_about_an_address(self):
        assert not FINAL_FAILURES & FAILURES_OF_THE_CONTACT
