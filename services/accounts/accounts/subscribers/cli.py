"""Downstream systems: register one, grant it events, renew its secret, suspend or remove it (docs/subscribe.md).

What is changed is stored and recorded first, then the broker is brought in line. `broker` shows what it lacks, and
with --apply mends it: after the broker was away or was set up anew, and once a day, since grants and secrets end.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from functools import partial
from urllib.parse import unquote, urlsplit
from uuid import UUID

from mtnet_chassis.broker.management import Management
from mtnet_chassis.data.database import Transactions, connect_transactions
from mtnet_chassis.operations.queues import messages_in
from mtnet_chassis.settings import env

from accounts.audit.store import AuditStore
from accounts.subscribers import actions, webhook_acts
from accounts.subscribers.actions import By, Issued
from accounts.subscribers.adapters import user_of
from accounts.subscribers.applying import Broker
from accounts.subscribers.rules import BrokerAway, Subscriber, SubscriberRefused
from accounts.subscribers.store import SubscriberStore
from accounts.webhooks.actions import addresses

OF_BEFORE = (
    "whose dead letters go as an earlier release declared it (ADR 0070). It works; `broker --apply` declares it anew"
    " when it is empty and nobody is connected to the broker: docs/runbook.md, A downstream system does not keep up."
)
Act = Callable[[SubscriberStore, AuditStore, argparse.Namespace], Issued | str | None]


def main(arguments: list[str] | None = None) -> int:
    """0 when it was done; 1 with a sentence when it was not."""
    parsed = _parser().parse_args(arguments)
    # One connection holds the lock while another reads and writes.
    with closing(connect_transactions(env("ACCOUNTS_DATABASE_URL"), size=2)) as transactions:
        try:
            return _run(transactions, parsed)
        except SubscriberRefused as refused:
            sys.stderr.write(f"{refused}\n")
            return 1


def _run(transactions: Transactions, parsed: argparse.Namespace) -> int:
    if parsed.act is None:
        with transactions.transaction() as tx:
            found, webhooks = SubscriberStore(tx).all(), addresses(tx)
        return (
            _show(found, webhooks, parsed.name)
            if parsed.command == "show"
            else _bring_in_line(transactions, parsed)
        )
    if parsed.command == "webhook":
        webhook_acts.judged(parsed.url)
    with transactions.transaction() as tx:
        issued = parsed.act(SubscriberStore(tx), AuditStore(tx), parsed)
    if isinstance(issued, str):
        sys.stdout.write(f"signing secret  {issued}\nIt is shown this once: hand it over safely.\n")
    elif issued is not None:
        sys.stdout.write(
            f"user      {issued.user}\npassword  {issued.password}\naddress   {_address(issued)}\n"
            "They are shown this once: hand them over safely. The address is the broker's as it is reached from here.\n"
        )
    parsed.apply = True
    return _bring_in_line(transactions, parsed)


def _address(issued: Issued) -> str:
    """What a program of the system connects to, from where this command runs."""
    broker = urlsplit(env("AMQP_OPERATOR_URL"))
    return broker._replace(
        netloc=f"{issued.user}:{issued.password}@{broker.netloc.rpartition('@')[2]}"
    ).geturl()


def _bring_in_line(transactions: Transactions, parsed: argparse.Namespace) -> int:
    vhost = unquote(urlsplit(env("AMQP_OPERATOR_URL")).path.lstrip("/")) or "/"
    management = Management(env("RABBITMQ_MANAGEMENT_URL"), vhost)
    broker = Broker(transactions, management, partial(messages_in, env("AMQP_OPERATOR_URL")))
    try:
        found = broker.bring_in_line() if parsed.apply else broker.differences()
        of_before = broker.queues_of_before() if parsed.command == "broker" else []
    except BrokerAway as away:
        sys.stderr.write(
            f"{away} What was changed is stored; the portal tries again by itself, `broker --apply` at once.\n"
        )
        return 1
    for difference in found:
        sys.stdout.write(f"{'done: ' if parsed.apply else 'to do: '}{difference.text}\n")
    for queue in of_before:
        if f"add queue {queue}" not in [each.text for each in found]:
            sys.stdout.write(f"kept queue {queue}, {OF_BEFORE}\n")
    if not found:
        sys.stdout.write("The broker has all of it.\n")
    elif not parsed.apply:
        sys.stdout.write("Nothing was changed: --apply does it.\n")
    return 0


def _show(found: list[Subscriber], webhooks: Mapping[UUID, str], name: str | None) -> int:
    chosen = [each for each in found if name in (None, each.name)]
    if name is not None and not chosen:
        raise SubscriberRefused(f"There is no system {name!r}.")
    for each in chosen:
        sys.stdout.write(f"{each.name}  {each.state}  {each.title}, {each.owner}, {each.contact_email}\n")
        if each.nameko_method is not None:
            sys.stdout.write(f"    Nameko's @event_handler: {each.name}.{each.nameko_method}\n")
        for grant in each.grants:
            ends = f", until {grant.ends_on}" if grant.ends_on else ""
            sys.stdout.write(f"    {grant.name}{ends}: {grant.reason}\n")
        for scope in each.scopes:
            sys.stdout.write(f"    scope {scope.scope}, until {scope.ends_on}: {scope.reason}\n")
        if each.by_webhook:
            sys.stdout.write(f"    by webhook to {webhooks.get(each.subscriber_id)}\n")
        for secret in each.secrets:
            ends = f", ends {secret.ends_at:%Y-%m-%d %H:%M} UTC" if secret.ends_at else ""
            sys.stdout.write(
                f"    user {user_of(each.name, secret.number)} since {secret.issued_at:%Y-%m-%d}{ends}\n"
            )
    if not found:
        sys.stdout.write("No downstream system is registered.\n")
    return 0


def _by(parsed: argparse.Namespace) -> By:
    return By(parsed.who, parsed.reason, datetime.now(UTC))


def _add(store: SubscriberStore, audit: AuditStore, parsed: argparse.Namespace) -> Issued:
    issued = actions.register(
        store,
        audit,
        _by(parsed),
        name=parsed.name,
        title=parsed.title,
        owner=parsed.owner,
        email=parsed.email,
        system=parsed.system,
    )
    if parsed.events:
        actions.grant(store, audit, _by(parsed), parsed.name, parsed.events, parsed.until)
    return issued


def _change(store: SubscriberStore, audit: AuditStore, parsed: argparse.Namespace) -> None:
    """What is not named stays."""
    before = actions.one(store, parsed.name)
    actions.change(
        store,
        audit,
        _by(parsed),
        name=parsed.name,
        title=parsed.title or before.title,
        owner=parsed.owner or before.owner,
        email=parsed.email or before.contact_email,
        system=parsed.system or before.system,
    )


def _grant(store: SubscriberStore, audit: AuditStore, parsed: argparse.Namespace) -> None:
    actions.grant(store, audit, _by(parsed), parsed.name, parsed.events, parsed.until)


def _revoke(store: SubscriberStore, audit: AuditStore, parsed: argparse.Namespace) -> None:
    for event in parsed.events:
        actions.revoke(store, audit, _by(parsed), parsed.name, event)


def _nameko(store: SubscriberStore, audit: AuditStore, parsed: argparse.Namespace) -> None:
    actions.set_nameko_method(store, audit, _by(parsed), parsed.name, parsed.method)


def _grant_scope(store: SubscriberStore, audit: AuditStore, parsed: argparse.Namespace) -> None:
    actions.grant_scopes(store, audit, _by(parsed), parsed.name, parsed.scopes, parsed.until)


def _revoke_scope(store: SubscriberStore, audit: AuditStore, parsed: argparse.Namespace) -> None:
    for scope in parsed.scopes:
        actions.revoke_scope(store, audit, _by(parsed), parsed.name, scope)


def _rotate(store: SubscriberStore, audit: AuditStore, parsed: argparse.Namespace) -> Issued:
    return actions.rotate(store, audit, _by(parsed), parsed.name, overlap=timedelta(days=parsed.overlap_days))


def _suspend(store: SubscriberStore, audit: AuditStore, parsed: argparse.Namespace) -> None:
    actions.suspend(store, audit, _by(parsed), parsed.name)


def _resume(store: SubscriberStore, audit: AuditStore, parsed: argparse.Namespace) -> None:
    actions.resume(store, audit, _by(parsed), parsed.name)


def _remove(store: SubscriberStore, audit: AuditStore, parsed: argparse.Namespace) -> None:
    actions.remove_confirmed(store, audit, _by(parsed), parsed.name, parsed.confirm)


def _webhook(store: SubscriberStore, audit: AuditStore, parsed: argparse.Namespace) -> str | None:
    key = env("SEALING_PUBLIC_KEY")
    return webhook_acts.set_webhook(store, audit, _by(parsed), parsed.name, parsed.url, key)


def _webhook_secret(store: SubscriberStore, audit: AuditStore, parsed: argparse.Namespace) -> str:
    key, overlap = env("SEALING_PUBLIC_KEY"), timedelta(days=parsed.overlap_days)
    return webhook_acts.renew_webhook_secret(store, audit, _by(parsed), parsed.name, key, overlap)


def _webhook_remove(store: SubscriberStore, audit: AuditStore, parsed: argparse.Namespace) -> None:
    webhook_acts.remove_webhook(store, audit, _by(parsed), parsed.name)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")

    def add(name: str, act: Act | None, text: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=text, description=text)
        command.set_defaults(act=act)
        if act is not None:
            command.add_argument("name", help="of the system, such as vessels")
            command.add_argument("--who", required=True, help="the operator who does it")
            command.add_argument("--reason", required=True, help="why, or by which paper")
        return command

    add("show", None, "all systems, or one: grants and secrets").add_argument("name", nargs="?")
    broker = add("broker", None, "what the broker lacks or has too much")
    broker.add_argument("--apply", action="store_true", help="mend it")
    new = add("add", _add, "register a system; its secret is shown once")
    new.add_argument("--title", required=True, help="what it is called, for people")
    new.add_argument("--owner", required=True, help="the office that answers for it")
    new.add_argument("--email", required=True, help="where its owner is told what concerns it")
    new.add_argument("--system", help="which of the portal's systems it is, if it is one")
    new.add_argument(
        "--events", nargs="*", default=[], help="what it gets, such as accounts.AccountActivated"
    )
    new.add_argument("--until", type=date.fromisoformat, help="the last day of these grants")
    change = add("change", _change, "another title, owner, e-mail or system of the portal")
    for field in ("--title", "--owner", "--email", "--system"):
        change.add_argument(field, help="stays as it is without this")
    grant = add("grant", _grant, "let it have more events")
    grant.add_argument("--events", nargs="+", required=True, help="such as accounts.AccountActivated")
    grant.add_argument("--until", type=date.fromisoformat, help="the last day, 2027-06-30")
    revoke = add("revoke", _revoke, "let it have an event no longer")
    revoke.add_argument("--events", nargs="+", required=True)
    nameko = add(
        "nameko", _nameko, "let a Nameko service of its name use @event_handler, with queues of its own"
    )
    which = nameko.add_mutually_exclusive_group(required=True)
    which.add_argument("--method", help="the one that is decorated, such as on_event")
    which.add_argument("--none", action="store_true", help="no longer: its queues are removed")
    grant_scope = add("grant-scope", _grant_scope, "let it ask more of the API")
    grant_scope.add_argument("--scopes", nargs="+", required=True, help="such as accounts.read")
    grant_scope.add_argument("--until", type=date.fromisoformat, required=True, help="the last day")
    revoke_scope = add("revoke-scope", _revoke_scope, "let it ask that no longer, at once")
    revoke_scope.add_argument("--scopes", nargs="+", required=True)
    rotate = add("rotate", _rotate, "a new secret; both work for some days")
    rotate.add_argument("--overlap-days", type=int, default=7, help="0: the present one ends at once")
    add("suspend", _suspend, "turn it away; its queue goes on collecting")
    add("resume", _resume, "let a suspended system in again")
    webhook = add(
        "webhook", _webhook, "send its events to an address, or to another one; no user of the broker then"
    )
    webhook.add_argument("--url", required=True, help="such as https://ships.example/mtnet-events")
    renew = add("webhook-secret", _webhook_secret, "a new signing secret; both sign for some days")
    renew.add_argument("--overlap-days", type=int, default=7, help="0: the present one ends at once")
    add("webhook-remove", _webhook_remove, "no webhook any more: it reads its queue itself again")
    remove = add("remove", _remove, "for good, with its queue")
    remove.add_argument("--confirm", default="", help="the name once more")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
