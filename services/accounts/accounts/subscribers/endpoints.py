"""How operators look after downstream systems, and how the broker follows what they decide."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, ClassVar, TypeVar

from mtnet_chassis.data.database import Transactions, Tx
from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.rpc.actor import Actor
from mtnet_chassis.rpc.endpoint import CONFIRMED_WITHIN, Refused, Renewal, caller_of, endpoint
from mtnet_chassis.runtime.timers import timer_once
from mtnet_contracts.calls.accounts import subscribers as calls
from mtnet_contracts.calls.accounts import webhooks as webhook_calls
from mtnet_contracts.calls.call import INVALID
from mtnet_contracts.vocabulary.choices import Role

from accounts.audit.store import AuditStore
from accounts.settings import settings
from accounts.subscribers import actions, telling, watching, webhook_acts
from accounts.subscribers.actions import By
from accounts.subscribers.applying import Broker, broker_of
from accounts.subscribers.by_webhook import webhook_of
from accounts.subscribers.rules import BrokerAway, SubscriberRefused
from accounts.subscribers.shapes import (
    issued_view,
    list_view,
    queue_view,
    registration_in,
    signing_secret_view,
    subscriber_view,
    without_secret,
)
from accounts.subscribers.store import BrokerStore, NoticeStore, SubscriberStore
from accounts.subscribers.threads import when_records_change

Request = dict[str, Any]
Done = TypeVar("Done")
OPERATORS: tuple[Role, ...] = ("operator",)


def operator(service: Any, tx: Tx, actor: Actor, request: Request) -> str:
    """The role is all that is asked for: every operator looks after every system."""
    return caller_of(actor)


def _kept(service: Any, tx: Tx, actor: Actor, request: Request, kept: Request) -> Request:
    """A second press or a reload: what was done, without the secret that was told the first time."""
    return kept


def _refused(problem: SubscriberRefused) -> Refused:
    at_field = {problem.field: [problem.code]} if problem.field else {}
    return Refused(INVALID, fields=at_field) if at_field else Refused(problem.code)


# Who sees a system's messages and under which secret: the caller has proved lately who it is.
operators_act = partial(endpoint, roles=OPERATORS, authorise=operator, confirmed_within=CONFIRMED_WITHIN)
tells_a_secret = partial(operators_act, renewal=Renewal(keeps=without_secret, renews=_kept))


class SubscriberEndpoints:
    database: Transactions
    refusals: ClassVar[dict[type[Exception], Any]] = {SubscriberRefused: _refused, BrokerAway: "BROKER_AWAY"}

    @endpoint(calls.SUBSCRIBERS, roles=OPERATORS)
    def subscribers(self, tx: Tx, actor: Actor, request: Request) -> Any:
        paging = {name: request[name] for name in ("page", "page_size")}
        found, total = actions.listed(SubscriberStore(tx), **request)
        return list_view(found, total, BrokerStore(tx).state(), **paging)

    @endpoint(calls.SUBSCRIBER, roles=OPERATORS)
    def subscriber(self, tx: Tx, actor: Actor, request: Request) -> Any:
        return _view(tx, request["name"])

    @tells_a_secret(calls.REGISTER_SUBSCRIBER)
    def register_subscriber(self, tx: Tx, actor: Actor, request: Request) -> Any:
        registration = registration_in(request)
        issued = actions.register(SubscriberStore(tx), AuditStore(tx), _by(actor, request), **registration)
        return issued_view(request["name"], issued)

    @operators_act(calls.CHANGE_SUBSCRIBER)
    def change_subscriber(self, tx: Tx, actor: Actor, request: Request) -> Any:
        registration = registration_in(request)
        actions.change(SubscriberStore(tx), AuditStore(tx), _by(actor, request), **registration)
        return _view(tx, request["name"])

    @operators_act(calls.GRANT_EVENTS)
    def grant_events(self, tx: Tx, actor: Actor, request: Request) -> Any:
        _do(actions.grant, tx, actor, request, request["events"], request["ends_on"])
        return _view(tx, request["name"])

    @operators_act(calls.REVOKE_EVENT)
    def revoke_event(self, tx: Tx, actor: Actor, request: Request) -> Any:
        _do(actions.revoke, tx, actor, request, request["event"])
        return _view(tx, request["name"])

    @operators_act(calls.GRANT_SCOPES)
    def grant_scopes(self, tx: Tx, actor: Actor, request: Request) -> Any:
        _do(actions.grant_scopes, tx, actor, request, request["scopes"], request["ends_on"])
        return _view(tx, request["name"])

    @operators_act(calls.REVOKE_SCOPE)
    def revoke_scope(self, tx: Tx, actor: Actor, request: Request) -> Any:
        _do(actions.revoke_scope, tx, actor, request, request["scope"])
        return _view(tx, request["name"])

    @tells_a_secret(calls.ROTATE_SECRET)
    def rotate_subscriber_secret(self, tx: Tx, actor: Actor, request: Request) -> Any:
        overlap = timedelta(days=request["overlap_days"])
        return issued_view(request["name"], _do(actions.rotate, tx, actor, request, overlap))

    @operators_act(calls.SUSPEND_SUBSCRIBER)
    def suspend_subscriber(self, tx: Tx, actor: Actor, request: Request) -> Any:
        _do(actions.suspend, tx, actor, request)
        return _view(tx, request["name"])

    @operators_act(calls.RESUME_SUBSCRIBER)
    def resume_subscriber(self, tx: Tx, actor: Actor, request: Request) -> Any:
        _do(actions.resume, tx, actor, request)
        return _view(tx, request["name"])

    @operators_act(calls.REMOVE_SUBSCRIBER)
    def remove_subscriber(self, tx: Tx, actor: Actor, request: Request) -> Any:
        _do(actions.remove_confirmed, tx, actor, request, request["confirm_name"])
        return _view(tx, request["name"])

    @tells_a_secret(webhook_calls.SET_WEBHOOK, transaction=False)
    def set_webhook(self, actor: Actor, request: Request) -> Any:
        url, key = webhook_acts.judged(request["url"]), settings().sealing_public_key
        with self.database.transaction() as tx:
            secret = _do(webhook_acts.set_webhook, tx, actor, request, url, key)
        return signing_secret_view(request["name"], secret)

    @tells_a_secret(webhook_calls.RENEW_WEBHOOK_SECRET)
    def renew_webhook_secret(self, tx: Tx, actor: Actor, request: Request) -> Any:
        key, overlap = settings().sealing_public_key, timedelta(days=request["overlap_days"])
        secret = _do(webhook_acts.renew_webhook_secret, tx, actor, request, key, overlap)
        return signing_secret_view(request["name"], secret)

    @operators_act(webhook_calls.REMOVE_WEBHOOK)
    def remove_webhook(self, tx: Tx, actor: Actor, request: Request) -> Any:
        _do(webhook_acts.remove_webhook, tx, actor, request)
        return _view(tx, request["name"])

    @endpoint(calls.SUBSCRIBER_QUEUE, roles=OPERATORS, transaction=False)
    def subscriber_queue(self, actor: Actor, request: Request) -> Any:
        with self.database.transaction() as tx:
            queue = actions.one(SubscriberStore(tx), request["name"]).name
        found = Broker(self.database).queues(datetime.now(UTC)).get(queue)
        return queue_view(found) if found else _no_queue(queue)

    @endpoint(calls.BROKER_DIFFERENCES, roles=OPERATORS, transaction=False)
    def broker_differences(self, actor: Actor, request: Request) -> Any:
        return {"differences": [each.text for each in Broker(self.database).differences()]}

    @operators_act(calls.APPLY_TO_BROKER, transaction=False)
    def apply_to_broker(self, actor: Actor, request: Request) -> Any:
        done = [each.text for each in Broker(self.database).bring_in_line()]
        self._record_applied(actor, done)
        return {"differences": done}

    def _record_applied(self, actor: Actor, done: list[str]) -> None:
        with self.database.transaction() as tx:
            actions.record_applied(AuditStore(tx), actor.account_id, actor.ip, done, datetime.now(UTC))

    @timer_once(300, variable="ACCOUNTS_SUBSCRIBER_QUEUES_SECONDS", transaction=False)
    def watch_queues(self) -> None:
        """Whose queue is half full: told once until it is below again. A broker that is away is asked next time."""
        broker = broker_of(self.database)
        if broker is not None:
            watching.tell_of_full_queues(broker, datetime.now(UTC))

    @timer_once(60, variable="ACCOUNTS_SUBSCRIBER_OWN_QUEUES_SECONDS", transaction=False)
    def watch_own_queues(self) -> None:
        """A queue that a system declared itself may refuse what it gets, and the relay waits for it: not for long."""
        broker = broker_of(self.database)
        if broker is not None:
            watching.end_misused_queues(broker, AuditStore, datetime.now(UTC))

    @when_records_change
    def follow_the_records(self) -> None:
        """Whatever was changed is on the broker in a moment. Raises BrokerAway, and is then called again."""
        broker = broker_of(self.database)
        if broker is not None:
            broker.bring_in_line(only_if_changed=True)

    @timer_once(3600, variable="ACCOUNTS_SUBSCRIBERS_SECONDS")
    def remind_owners(self, tx: Tx) -> None:
        """Looks every hour; each end is told 30 and 7 days before, once each."""
        telling.remind(NoticeStore(tx), Outbox(tx), datetime.now(UTC))

    @timer_once(3600, variable="ACCOUNTS_SUBSCRIBERS_SECONDS", transaction=False)
    def end_what_is_over(self) -> None:
        """Secrets and grants end by themselves, and a broker may have been set up anew: all of it, each hour."""
        broker = broker_of(self.database)
        if broker is not None:
            broker.bring_in_line()
            broker.look_after_streams(datetime.now(UTC))


def _no_queue(name: str) -> Any:
    raise SubscriberRefused(f"There is no queue of {name!r}.", "SUBSCRIBER_NOT_FOUND")


def _do(act: Callable[..., Done], tx: Tx, actor: Actor, request: Request, *wanted: Any) -> Done:
    """An act about the system that the request names."""
    stores = SubscriberStore(tx), AuditStore(tx)
    return act(*stores, _by(actor, request), request["name"], *wanted)


def _by(actor: Actor, request: Request) -> By:
    return By(actor.account_name, request["reason"], datetime.now(UTC), actor.account_id, actor.ip)


def _view(tx: Tx, name: str) -> dict[str, Any]:
    store, broker = SubscriberStore(tx), BrokerStore(tx).state()
    found = actions.one(store, name)
    trail, webhook = actions.trail(AuditStore(tx), found), webhook_of(store, found)
    return subscriber_view(found, webhook, broker, trail, datetime.now(UTC))
