"""Downstream systems as calls show them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from mtnet_chassis.broker.downstream import OF_DOWNSTREAM
from mtnet_chassis.broker.usage import QueueUsage
from mtnet_contracts.vocabulary.dates import taipei_day

from accounts.audit.rules import Entry
from accounts.subscribers.actions import Issued
from accounts.subscribers.adapters import holds_of, user_of
from accounts.subscribers.rules import Applied, Subscriber
from accounts.webhooks.rules import Webhook


def registration_in(request: dict[str, Any]) -> dict[str, Any]:
    """What a request says of a system, as the actions take it."""
    return {
        "name": request["name"],
        "title": request["title"],
        "owner": request["owner"],
        "email": request["contact_email"],
        "system": request["system"],
    }


def list_view(
    found: Iterable[Subscriber], total: int, broker: Applied, *, page: int, page_size: int
) -> dict[str, Any]:
    return {
        "page": page,
        "page_size": page_size,
        "total": total,
        "items": [_line(each) for each in found],
        "broker": broker_view(broker),
    }


def _line(subscriber: Subscriber) -> dict[str, Any]:
    ends = [each.ends_on for each in subscriber.grants if each.ends_on]
    ends += [each.ends_on for each in subscriber.scopes]
    return {
        "name": subscriber.name,
        "title": subscriber.title,
        "owner": subscriber.owner,
        "system": subscriber.system,
        "state": subscriber.state,
        "events": len(subscriber.grants),
        "ends_on": min(ends, default=None),
        "registered_at": subscriber.registered_at,
    }


def broker_view(broker: Applied) -> dict[str, Any]:
    return {
        "applied": broker.is_whole,
        "applied_at": broker.applied_at,
        "failed_at": broker.failed_at,
        "failure": broker.failure,
    }


def subscriber_view(
    subscriber: Subscriber, webhook: Webhook | None, broker: Applied, entries: Iterable[Entry], now: datetime
) -> dict[str, Any]:
    today, live = taipei_day(now), subscriber.live_secrets(now)
    return {
        "subscriber_id": subscriber.subscriber_id,
        "name": subscriber.name,
        "title": subscriber.title,
        "owner": subscriber.owner,
        "contact_email": subscriber.contact_email,
        "system": subscriber.system,
        "state": subscriber.state,
        "registered_at": subscriber.registered_at,
        "queue": f"{OF_DOWNSTREAM}{subscriber.name}",
        "grants": [
            {
                "event": each.name,
                "holds": holds_of(each.name),
                "reason": each.reason,
                "granted_at": each.granted_at,
                "ends_on": each.ends_on,
                "over": not each.holds_on(today),
            }
            for each in subscriber.grants
        ],
        "scopes": [
            {
                "scope": each.scope,
                "reason": each.reason,
                "granted_at": each.granted_at,
                "ends_on": each.ends_on,
                "over": not each.holds_on(today),
            }
            for each in subscriber.scopes
        ],
        "secrets": [
            {
                "number": each.number,
                "user": user_of(subscriber.name, each.number),
                "issued_at": each.issued_at,
                "ends_at": each.ends_at,
                "works": each in live,
            }
            for each in reversed(subscriber.secrets)
        ],
        "webhook": _webhook_view(webhook, now) if webhook else None,
        "broker": broker_view(broker),
        "trail": [_act(entry) for entry in entries],
    }


def _webhook_view(webhook: Webhook, now: datetime) -> dict[str, Any]:
    return {
        "url": webhook.url,
        "set_at": webhook.set_at,
        "secrets": [
            {"number": each.number, "issued_at": each.issued_at, "ends_at": each.ends_at}
            for each in reversed(webhook.live_secrets(now))
        ],
    }


def _act(entry: Entry) -> dict[str, Any]:
    detail = entry.detail
    about = detail.get("events") or detail.get("scopes")
    about = about or [detail[name] for name in ("event", "scope", "url") if name in detail]
    return {
        "at": entry.at,
        "action": entry.action,
        "who": str(detail.get("who", "")),
        "reason": str(detail.get("reason", "")),
        "about": [str(each) for each in about],
    }


def issued_view(name: str, issued: Issued) -> dict[str, Any]:
    return {"name": name, "user": issued.user, "secret": issued.password}


def signing_secret_view(name: str, secret: str | None) -> dict[str, Any]:
    """`secret` None: the webhook keeps the one it has."""
    return {"name": name, "issued": secret is not None, "secret": secret}


def without_secret(reply: dict[str, Any]) -> dict[str, Any]:
    """What is kept of the answer to a repeated call: never the secret."""
    return reply | {"secret": None}


def queue_view(queue: QueueUsage) -> dict[str, Any]:
    return {
        "messages": queue.messages,
        "size_bytes": queue.bytes,
        "dead_letters": queue.dead_messages,
        "consumers": queue.consumers,
        "waiting_hours": int(queue.waiting_seconds // 3600),
        "share": int(queue.share * 100),
    }
