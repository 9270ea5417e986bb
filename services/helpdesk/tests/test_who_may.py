"""Who may call what of the helpdesk: each role at each operation, and nobody; the link's holder brings the link."""

from uuid import uuid4

import pytest
from helpdesk.recording.actions import record_inbound
from helpdesk.service import HelpdeskService
from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.rpc.actor import ActorSigner
from mtnet_chassis.rpc.endpoint import Refused
from mtnet_chassis.runtime.services import entrypoints_of
from mtnet_contracts.calls import Call
from mtnet_contracts.calls.helpdesk import (
    canned_answers,
    faq_proposals,
    faults,
    figures,
    following,
    held_items,
    kept_files,
    quick_answers,
    reactivations,
    requesters,
    shifts,
    status,
    ticket_files,
    ticket_joins,
    ticket_list,
    tickets,
    web_form,
)
from mtnet_contracts.vocabulary.choices import ROLES
from mtnet_contracts.vocabulary.desk import DESK, DESK_ADMINISTRATORS, DESK_LEADS

from .builders import KEY, NOW, VERIFIER, an_actor, an_inbound

ENDPOINTS = {
    e.endpoint.call.name: e.endpoint for e in entrypoints_of(HelpdeskService) if hasattr(e, "endpoint")
}
SERVICES = ("helpdesk",)
# Everybody who works at the desk.
AGENTS = frozenset(
    {
        "acknowledge_handover",
        "add_note",
        "add_reports",
        "announce_fault",
        "answer_ticket",
        "approve_reactivation",
        "canned_answers",
        "change_fault",
        "change_ticket",
        "change_tickets",
        "check_reactivation",
        "count_tickets",
        "desk_changes",
        "desk_people",
        "faq_beginning",
        "fault",
        "fault_of_ticket",
        "reactivations_of_ticket",
        "faults",
        "handovers",
        "incidents",
        "join_requesters",
        "keep_files",
        "lease_ticket",
        "leave_shift",
        "link_tickets",
        "list_tickets",
        "log_call",
        "merge_ticket",
        "missing_answers",
        "note_missing_answer",
        "propose_faq",
        "open_reactivation",
        "quick_answer",
        "quick_answer_history",
        "quick_answers",
        "reactivation",
        "reactivations",
        "record_fault",
        "refuse_reactivation",
        "release_ticket",
        "remove_report",
        "remove_view",
        "requester",
        "resolve_fault",
        "reveal_addresses",
        "roster",
        "save_quick_answer",
        "save_view",
        "saved_views",
        "search_quick_answers",
        "split_ticket",
        "situation",
        "take_shift",
        "ticket",
        "ticket_file",
        "ticket_file_page",
        "undo_join",
        "undo_merge",
        "undo_split",
        "unlink_tickets",
        "use_quick_answers",
        "write_handover",
    }
)
LEADS = frozenset(
    {
        "decide_held_item",
        "decide_quick_answer",
        "desk_figures",
        "held_items",
        "retire_canned_answer",
        "save_canned_answer",
    }
)
ADMINISTRATORS = frozenset()
# What stands on a public page.
EVERYBODY = frozenset({"status"})
# Whoever has the secret link of a ticket.
WITH_THE_LINK = frozenset(
    {"answer_by_link", "follow_ticket", "followed_file", "keep_files_by_link", "rate_ticket"}
)


# Somebody who has no account writes, too.
ANYBODY = frozenset({"send_form"})


def allowed(name):
    for names, roles in ((AGENTS, DESK), (LEADS, DESK_LEADS), (ADMINISTRATORS, DESK_ADMINISTRATORS)):
        if name in names:
            return frozenset(roles)
    return frozenset()


def refusal(name, token=None):
    """What the endpoint says before it looks at anything: an empty request, no database."""

    class Away:
        def transaction(self):
            raise AssertionError("the database was asked")

    with pytest.raises((Refused, AssertionError)) as stopped:
        ENDPOINTS[name].answer(
            HelpdeskService(),
            {"actor": token, "request": {}} if token else {"request": {}},
            database=Away(),
            verifier=VERIFIER,
        )
    return getattr(stopped.value, "code", "asked")


def token_of(role):
    return ActorSigner(KEY.private_bytes_raw()).sign(an_actor(role))


@pytest.mark.parametrize("name", sorted(AGENTS | LEADS | ADMINISTRATORS))
def test_each_role_may_do_what_it_is_for_and_nothing_else(name):
    found = {role: refusal(name, token_of(role)) for role in ROLES}
    may, may_not = allowed(name), set(ROLES) - set(allowed(name))
    assert {role for role, answer in found.items() if answer in ("asked", "INVALID")} == set(may), found
    assert {role for role, answer in found.items() if answer == "NOT_ALLOWED"} == may_not, found


@pytest.mark.parametrize("name", sorted(AGENTS | LEADS | ADMINISTRATORS))
def test_nobody_does_anything_at_the_desk_without_logging_in(name):
    assert refusal(name) == "NOT_SIGNED_IN"


@pytest.mark.parametrize("name", sorted(WITH_THE_LINK))
def test_without_a_link_nobody_sees_a_ticket(name, asking):
    assert refusal(name) == "INVALID"
    upload = {"upload_key": "uploads/1", "filename": "a.pdf", "sha256": "0" * 64}
    request = {"link_token": "z" * 32, "text": "x", "satisfaction": 5} | {
        "followed_file": {"attachment_id": str(uuid4())},
        "keep_files_by_link": {"uploads": [upload]},
    }.get(name, {})
    with pytest.raises(Refused) as refused:
        asking(name, **request)
    assert refused.value.code == "DESK_LINK_INVALID"


@pytest.mark.parametrize("name", sorted(ANYBODY))
@pytest.mark.parametrize("role", [None, *ROLES])
def test_anybody_may_write_to_the_desk(name, role):
    assert refusal(name, token_of(role) if role else None) == "INVALID"


@pytest.mark.parametrize("other", ["", "m" * 31, "M" * 32, "../../desk/tickets", "z" * 33])
def test_a_link_that_is_nearly_right_opens_nothing(other, asking, transactions):
    with transactions.transaction() as tx:
        opened = record_inbound(tx, Outbox(tx), an_inbound(address=f"{uuid4().hex}@example.com"), NOW)
        (own,) = tx.execute(
            "SELECT link_token FROM ticket WHERE ticket_id = %s", (opened.ticket_id,)
        ).fetchone()
    assert asking("follow_ticket", link_token=own)["number"] == opened.number
    for wrong in (other, own[:-1], f"{own}a", own[::-1], opened.number):
        with pytest.raises(Refused) as refused:
            asking("follow_ticket", link_token=wrong)
        assert refused.value.code in ("INVALID", "DESK_LINK_INVALID")


@pytest.mark.parametrize("name", sorted(EVERYBODY))
def test_everybody_may_ask_what_stands_on_a_public_page(name):
    assert refusal(name) == "asked"
    assert not ENDPOINTS[name].call.writes


def test_every_operation_is_in_the_table():
    """Of the contracts that are named here; whoever adds one names it, or tries its calls beside its topic."""
    contracts = (
        tickets,
        ticket_list,
        ticket_joins,
        ticket_files,
        requesters,
        canned_answers,
        faq_proposals,
        figures,
        following,
        held_items,
        kept_files,
        quick_answers,
        web_form,
        reactivations,
        faults,
        shifts,
        status,
    )
    known = {
        each.name for contract in contracts for each in vars(contract).values() if isinstance(each, Call)
    }
    everyone = EVERYBODY | WITH_THE_LINK | ANYBODY
    assert known & ENDPOINTS.keys() == AGENTS | LEADS | ADMINISTRATORS | everyone
