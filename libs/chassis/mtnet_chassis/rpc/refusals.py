"""The ways in which an endpoint says no."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class Refused(Exception):
    """An endpoint says no, with a code the caller can act on.

    `fields` binds codes to fields (`{"company.phone": ["PHONE_INVALID"]}`), `detail` holds JSON-able facts
    for the page. With `keeps_changes` what the endpoint has written so far is committed all the same: a wrong password
    must be counted.
    """

    keeps_changes = False

    def __init__(
        self,
        code: str,
        *,
        fields: Mapping[str, list[str]] | None = None,
        detail: Mapping[str, Any] | None = None,
        keeps_changes: bool | None = None,
    ) -> None:
        self.code = code
        self.fields = dict(fields or {})
        self.detail = dict(detail or {})
        if keeps_changes is not None:
            self.keeps_changes = keeps_changes
        super().__init__(code, {"fields": self.fields, "detail": self.detail})


class UndeclaredRefusal(RuntimeError):
    """An endpoint refused with a code that its call does not list: a bug in the service."""


class MayBeDone(Exception):
    """A process that died had begun the call, and without an idempotency key nobody can tell whether it was done."""
