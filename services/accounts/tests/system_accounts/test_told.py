"""What a downstream system is told of accounts: its own, page by page, and nothing that is nobody's business."""

import threading
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import jwt
import pytest
from accounts.system_accounts.rules import SystemNotFound, require_own
from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.rpc.client import Client, ClientPassSigner
from mtnet_contracts.events import AccountClosed
from mtnet_contracts.vocabulary.choices import SYSTEMS
from mtnet_contracts.vocabulary.scopes import SCOPES

from ..conftest import ACTOR_KEY, refusal

BUSINESS_NUMBER = "04595257"


def a_client(system="vessels", scopes=tuple(SCOPES)):
    client = Client(
        subscriber_id=uuid4(),
        name="vessels",
        system=system,
        scopes=frozenset(scopes),
        ip="192.0.2.7",
        expires_at=datetime.now(UTC) + timedelta(hours=3),
    )
    return ClientPassSigner(ACTOR_KEY.private_bytes_raw()).sign(client)


@pytest.fixture(autouse=True)
def _empty(rows):
    """No account of another test is for the system that is asked about."""
    rows("UPDATE account SET systems = '{}' WHERE 'vessels' = ANY (systems)")


@pytest.fixture
def add(rows):
    """`add("vessels", "crew", state="frozen")`: the id of an account for these systems."""
    organisation_id = rows(
        "INSERT INTO organisation (organisation_id, unified_business_number, name_zh, created_at)"
        " VALUES (%s, %s, '範例航運', now()) ON CONFLICT (unified_business_number)"
        " DO UPDATE SET name_zh = EXCLUDED.name_zh RETURNING organisation_id",
        uuid4(),
        BUSINESS_NUMBER,
    )[0][0]

    def add(*systems, state="active", roles=("member",), company=False):
        account_id = uuid4()
        rows(
            "INSERT INTO account (account_id, account_name, name, state, identity_type, roles, systems, email, mobile,"
            " person_key, organisation_id, locale, approved_at, active_on, freeze_on, disable_on)"
            " VALUES (%s, %s, '王小明', %s, 'company', %s, %s, 'secret@example.com', '+886912345678', 'private-key',"
            " %s, 'zh-Hant', now(), '2026-01-01', '2026-04-01', '2027-01-01')",
            account_id,
            f"told{account_id.hex[:12]}",
            state,
            list(roles),
            list(systems),
            organisation_id if company else None,
        )
        return str(account_id)

    return add


@pytest.fixture
def tell(ask):
    def tell(call, *, shown=None, **request):
        return ask(call, signed_pass=shown or a_client(), **request)

    return tell


def all_of(tell, **request):
    """Every page, by pages of two."""
    found, after = [], None
    while True:
        page = tell("system_accounts", system="vessels", limit=2, after=after, **request)
        assert len(page["items"]) <= 2
        found += page["items"]
        after = page["next"]
        if after is None:
            return found


def snapshot_of(tell, *ids, limit=1000):
    """These accounts, read page by page, in the order in which they came."""
    found, after = [], None
    while True:
        page = tell("accounts_snapshot", limit=limit, after=after)
        assert len(page["items"]) <= limit
        found += [each for each in page["items"] if each["account_id"] in ids]
        after = page["next"]
        if after is None:
            return found


class TestOneAccount:
    def test_who_it_is_and_how_it_stands_without_number_and_contact(self, tell, add):
        account_id = add("vessels", "crew", roles=("member", "organisation_manager"), company=True)
        found = tell("system_account", system="vessels", account_id=account_id)
        assert datetime.fromisoformat(found.pop("changed_at")) <= datetime.now(UTC)
        organisation = found.pop("organisation")
        assert found == {
            "account_id": account_id,
            "state": "active",
            "account_name": f"told{UUID(account_id).hex[:12]}",
            "name": "王小明",
            "identity_type": "company",
            "roles": ["member", "organisation_manager"],
        }
        assert (organisation["unified_business_number"], organisation["name"]) == (
            BUSINESS_NUMBER,
            "範例航運",
        )

    def test_roles_inside_the_portal_are_nobodys_business(self, tell, add):
        account_id = add("vessels", roles=("member", "reviewer", "operator", "administrator"))
        assert tell("system_account", system="vessels", account_id=account_id)["roles"] == ["member"]

    def test_of_a_closed_account_no_name_is_left(self, tell, add):
        found = tell("system_account", system="vessels", account_id=add("vessels", state="closed"))
        assert (found["state"], found["account_name"], found["name"]) == ("closed", None, None)

    def test_an_account_of_another_system_is_as_if_there_were_none(self, ask, add):
        asked = {"signed_pass": a_client(), "system": "vessels"}
        known, unknown = (
            refusal(ask, "system_account", **asked, account_id=each) for each in (add("crew"), str(uuid4()))
        )
        assert known.args == unknown.args
        assert known.code == "ACCOUNT_NOT_FOUND"

    def test_every_look_is_recorded_for_the_owner_to_read(self, tell, ask, add, rows):
        account_id, nobody = add("vessels"), str(uuid4())
        tell("system_account", system="vessels", account_id=account_id)
        tell("system_account_statement", system="vessels", account_id=account_id)
        refusal(ask, "system_account", signed_pass=a_client(), system="vessels", account_id=nobody)
        found = rows(
            "SELECT action, host(ip), detail FROM audit_entry WHERE subject_id = ANY (%s::uuid[]) ORDER BY position",
            [account_id, nobody],
        )
        said = {"system": "vessels", "client": "vessels"}
        assert found == [
            ("account_told", "192.0.2.7", said),
            ("account_statement_signed", "192.0.2.7", said),
            ("account_told", "192.0.2.7", said | {"found": False}),
        ]


class TestWhoseSystem:
    @pytest.mark.parametrize("own", [*SYSTEMS, None])
    @pytest.mark.parametrize("asked", [*SYSTEMS, "trains", "", "VESSELS"])
    def test_a_client_asks_of_its_own_system_and_of_no_other(self, own, asked):
        if own == asked:
            require_own(asked, own)
        else:
            with pytest.raises(SystemNotFound):
                require_own(asked, own)

    @pytest.mark.parametrize("call", ["system_accounts", "system_account", "system_account_statement"])
    def test_another_system_reads_like_one_that_there_is_not_and_nothing_is_looked_up(
        self, ask, add, rows, call
    ):
        more = {} if call == "system_accounts" else {"account_id": add("crew")}
        before = rows("SELECT count(*) FROM audit_entry")
        said = [
            refusal(ask, call, signed_pass=a_client(), system=system, **more) for system in ("crew", "trains")
        ]
        assert said[0].args == said[1].args
        assert said[0].code == "SYSTEM_NOT_FOUND"
        assert rows("SELECT count(*) FROM audit_entry") == before

    def test_a_system_that_is_none_of_the_portals_asks_of_none(self, ask, add):
        shown = a_client(system=None)
        assert refusal(ask, "system_accounts", signed_pass=shown, system="vessels").code == "SYSTEM_NOT_FOUND"


class TestTheList:
    def test_all_of_its_own_by_id_whatever_the_page(self, tell, add):
        wanted = sorted(add("vessels", *more) for more in ((), ("crew",), (), ("mtnet", "crew"), ()))
        add("crew")
        assert [each["account_id"] for each in all_of(tell)] == wanted
        whole = tell("system_accounts", system="vessels")
        assert (len(whole["items"]), whole["next"]) == (5, None)

    def test_by_state(self, tell, add):
        frozen = add("vessels", state="frozen")
        add("vessels")
        assert [each["account_id"] for each in all_of(tell, state="frozen")] == [frozen]

    def test_a_list_is_one_entry_of_the_log_with_its_count(self, tell, add, rows):
        for _ in range(3):
            add("vessels")
        all_of(tell)
        found = rows(
            "SELECT detail FROM audit_entry WHERE action = 'accounts_listed' ORDER BY position DESC LIMIT 2"
        )
        assert [detail["count"] for (detail,) in found] == [1, 2]

    def test_since_tells_what_changed_and_what_is_new(self, tell, add, rows):
        first, second, third = add("vessels"), add("vessels"), add("vessels")
        as_of = tell("system_accounts", system="vessels")["as_of"]
        rows("UPDATE account SET state = 'frozen', frozen_at = now() WHERE account_id = %s", first)
        # What nobody is told of is no change.
        rows(
            "UPDATE account SET last_login_at = now(), email = 'other@example.com' WHERE account_id = %s",
            second,
        )
        rows("UPDATE account SET state = state WHERE account_id = %s", third)
        fourth = add("vessels")
        found = all_of(tell, since=as_of)
        assert {each["account_id"] for each in found} == {first, fourth}

    @pytest.mark.parametrize(
        "column", ["account_name = 'renamed'", "name = '李'", "roles = '{}'", "systems = '{vessels,crew}'"]
    )
    def test_each_thing_that_is_told_is_a_change(self, tell, add, rows, column):
        account_id = add("vessels")
        as_of = tell("system_accounts", system="vessels")["as_of"]
        rows(f"UPDATE account SET {column} WHERE account_id = %s", account_id)
        assert len(all_of(tell, since=as_of)) == 1

    def test_a_change_that_was_not_committed_yet_is_not_missed_the_next_time(self, tell, add, transactions):
        """Whoever asks while it is under way gets an `as_of` of before it."""
        account_id = add("vessels")
        written, asked = threading.Event(), threading.Event()

        def change():
            with transactions.transaction() as tx:
                tx.execute("UPDATE account SET state = 'frozen' WHERE account_id = %s", (account_id,))
                written.set()
                asked.wait(60)

        thread = threading.Thread(target=change)
        thread.start()
        try:
            assert written.wait(60)
            page = tell("system_accounts", system="vessels")
        finally:
            asked.set()
            thread.join()
        assert [each["state"] for each in page["items"]] == ["active"]
        assert [each["state"] for each in all_of(tell, since=page["as_of"])] == ["frozen"]

    @pytest.mark.parametrize(
        ("asked", "field"),
        [
            ({"limit": 0}, "limit"),
            ({"limit": 1001}, "limit"),
            ({"after": "first"}, "after"),
            ({"since": "yesterday"}, "since"),
            ({"since": "1999-12-31T00:00:00Z"}, "since"),
            ({"state": "alive"}, "state"),
        ],
    )
    def test_what_cannot_be_is_said_at_its_field(self, ask, asked, field):
        said = refusal(ask, "system_accounts", signed_pass=a_client(), system="vessels", **asked)
        assert list(said.fields) == [field]


class TestStatements:
    def read(self, ask, statement, audience="vessels"):
        """As docs/subscribe.md says, with the keys as they are published."""
        keys = {key["kid"]: jwt.PyJWK(key) for key in ask("statement_keys")["keys"]}
        key = keys[jwt.get_unverified_header(statement)["kid"]]
        return jwt.decode(
            statement, key, algorithms=["EdDSA"], audience=audience, issuer="https://portal.example.com"
        )

    def test_it_says_who_an_active_account_is_to_its_system_for_five_minutes(self, ask, tell, add):
        account_id = add("vessels", company=True)
        given = tell("system_account_statement", system="vessels", account_id=account_id)
        claims = self.read(ask, given["statement"])
        assert (claims["sub"], claims["name"], claims["roles"]) == (account_id, "王小明", ["member"])
        assert claims["organisation"]["unified_business_number"] == BUSINESS_NUMBER
        assert claims["exp"] - claims["iat"] == 300
        assert "secret" not in str(claims)
        assert "private-key" not in str(claims)
        with pytest.raises(jwt.InvalidAudienceError):
            self.read(ask, given["statement"], audience="crew")

    def test_what_is_altered_does_not_verify(self, ask, tell, add):
        statement = tell("system_account_statement", system="vessels", account_id=add("vessels"))["statement"]
        header, _, signature = statement.split(".")
        other = tell("system_account_statement", system="vessels", account_id=add("vessels"))["statement"]
        with pytest.raises(jwt.InvalidSignatureError):
            self.read(ask, ".".join((header, other.split(".")[1], signature)))

    @pytest.mark.parametrize("state", ["approved", "frozen", "disabled", "closed"])
    def test_nothing_is_signed_of_an_account_that_cannot_be_used(self, ask, add, state):
        asked = {"signed_pass": a_client(), "system": "vessels", "account_id": add("vessels", state=state)}
        assert refusal(ask, "system_account_statement", **asked).code == "ACCOUNT_NOT_ACTIVE"


class TestSnapshot:
    def test_each_account_with_the_sequence_of_its_last_event(self, tell, add, transactions):
        quiet, busy = add("vessels"), add("crew", state="closed")
        event = AccountClosed(
            account_id=UUID(busy), account_name="busy", reason="BY_OWNER", closed_at=datetime.now(UTC)
        )
        with transactions.transaction() as tx:
            Outbox(tx).announce_many([event])
            Outbox(tx).announce_many([event])
        found = {each["account_id"]: each for each in snapshot_of(tell, quiet, busy)}
        assert {name: each["sequence"] for name, each in found.items()} == {quiet: 0, busy: 2}
        assert (found[busy]["state"], found[busy]["account_name"]) == ("closed", None)
        assert found[quiet]["systems"] == ["vessels"]
        assert "王小明" not in str(found)

    def test_a_row_never_knows_more_or_less_than_its_sequence(self, tell, add, transactions):
        """A change and its event that are under way are not there, neither of them."""
        account_id = add("vessels")
        written, asked = threading.Event(), threading.Event()
        event = AccountClosed(
            account_id=UUID(account_id), account_name="x", reason="BY_OWNER", closed_at=datetime.now(UTC)
        )

        def close():
            with transactions.transaction() as tx:
                tx.execute("UPDATE account SET state = 'closed' WHERE account_id = %s", (account_id,))
                Outbox(tx).announce(event)
                written.set()
                asked.wait(60)

        thread = threading.Thread(target=close)
        thread.start()
        try:
            assert written.wait(60)
            (during,) = snapshot_of(tell, account_id)
        finally:
            asked.set()
            thread.join()
        (after,) = snapshot_of(tell, account_id)
        assert (during["state"], during["sequence"]) == ("active", 0)
        assert (after["state"], after["sequence"]) == ("closed", 1)

    def test_page_by_page_each_once(self, tell, add):
        wanted = sorted(add() for _ in range(5))
        assert [each["account_id"] for each in snapshot_of(tell, *wanted, limit=2)] == wanted

    def test_it_needs_its_own_scope(self, ask):
        shown = a_client(scopes=("accounts.read", "cases.read"))
        assert refusal(ask, "accounts_snapshot", signed_pass=shown).code == "NOT_ALLOWED"
