"""What comes in goes where it belongs, once."""

from itertools import permutations
from uuid import uuid4

import psycopg
import pytest
from helpdesk.file_checks.rules import StoredFile
from helpdesk.recording.actions import record_all, record_inbound
from helpdesk.recording.rules import beside_each_other, until_they_meet
from helpdesk.requesters import actions as requesters
from helpdesk.tickets import actions as tickets
from helpdesk.tickets.rules import MOST_MERGED
from mtnet_chassis.events.outbox import Outbox

from ..builders import MAIL, NOW, an_actor, an_inbound, days, hours

SERVICES = ("helpdesk",)


@pytest.fixture
def record(transactions):
    """By one person for each test: the tables are those of all of them."""
    own = {"address": f"clerk-{uuid4().hex}@example.com"}

    def record(now=NOW, **changes):
        changes = own | changes
        with transactions.transaction() as tx:
            return record_inbound(tx, Outbox(tx), an_inbound(received_at=now, **changes), now)

    return record


@pytest.fixture
def shown(asking):
    """The ticket as an agent sees it."""
    agent = an_actor()
    return lambda recorded: asking("ticket", of=agent, number=recorded.number)


def test_a_first_message_opens_a_ticket_with_its_thread(record, shown):
    file = StoredFile(uuid4(), "畫面.png", "image/png", 1234, "0" * 64, "helpdesk/inbound/1")
    recorded = record(attachments=(file,))
    ticket = shown(recorded)
    assert recorded.new
    assert recorded.number.startswith("HD2026-")
    assert (ticket["state"], ticket["priority"], ticket["team"]) == ("new", "normal", "first_line")
    assert ticket["address"] == "c•••@example.com"
    (entry,) = ticket["entries"]
    assert (entry["kind"], entry["author_name"]) == ("inbound", "船務代理公司承辦人")
    assert entry["attachments"][0]["filename"] == "畫面.png"


def test_the_same_item_counts_once(record, shown):
    item_id = uuid4()
    first, second = record(item_id=item_id), record(item_id=item_id)
    assert (second.entry_id, second.again, second.new) == (first.entry_id, True, False)
    assert len(shown(first)["entries"]) == 1


def test_the_same_matter_of_the_same_person_is_one_thread(record, shown):
    first = record()
    again = record(NOW + hours(2), subject="RE: 回覆：無法送出船舶進港申請", text="再補充畫面。")
    other = record(NOW + hours(3), subject="查詢帳單")
    assert again.ticket_id == first.ticket_id
    assert other.new


def test_an_old_matter_is_a_new_ticket(record):
    first = record()
    assert record(NOW + days(8)).ticket_id != first.ticket_id


def test_a_reference_is_believed_whoever_answers(record, shown):
    first = record(message_id=(first_id := f"<{uuid4()}@example.com>"))
    colleague = record(
        NOW + hours(1), address="colleague@example.com", subject="Re: x", references=(first_id,)
    )
    assert colleague.ticket_id == first.ticket_id
    # The answer goes to the ticket's person, not to whoever wrote last.
    assert shown(first)["address"] == "c•••@example.com"
    assert shown(first)["entries"][-1]["text"]


def test_a_number_in_the_subject_counts_for_its_own_person_alone(record, shown):
    first = record()
    mine = record(NOW + hours(1), subject="查詢進度", ticket_number=first.number)
    stranger = record(
        NOW + hours(1), subject="查詢進度", ticket_number=first.number, address="stranger@example.net"
    )
    assert mine.ticket_id == first.ticket_id
    assert stranger.new
    assert [each["number"] for each in shown(stranger)["others"]] == [first.number]
    assert "再" not in str(shown(stranger)["entries"])


def test_the_link_of_a_ticket_leads_there(record, shown):
    first = record()
    token = shown(first)["link"].rpartition("/")[2]
    again = record(NOW + hours(1), subject="x", link_token=token.upper(), address="other@example.net")
    assert again.ticket_id == first.ticket_id


def test_line_and_mail_of_one_person_are_told_apart_until_they_are_joined(record, asking):
    mail = record()
    chat = record(channel="line", address=f"U{uuid4().hex}", subject="")
    agent = an_actor()
    one, other = (asking("ticket", of=agent, number=each.number)["requester_id"] for each in (mail, chat))
    joined = asking("join_requesters", of=agent, requester_id=str(one), other_id=str(other))
    assert {each["number"] for each in joined["tickets"]} == {mail.number, chat.number}
    assert len(joined["addresses"]) == 2
    parted = asking("undo_join", of=agent, requester_id=str(other))
    assert [each["number"] for each in parted["tickets"]] == [chat.number]


def a_stream(tag):
    """What several people write within an hour: again, to each other's threads, twice, automatically, with numbers."""
    people = [f"{tag}-{n}@example.com" for n in range(4)]
    made = []
    for turn in range(4):
        for n, address in enumerate(people):
            again = made and (turn + n) % 3 == 0
            made.append(
                an_inbound(
                    address=address if (turn, n) != (2, 1) else address.upper(),
                    subject="" if n == 3 else f"{'Re: ' if turn else ''}船舶進港申請 {n if turn < 3 else 0}",
                    text=f"{tag} {turn} {n}",
                    message_id=f"<{tag}-{turn}-{n}@example.com>",
                    references=(f"<{tag}-{turn - 1}-{(n + 1) % 4}@example.com>",) if again and turn else (),
                    automatic=(turn, n) == (3, 2),
                    spam=(turn, n) == (0, 1),
                )
            )
        made.append(made[turn])  # it comes again
    return made


def test_what_is_recorded_together_goes_where_it_would_have_gone_alone(transactions, rows):
    threads = []
    for together in (False, True):
        tag = uuid4().hex
        stream = a_stream(tag)
        with transactions.transaction() as tx:
            outbox = Outbox(tx)
            if together:
                recorded = record_all(tx, outbox, stream, NOW)
            else:
                recorded = [record_inbound(tx, outbox, each, NOW) for each in stream]
        places = list(dict.fromkeys(each.ticket_id for each in recorded))
        found = rows(
            "SELECT t.state, t.subject, t.version, t.spam, t.address, (SELECT array_agg(e.text ORDER BY sequence)"
            " FROM entry e WHERE e.ticket_id = t.ticket_id), (SELECT array_agg(o.name ORDER BY o.sequence)"
            " FROM outbox o WHERE o.subject = t.ticket_id::text), (SELECT count(*) FROM ticket_link l"
            " WHERE t.ticket_id IN (l.one_id, l.other_id)) FROM ticket t WHERE t.ticket_id = ANY(%s)"
            " ORDER BY array_position(%s, t.ticket_id)",
            places,
            places,
        )
        threads.append(
            ([(places.index(e.ticket_id), e.new, e.again) for e in recorded], str(found).replace(tag, ""))
        )
    assert threads[0] == threads[1]
    assert len(threads[0][0]) == 20
    assert sum(again for _, _, again in threads[0][0]) == 4


def test_two_of_one_account_who_write_at_once_from_two_new_addresses_are_one_person(transactions):
    account_id, addresses = uuid4(), [f"{uuid4().hex}@example.com" for _ in range(2)]
    with transactions.transaction() as tx:
        requesters.keep_account(
            tx, account_id, "承辦人", "zh-Hant", [("email", each) for each in addresses], NOW
        )
        first, second = record_all(tx, Outbox(tx), [an_inbound(address=each) for each in addresses], NOW)
    assert (first.new, second.new) == (True, False)
    assert first.ticket_id == second.ticket_id


SUBJECTS = {"email": "進港申請無法送出", "web": "補充說明", "fax": "傳真 1 頁", "line": ""}


@pytest.fixture
def one_person(transactions):
    """Writes in a way, from what one account has."""
    number, mail, chat = f"+8862{uuid4().int % 10**8:08d}", f"{uuid4().hex}@example.com", f"U{uuid4().hex}"
    address = {"email": mail, "web": mail, "fax": number, "line": chat}
    known = [("email", mail), ("fax", number), ("line", chat)]
    with transactions.transaction() as tx:
        requesters.keep_account(tx, uuid4(), "承辦人", "zh-Hant", known, NOW)

    def write(way, at=NOW, **changes):
        given = {"subject": SUBJECTS[way], "text": way} | changes
        inbound = an_inbound(channel=way, address=address[way], **given)
        with transactions.transaction() as tx:
            return record_inbound(tx, Outbox(tx), inbound, at)

    return write


@pytest.mark.parametrize("order", list(permutations(SUBJECTS)), ids="-".join)
def test_one_person_who_writes_in_four_ways_has_one_thread(one_person, transactions, rows, order):
    recorded = [one_person(way, NOW + hours(n)) for n, way in enumerate(order)]
    with transactions.transaction() as tx:
        roots = {each.ticket_id for each in tickets.roots_of(tx, {e.ticket_id for e in recorded}).values()}
    ((root,),) = (tuple(roots),)
    live = rows(
        "SELECT count(*) FROM ticket WHERE ticket_id = ANY(%s) AND merged_into IS NULL", places(recorded)
    )
    assert live == [(1,)]
    # It counts from when the first of them came.
    due = rows(
        "SELECT first_answer_due_at FROM ticket WHERE ticket_id = ANY(%s)", [root, recorded[0].ticket_id]
    )
    assert len(set(due)) == 1


def places(recorded):
    return [each.ticket_id for each in recorded]


@pytest.mark.parametrize("order", list(permutations(SUBJECTS)), ids="-".join)
def test_the_page_of_a_form_shows_nothing_that_others_wrote(one_person, rows, asking, order):
    recorded = {way: one_person(way, NOW + hours(n)) for n, way in enumerate(order)}
    form = recorded["web"]
    ((token, number),) = rows("SELECT link_token, number FROM ticket WHERE ticket_id = %s", form.ticket_id)
    page = asking("follow_ticket", link_token=token)
    assert [each["text"] for each in page["entries"]] == ["web"]
    assert (page["number"], page["state"], page["answered_by_mail"]) == (number, "new", True)
    # Written there, it reaches the thread; what comes back by mail stays off the page.
    page = asking("answer_by_link", link_token=token, text="再補充")
    assert [each["text"] for each in page["entries"]] == ["web", "再補充"]
    one_person("email", NOW + hours(9), link_token=token, subject="RE: 補充說明")
    assert len(asking("follow_ticket", link_token=token)["entries"]) == 2


@pytest.mark.parametrize("before", [way for way in SUBJECTS if way != "web"])
def test_the_desk_reads_a_form_in_the_thread_of_its_person(one_person, asking, before):
    first, form = one_person(before), one_person("web", NOW + hours(1))
    assert form.number != first.number
    thread = asking("ticket", of=an_actor(), number=form.number)
    assert thread["number"] == first.number
    assert [each["text"] for each in thread["entries"] if each["kind"] == "inbound"] == [before, "web"]
    # To the person's own address, whoever sent the form: as its page says.
    assert thread["channel"] == "web"


def test_the_desk_goes_on_with_what_a_form_began(one_person, asking):
    form, mail = one_person("web"), one_person("email", NOW + hours(1))
    thread = asking("ticket", of=an_actor(), number=form.number)
    assert (thread["number"], thread["subject"], thread["channel"]) == (mail.number, SUBJECTS["web"], "email")
    assert [each["text"] for each in thread["entries"] if each["kind"] == "inbound"] == ["web", "email"]


def test_two_forms_with_one_address_are_two_tickets(one_person, rows):
    first, again = one_person("web"), one_person("web", NOW + hours(1), item_id=uuid4())
    assert again.new
    linked = rows("SELECT count(*) FROM ticket_link WHERE %s IN (one_id, other_id)", first.ticket_id)
    merged = rows(
        "SELECT count(*) FROM ticket WHERE ticket_id = ANY(%s) AND merged_into IS NULL",
        places([first, again]),
    )
    assert (linked, merged) == ([(1,)], [(2,)])


def test_a_flood_of_forms_is_not_one_endless_thread(one_person, rows):
    first = one_person("email")
    forms = [one_person("web", subject=SUBJECTS["email"], text=str(n)) for n in range(MOST_MERGED + 2)]
    merged = rows("SELECT count(*) FROM ticket WHERE merged_into = %s", first.ticket_id)
    assert merged == [(MOST_MERGED - 1,)]
    assert all(each.new for each in forms)


class Counting(psycopg.Cursor):
    statements = 0

    def execute(self, *given, **more):
        Counting.statements += 1
        return super().execute(*given, **more)


def test_a_full_mailbox_costs_few_statements(postgres_dsn):
    """One statement more for each mail would be seen here."""
    counted = []
    for size in (2, 40):
        stream = [an_inbound(address=f"{uuid4().hex}@example.com") for _ in range(size)]
        with psycopg.connect(postgres_dsn, cursor_factory=Counting) as tx:
            Counting.statements = 0
            record_all(tx, Outbox(tx), stream, NOW)
        counted.append(Counting.statements)
    assert counted[0] == counted[1] < 20


def test_those_that_may_meet_are_told_apart():
    alone = [an_inbound(address=f"{n}@example.com") for n in range(3)]
    assert beside_each_other(alone) == 3
    first = an_inbound(message_id="<1@x.example>")
    for meeting in (
        an_inbound(address=MAIL.upper()),
        an_inbound(address="b@x.example", references=("<1@x.example>",)),
        an_inbound(address="b@x.example", item_id=first.item_id),
        an_inbound(address=MAIL, channel="web"),
    ):
        assert beside_each_other([first, meeting]) == 1
    token = {"link_token": "AB" * 16}
    assert (
        beside_each_other([an_inbound(**token), an_inbound(address="b@x.example", link_token="ab" * 16)]) == 1
    )
    assert until_they_meet([[("a", "1")], [("a", "2"), ("b", "1")], [("b", "1")]]) == 2
