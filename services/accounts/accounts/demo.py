"""Make the demo people, and reactivate those that were frozen: `python -m accounts.demo`. Never in production."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import NAMESPACE_URL, uuid4, uuid5

from mtnet_chassis.data.database import Tx, connect_transactions
from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.settings import env
from mtnet_contracts.event import catalogue
from mtnet_contracts.vocabulary.dates import taipei_day
from mtnet_contracts.vocabulary.holds import Holds

from accounts.audit.store import AuditStore
from accounts.consents.actions import privacy_notice
from accounts.consents.store import ConsentStore
from accounts.inactivity.rules import dates_after_activity
from accounts.lifecycle.actions import LifecycleStores, disable_accounts
from accounts.lifecycle.store import LifecycleStore, RunStore
from accounts.registry.actions import locked_account, reactivate
from accounts.registry.messages import BY_HELPDESK, account_opened
from accounts.registry.rules import Account, State
from accounts.registry.store import AccountStore
from accounts.second_factors.rules import Totp, is_required
from accounts.second_factors.store import FactorStore
from accounts.sessions.adapters import hashed
from accounts.settings import settings
from accounts.subscribers.actions import By, grant, register
from accounts.subscribers.rules import LONGEST_GRANT
from accounts.subscribers.store import SubscriberStore
from accounts.vault import vault_of

PASSWORD = "Mtnet!2026demo"  # noqa: S105 - printed by `make run`
# For an authenticator app; the inbox page shows its codes.
TOTP_KEY = "MTNETDEMOMTNETDEMOMTNETDEMOMTNET"
# Account name, name, identity type, roles, unit, and the ID number whose fingerprint says who it is: whoever applies
# with one of these finds that its owner may not decide the case.
PEOPLE = (
    ("northreviewer", "北部航務中心審核員", "bureau", ("reviewer",), "north", "A190000017"),
    ("centralreviewer", "中部航務中心審核員", "bureau", ("reviewer",), "central", "A190000026"),
    ("southreviewer", "南部航務中心審核員", "bureau", ("reviewer",), "south", "A190000035"),
    ("eastreviewer", "東部航務中心審核員", "bureau", ("reviewer",), "east", "A190000044"),
    ("opsreviewer", "營運中心審核員", "bureau", ("reviewer",), "operations", "A190000053"),
    ("personnelreviewer", "人事室審核員", "bureau", ("reviewer",), "personnel", "A190000062"),
    ("operator1", "系統維運人員", "bureau", ("operator",), "operations", "A190000071"),
    ("operator2", "系統維運人員", "bureau", ("operator",), "operations", "A190000099"),
    ("helpdesk1", "客服人員甲", "bureau", ("helpdesk_agent",), "operations", "A190000106"),
    ("helpdesk2", "客服人員乙", "bureau", ("helpdesk_agent",), "operations", "A190000115"),
    ("helpdesklead", "客服組長", "bureau", ("helpdesk_agent", "helpdesk_lead"), "operations", "A190000124"),
    (
        "helpdeskadmin",
        "客服系統管理員",
        "bureau",
        ("helpdesk_agent", "helpdesk_administrator"),
        "operations",
        "A190000133",
    ),
    ("editor1", "網站內容編輯", "bureau", ("editor",), "operations", "A190000142"),
    ("demomember", "示範會員", "individual", ("member",), None, "A190000080"),
)

# Nobody has logged in for more than a year: disabled from the start, so that the desk can reactivate it.
IDLE = ("demoidle", "示範會員（久未登入）", "individual", ("member",), None, "A190000151")
IDLE_DAYS = 400
# A downstream system, whose events the sandbox shows; these hold personal data.
SYSTEM = "demo"
SHOWN_TO_SYSTEM = ("accounts.ApplicationSubmitted", "accounts.AccountActivated", "accounts.AccountFrozen")


def main() -> int:
    transactions = connect_transactions(env("DATABASE_URL"), size=1)
    password_hash = hashed(os.environ.get("DEMO_PASSWORD", PASSWORD))
    vault = vault_of(settings())
    with transactions.transaction() as tx:
        for account_name, name, identity_type, roles, unit, id_number in (*PEOPLE, IDLE):
            account = Account(
                account_id=uuid5(NAMESPACE_URL, f"mtnet-demo:{account_name}"),
                account_name=account_name,
                name=name,
                state=State.ACTIVE,
                identity_type=identity_type,
                roles=roles,
                email=f"{account_name}@mtnet.example",
                locale="zh-Hant",
                password_hash=password_hash,
                unit=unit,
                person_key=vault.person_key(vault.index(id_number)),
                systems=("mtnet",),
            )
            make = put_idle if account_name == IDLE[0] else put
            for said in make(tx, account, datetime.now(UTC)):
                sys.stdout.write(f"demo account {account_name}: {said}\n")
        if put_system(tx, os.environ.get("DEMO_SUBSCRIBER_SECRET", ""), datetime.now(UTC)):
            sys.stdout.write(f"demo downstream system {SYSTEM}: registered\n")
    transactions.close()
    return 0


def put(tx: Tx, account: Account, now: datetime) -> list[str]:
    """Make one demo person, or repair what an earlier version or a lifecycle run left. Returns what was done."""
    accounts, outbox = AccountStore(tx), Outbox(tx)
    done = []
    found = accounts.account_named(account.account_name)
    if found is None:
        accounts.add_account(
            account, application_id=None, approved_at=now, dates=dates_after_activity(taipei_day(now))
        )
        done.append("made")
    elif found.person_key is None:
        accounts.save_person_key(found.account_id, account.person_key)
        account = replace(found, person_key=account.person_key)
        done.append("known as a person")
    if done:
        # They never applied; an application is named all the same, since the event requires one.
        application_id = uuid5(NAMESPACE_URL, f"mtnet-demo-application:{account.account_name}")
        outbox.announce(account_opened(account, application_id, None))
    if put_consent(tx, found or account, now):
        done.append("has agreed to the privacy notice")
    if is_required(account.roles, enforced=settings().second_factor_required) and put_second_factor(
        tx, found or account, now
    ):
        done.append("logs in with two steps")
    if found is not None and found.state in (State.FROZEN, State.DISABLED):
        detail = {"who": "accounts.demo", "reason": "demonstration"}
        locked = locked_account(accounts, found.account_id)
        reactivate(accounts, AuditStore(tx), outbox, locked, how=BY_HELPDESK, detail=detail, now=now)
        done.append(f"no longer {found.state}")
    return done


def put_idle(tx: Tx, account: Account, now: datetime) -> list[str]:
    """Make somebody whose account was disabled, as a lifecycle run does it. Whatever became of it since stays."""
    accounts, outbox = AccountStore(tx), Outbox(tx)
    if accounts.account_named(account.account_name) is not None:
        return []
    active_on = taipei_day(now) - timedelta(days=IDLE_DAYS)
    dates = replace(dates_after_activity(active_on), remind_on=None, reminded_days=7)
    approved_at = now - timedelta(days=IDLE_DAYS)
    accounts.add_account(account, application_id=None, approved_at=approved_at, dates=dates)
    application_id = uuid5(NAMESPACE_URL, f"mtnet-demo-application:{account.account_name}")
    outbox.announce(account_opened(account, application_id, None))
    put_consent(tx, account, now)
    stores = LifecycleStores(LifecycleStore(tx), RunStore(tx), accounts, AuditStore(tx), outbox)
    # Its last day lies furthest back, so it is the first of those that are due.
    disable_accounts(stores, taipei_day(now), now, 1)
    return ["made and disabled"]


def put_system(tx: Tx, secret: str, now: datetime) -> bool:
    """A downstream system that reads with this secret: facts, and what happens in the demonstration.

    Whatever operators made of it since stays.
    """
    systems, audit, by = SubscriberStore(tx), AuditStore(tx), By("accounts.demo", "demonstration", now)
    if not secret or systems.ever_named(SYSTEM) is not None:
        return False
    described = {"title": "示範介接系統", "owner": "示範機關", "email": "demo-system@mtnet.example"}
    register(systems, audit, by, name=SYSTEM, system=None, secret=secret, **described)
    facts = [
        f"{event.source}.{event.event_name()}"
        for event in catalogue()
        if event.source in ("accounts", "review") and event.holds is Holds.FACTS
    ]
    grant(systems, audit, by, SYSTEM, facts, None)
    grant(systems, audit, by, SYSTEM, SHOWN_TO_SYSTEM, taipei_day(now) + LONGEST_GRANT)
    return True


def put_consent(tx: Tx, account: Account, now: datetime) -> bool:
    """They never applied, so they have agreed to nothing. A version after that is asked for as of everybody."""
    consents = ConsentStore(tx)
    if consents.consents_of(account.account_id, most=1):
        return False
    version = privacy_notice(consents, now).version
    return consents.add_account_consent(account.account_id, version, now, "demonstration", None)


def put_second_factor(tx: Tx, account: Account, now: datetime) -> bool:
    """An authenticator app with a key that everybody knows; whoever has set up another one keeps it."""
    factors, vault = FactorStore(tx), vault_of(settings())
    if factors.factors_of(account.account_id).any:
        return False
    secret, totp_id = os.environ.get("DEMO_TOTP_KEY", TOTP_KEY), uuid4()
    sealed, key = vault.seal_secret(secret, totp_id)
    factors.begin_totp(account.account_id, Totp(totp_id, sealed, key, now, None, None))
    factors.confirm_totp(account.account_id, totp_id, 0, now)
    return True


if __name__ == "__main__":
    raise SystemExit(main())
