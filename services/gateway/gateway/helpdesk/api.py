"""The desk as a program sees it."""

from __future__ import annotations

from typing import Any, Literal

from mtnet_contracts.calls import Call
from mtnet_contracts.calls.accounts import account_card
from mtnet_contracts.calls.helpdesk import (
    canned_answers,
    faq_proposals,
    figures,
    following,
    held_items,
    kept_files,
    requesters,
    ticket_files,
    ticket_joins,
    ticket_list,
    tickets,
)
from mtnet_contracts.vocabulary.texts import N_

from gateway.api.operation import Operation, Proof


def _desk(
    method: Literal["GET", "POST", "PUT", "DELETE"],
    path: str,
    call: Call,
    summary: str,
    example: dict[str, Any] | None = None,
    proof: Proof = "helpdesk",
) -> Operation:
    return Operation(call.name, method, f"/desk/{path}", call, summary, proof, example=example)


def _ticket(
    method: Literal["POST", "DELETE"],
    path: str,
    call: Call,
    summary: str,
    example: dict[str, Any] | None = None,
) -> Operation:
    return _desk(method, f"tickets/<uuid:ticket_id>/{path}", call, summary, example)


OTHER = {"other": "HD2026-000124"}
OPERATIONS = (
    _desk(
        "GET",
        "tickets",
        ticket_list.LIST_TICKETS,
        N_("List tickets by view, filters and text, a page at a time"),
    ),
    _desk("GET", "counts", ticket_list.COUNT_TICKETS, N_("Count the tickets of each view, up to 1,000")),
    _desk("GET", "changes", ticket_list.DESK_CHANGES, N_("See which tickets have changed since a place")),
    _desk(
        "GET",
        "figures",
        figures.DESK_FIGURES,
        N_("See how much came in, how soon it was answered, and what people thought of it"),
        proof="helpdesk_lead",
    ),
    _desk("GET", "people", ticket_list.DESK_PEOPLE, N_("See whom a ticket can be given to")),
    _desk("GET", "tickets/<string:number>", tickets.TICKET, N_("Get a ticket with its thread")),
    _ticket(
        "POST",
        "lease",
        tickets.LEASE_TICKET,
        N_("Say that you are answering; once more to go on. Leads may take over from a colleague"),
        {"take_over": False},
    ),
    _ticket("DELETE", "lease", tickets.RELEASE_TICKET, N_("Say that you are not answering any more")),
    _ticket(
        "POST",
        "answer",
        tickets.ANSWER_TICKET,
        N_("Answer by the channel that the person wrote by"),
        {"version": 1, "text": "您好，請重新整理頁面後再送出一次。", "then": "waiting_customer"},
    ),
    Operation(
        "keep_files",
        "POST",
        "/desk/tickets/<uuid:ticket_id>/files",
        kept_files.KEEP_FILES,
        N_("Bring a file for your next answer; its id goes into `file_ids`"),
        "helpdesk",
        upload=True,
    ),
    _ticket(
        "POST",
        "note",
        tickets.ADD_NOTE,
        N_("Add a note for the desk alone"),
        {"text": "已請系統維運查看紀錄"},
    ),
    _ticket(
        "POST",
        "change",
        tickets.CHANGE_TICKET,
        N_("Change state, priority, category, owner, team, subject, or what is spam"),
        {"version": 1, "changes": {"priority": "high"}},
    ),
    _desk(
        "POST",
        "changed-tickets",
        tickets.CHANGE_TICKETS,
        N_("Change many tickets; each answers for itself"),
        {"ticket_ids": ["01938c1e-7a40-7c11-9a52-3f6f4b1d2e01"], "changes": {"team": "technical"}},
    ),
    _desk(
        "POST",
        "calls",
        tickets.LOG_CALL,
        N_("Log a telephone call, with a new ticket or in one"),
        {"phone": "0912345678", "name": "船務代理公司承辦人", "text": "詢問進港申請狀態", "solved": True},
    ),
    _ticket(
        "POST",
        "addresses",
        tickets.REVEAL_ADDRESSES,
        N_("See addresses that are masked elsewhere, with a reason"),
        {"reason": "回撥電話"},
    ),
    _ticket("POST", "merge", ticket_joins.MERGE_TICKET, N_("Let a ticket go on in another one"), OTHER),
    _ticket("DELETE", "merge", ticket_joins.UNDO_MERGE, N_("Let a merged ticket be by itself again")),
    _ticket(
        "POST",
        "split",
        ticket_joins.SPLIT_TICKET,
        N_("Make a ticket of its own from rows of a thread"),
        {"entry_ids": ["01938c1e-7a41-7d02-8b63-4c705d2e3f02"], "subject": "查詢帳單"},
    ),
    _ticket("DELETE", "split", ticket_joins.UNDO_SPLIT, N_("Put back what was split off")),
    _ticket("POST", "link", ticket_joins.LINK_TICKETS, N_("Link two tickets"), OTHER),
    _ticket("POST", "unlink", ticket_joins.UNLINK_TICKETS, N_("Undo the link of two tickets"), OTHER),
    _desk(
        "GET",
        "requesters/<uuid:requester_id>",
        requesters.REQUESTER,
        N_("See who writes, and what they wrote before"),
    ),
    _desk(
        "GET",
        "accounts/<uuid:account_id>",
        account_card.ACCOUNT_CARD,
        N_("See how the account of somebody who writes stands, and its cases"),
    ),
    _desk(
        "POST",
        "requesters/<uuid:requester_id>/join",
        requesters.JOIN_REQUESTERS,
        N_("Say that another one is this person"),
        {"other_id": "01938c1e-7a43-7f04-8d85-6e927f405104"},
    ),
    _desk(
        "DELETE",
        "requesters/<uuid:requester_id>/join",
        requesters.UNDO_JOIN,
        N_("Say that they are two after all"),
    ),
    _desk(
        "GET",
        "canned-answers",
        canned_answers.CANNED_ANSWERS,
        N_("List texts that are kept ready, filled in"),
    ),
    _desk(
        "POST",
        "canned-answers",
        canned_answers.SAVE_CANNED_ANSWER,
        N_("Keep a text ready, in both languages"),
        {
            "title": "請補充資料",
            "body_zh": "{name} 您好：請補充資料。",
            "body_en": "Dear {name}, please tell us more.",
        },
        "helpdesk_lead",
    ),
    _desk(
        "DELETE",
        "canned-answers/<uuid:canned_answer_id>",
        canned_answers.RETIRE_CANNED_ANSWER,
        N_("Keep a text no more"),
        proof="helpdesk_lead",
    ),
    _desk(
        "GET",
        "tickets/<uuid:ticket_id>/question",
        faq_proposals.FAQ_BEGINNING,
        N_("See what a question for everybody would begin with, and what was proposed before"),
    ),
    _ticket(
        "POST",
        "question",
        faq_proposals.PROPOSE_FAQ,
        N_("Propose an answer as a question for everybody"),
        {
            "category": "mtnet",
            "question_zh": "忘記帳號名稱怎麼辦？",
            "question_en": "What if I forget my account name?",
            "answer_zh": "請撥打客服專線，核對身分後即可告知。",
            "answer_en": "Call the helpdesk. It tells you once it knows who you are.",
        },
    ),
    _desk(
        "GET",
        "held",
        held_items.HELD_ITEMS,
        N_("List what was held because one sender or thread brought more than a person writes"),
        proof="helpdesk_lead",
    ),
    _desk(
        "POST",
        "held/<uuid:item_id>/decision",
        held_items.DECIDE_HELD_ITEM,
        N_("Let in what was held, or discard it"),
        {"decision": "release", "reason": "船務代理公司一次轉寄多封信"},
        "helpdesk_lead",
    ),
    _desk("GET", "views", canned_answers.SAVED_VIEWS, N_("List your own views")),
    _desk(
        "POST",
        "views",
        canned_answers.SAVE_VIEW,
        N_("Keep a view under a name"),
        {"name": "傳真", "query": "view=live&channel=fax"},
    ),
    _desk("DELETE", "views/<uuid:view_id>", canned_answers.REMOVE_VIEW, N_("Keep a view no more")),
    Operation(
        "follow_ticket",
        "GET",
        "/contact/<string:link_token>",
        following.FOLLOW_TICKET,
        N_("Read your own ticket by its secret link"),
    ),
    Operation(
        "answer_by_link",
        "POST",
        "/contact/<string:link_token>/answer",
        following.ANSWER_BY_LINK,
        N_("Write to the desk in your own ticket"),
        example={"text": "已重新送出，仍然沒有反應。"},
    ),
    Operation(
        "keep_files_by_link",
        "POST",
        "/contact/<string:link_token>/files",
        kept_files.KEEP_FILES_BY_LINK,
        N_("Bring a file for what you write next; its id goes into `file_ids`"),
        upload=True,
    ),
    Operation(
        "followed_file",
        "GET",
        "/contact/<string:link_token>/files/<uuid:attachment_id>",
        following.FOLLOWED_FILE,
        N_("Download a file of your own ticket"),
        answer="file",
        media_types=("application/octet-stream",),
    ),
    Operation(
        "ticket_file",
        "GET",
        "/desk/files/<uuid:attachment_id>",
        ticket_files.TICKET_FILE,
        N_("Download what came with a ticket"),
        "helpdesk",
        "file",
        media_types=("application/octet-stream",),
    ),
    Operation(
        "ticket_file_page",
        "GET",
        f"/desk/files/<uuid:attachment_id>/pages/<int(min=1, max={ticket_files.MOST_PAGES}):page>",
        ticket_files.TICKET_FILE_PAGE,
        N_("Get a page of a fax as a picture"),
        "helpdesk",
        "file",
        media_types=("image/png",),
    ),
    Operation(
        "rate_ticket",
        "POST",
        "/contact/<string:link_token>/satisfaction",
        following.RATE_TICKET,
        N_("Say whether the answer helped"),
        example={"satisfaction": 5, "comment": ""},
    ),
)
