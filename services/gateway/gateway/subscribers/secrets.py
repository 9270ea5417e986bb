"""The pages that renew one of a downstream system's two secrets, and the one that shows a new one, this once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import g, render_template, url_for
from mtnet_contracts.calls.accounts import subscribers as systems
from mtnet_contracts.calls.accounts import webhooks
from mtnet_contracts.calls.call import Call

from gateway.calls import call
from gateway.rpc.client import Refused
from gateway.subscribers import labels, webhook_labels
from gateway.subscribers.forms import faults_in, status_of, system_named, typed


@dataclass(frozen=True)
class SecretPages:
    """Of one kind of secret: the call that renews it, the page that asks for that, and what the pages say."""

    renewal: Call
    asked_at: str
    words: labels.SecretWords

    def ask(self, name: str) -> str:
        return self._renewal_page(name, {"overlap_days": str(systems.OVERLAP_DAYS)}, {})

    def renew(self, name: str) -> str | tuple[str, int]:
        values = typed("overlap_days", "reason")
        try:
            issued = call(self.renewal, name=name, **values)
        except Refused as refused:
            return self._renewal_page(name, values, faults_in(refused)), status_of(refused)
        return self.shown(issued)

    def shown(self, issued: dict[str, Any]) -> str:
        """The secret in the answer to the form, and in no page that can be asked for again."""
        g.page_address = url_for("subscribers.subscriber", name=issued["name"])
        return render_template(
            "subscribers/secret.html", issued=issued, words=self.words, asked_at=self.asked_at
        )

    def _renewal_page(self, name: str, values: dict[str, str], errors: dict[str, str]) -> str:
        return render_template(
            "subscribers/renew_secret.html",
            found=system_named(name),
            words=self.words,
            asked_at=self.asked_at,
            values=values,
            errors=errors,
            most=systems.MOST_OVERLAP_DAYS,
        )


OF_SYSTEM = SecretPages(systems.ROTATE_SECRET, "subscribers.ask_to_rotate", labels.SECRET)
OF_WEBHOOK = SecretPages(webhooks.RENEW_WEBHOOK_SECRET, "system_webhook.ask_to_renew", webhook_labels.SECRET)
