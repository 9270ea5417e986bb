"""How long the helpdesk keeps personal data, table by table. `docs/retention.md` is written from these rules."""

from __future__ import annotations

from mtnet_chassis.data.retention import Rule, nothing_personal

from helpdesk.ticket_search.actions import forget_gone
from helpdesk.tickets.actions import forget_tickets
from helpdesk.tickets.store import OLD

KEPT = "three years after the ticket was closed"
BECAUSE = "a matter may be taken up again, and complaints are answered from it"

RULES: tuple[Rule, ...] = (
    Rule(
        table="inbound_item",
        holds="mails, LINE messages and forms as they came in",
        kept="the bytes 180 days after they became an entry of a ticket; what was held, or our own, 30 days",
        because="what was misread can be read again; the thread has what matters",
        expired="raw IS NOT NULL AND settled_at < %(now)s - CASE WHEN state = 'recorded' THEN interval '180 days'"
        " ELSE interval '30 days' END",
        erase="raw = NULL",
    ),
    Rule(
        table="inbound_item",
        holds="addresses of who wrote, and that something came in",
        kept="two years after it came in, without the bytes",
        because="what comes in again is known",
        expired="settled_at < %(now)s - interval '2 years' AND raw IS NULL AND raw_key IS NULL",
    ),
    Rule(
        table="fault",
        holds="names of the agents who recorded and solved it; causes and solutions",
        kept="five years after the fault was solved",
        because="the same fault may come back",
        expired="resolved_at < %(now)s - interval '5 years'",
    ),
    Rule(
        table="fault_update",
        holds="names of the agents who wrote it",
        kept="as long as its fault",
        because="part of the fault's record",
    ),
    Rule(
        table="fault_ticket",
        holds="names of the agents who joined a ticket to a fault",
        kept="as long as its ticket and its fault",
        because="whoever reported a fault is told when it is solved",
    ),
    Rule(
        table="fault_message",
        holds="names of the agents who wrote it",
        kept="until everybody was told, seconds or minutes",
        because="it is on its way to those who reported the fault",
    ),
    Rule(
        table="fault_to_tell",
        kept="until they were told, seconds or minutes",
        because="ids of tickets",
    ),
    Rule(
        table="reactivation_case",
        holds="account names and names of holders, where evidence is kept, who judged it and how",
        kept="five years after it was decided",
        because="who let somebody into an account must be answerable for it",
        expired="decided_at < %(now)s - interval '5 years'",
    ),
    Rule(
        table="desk_person",
        holds="names of the desk's people",
        kept="one year after their account was closed, disabled or frozen",
        because="tickets are given to whoever works here",
        expired="ended_at < %(now)s - interval '1 year'",
    ),
    Rule(
        table="roster_entry",
        holds="names of agents and their shifts",
        kept="one year after the shift",
        because="who was at the desk when something happened",
        expired="day < (%(now)s AT TIME ZONE 'Asia/Taipei')::date - 366",
    ),
    Rule(
        table="handover",
        holds="what one shift told the next, with numbers and subjects of tickets",
        kept="one year after it was written",
        because="who was at the desk when something happened",
        expired="written_at < %(now)s - interval '1 year'",
    ),
    Rule(
        table="ticket",
        holds="who wrote, from which address, about what; what the person thought of the answer",
        kept=KEPT,
        because=BECAUSE,
        expired=OLD,
        remove=forget_tickets,
    ),
    Rule(
        table="acknowledgement",
        holds="mail addresses that were told that their message came in",
        kept="one day",
        because="one mailbox gets a few an hour, whoever wrote in its name",
        expired="sent_at < %(now)s - interval '1 day'",
    ),
    Rule(table="entry", holds="what was written, answered, noted and said", kept=KEPT, because=BECAUSE),
    Rule(table="entry_change", holds="names of agents", kept=KEPT, because=BECAUSE),
    Rule(table="attachment", holds="names of files that people sent", kept=KEPT, because=BECAUSE),
    Rule(
        table="kept_file",
        holds="names of files that were chosen for an answer",
        kept="one day",
        because="an answer is sent within the day, and has a row of its own for each file",
        expired="kept_at < %(now)s - interval '1 day'",
    ),
    Rule(
        table="faq_proposal",
        holds="names of agents who proposed a question for everybody",
        kept=KEPT,
        because=BECAUSE,
    ),
    Rule(table="ticket_link", kept=KEPT, because="numbers only"),
    Rule(table="split_entry", kept=KEPT, because="ids only"),
    Rule(
        table="requester_address",
        holds="e-mail addresses, telephone and fax numbers, LINE user ids of who wrote",
        kept="three years after it was last used, and as long as its person has a ticket",
        because="who writes again is known again",
        expired="last_used_at < %(now)s - interval '3 years' AND NOT EXISTS"
        " (SELECT FROM ticket t WHERE t.requester_id = requester_address.requester_id)",
    ),
    Rule(
        table="requester",
        holds="names of who wrote",
        kept="three years after they last wrote, and as long as they have a ticket",
        because="who writes again is known again",
        expired="last_seen_at < %(now)s - interval '3 years'"
        " AND NOT EXISTS (SELECT FROM ticket t WHERE t.requester_id = requester.requester_id)"
        " AND NOT EXISTS (SELECT FROM requester_address a WHERE a.requester_id = requester.requester_id)"
        " AND NOT EXISTS (SELECT FROM requester o"
        " WHERE o.joined_to = requester.requester_id OR o.came_with = requester.requester_id)",
    ),
    Rule(
        table="account_address",
        holds="contacts of accounts, as accounts and notify announce them",
        kept="until the account is closed",
        because="a message is put to the person whose address it came from",
    ),
    Rule(
        table="account_known",
        holds="names of who has an account",
        kept="until the account is closed; then only that it is",
        because="a message is put to the person whose address it came from",
    ),
    Rule(
        table="canned_answer",
        holds="names of the agents who wrote them",
        kept="as long as needed",
        because="texts of the desk",
    ),
    Rule(
        table="quick_answer",
        holds="names of the agents who keep them",
        kept="as long as needed",
        because="texts of the desk",
    ),
    Rule(
        table="quick_answer_version",
        holds="names of the agents who wrote them",
        kept="as long as the answer",
        because="who said what to the public, and when",
    ),
    Rule(
        table="missing_answer",
        holds="what agents searched for; what looks like a number or an address is never kept",
        kept="half a year after it was last searched for",
        because="it shows which answers are missing",
        expired="last_at < %(now)s - interval '6 months'",
    ),
    Rule(
        table="saved_view",
        holds="what an agent calls a view",
        kept="until the agent removes it",
        because="the agent's own",
    ),
    Rule(
        table="ticket_change",
        kept="as long as the ticket, and 30 days more",
        because="ids only: every index of the search hears that the ticket is forgotten",
        expired="gone_at < %(now)s - interval '30 days'",
        remove=forget_gone,
    ),
    *nothing_personal("desk_day", "desk_day_touched", because="counts only"),
    *nothing_personal("ticket_touched", "ticket_search_source", because="ids only"),
    *nothing_personal("contact_channel", because="the helpdesk's own addresses"),
    *nothing_personal("file_to_delete", because="keys only"),
    *nothing_personal(
        "quick_answer_use",
        "quick_answer_day",
        "quick_answer_source",
        because="counts and a name of the database",
    ),
)
