"""Call a service for whoever is here."""

from __future__ import annotations

import hashlib
from functools import partial
from typing import Any

from flask import g, request
from mtnet_contracts.calls import Call
from mtnet_contracts.calls.accounts.tracking import APPLICATION_PASS
from mtnet_contracts.calls.call import CONFIRMATION_REQUIRED, CONSENT_REQUIRED, NOT_SIGNED_IN
from mtnet_contracts.vocabulary.kinds import Characters

from gateway.extensions import rpc, signed_calls
from gateway.rpc import fresh_cases
from gateway.rpc.client import Refused, ServiceUnavailable
from gateway.session import ConsentRequired, for_programs, session


class ConfirmationRequired(Exception):
    """Whoever is here has to prove once more who they are; no page need expect it."""


def call(wanted: Call, **values: Any) -> dict[str, Any]:
    """Call a service for whoever is here.

    What was written stands in `g.written`, with its answer, until the page is answered. Raises Refused,
    ConfirmationRequired, ConsentRequired, ServiceUnavailable, NotHeardYet.
    """
    actor = None
    if f"{wanted.service}.{wanted.name}" in signed_calls():
        here = session()
        if g.session_unknown:
            raise ServiceUnavailable("accounts", "session not known")
        if here is None:
            raise Refused(NOT_SIGNED_IN)
        actor = here["actor"]
    key = _idempotency_key(wanted)
    try:
        answered = rpc().call(wanted, values, actor=actor, key=key)
    except Refused as refused:
        refused.limits = _limits(wanted, refused)
        if refused.code == CONFIRMATION_REQUIRED:
            raise ConfirmationRequired from refused
        if refused.code == CONSENT_REQUIRED:
            raise ConsentRequired from refused
        if refused.code != "CASE_NOT_FOUND" or wanted not in fresh_cases.OF_A_CASE:
            raise
    else:
        if wanted.writes:
            g.written = [*g.get("written", ()), (wanted, answered)]
        return answered
    again = partial(rpc().call, wanted, values, actor=actor, key=key)
    answer: dict[str, Any] = fresh_cases.ask(rpc(), values, actor, again)
    return answer


def _limits(wanted: Call, refused: Refused) -> dict[str, int]:
    too_long = [name for name, codes in refused.fields.items() if "TOO_LONG" in codes]
    if not too_long:
        return {}
    kinds = wanted.request().fields
    return {name: kind.longest for name in too_long if isinstance(kind := kinds.get(name), Characters)}


def call_for_case(wanted: Call, application_token: str, **values: Any) -> dict[str, Any]:
    """Call a service for the applicant who holds an application. Raises Refused, ServiceUnavailable.

    The token goes no further than to accounts, which signs a pass for it.
    """
    given = rpc().call(APPLICATION_PASS, {"application_token": application_token})
    return rpc().call(wanted, values, signed_pass=given["signed_pass"], key=_idempotency_key(wanted))


def _idempotency_key(wanted: Call) -> str | None:
    """The key of the form, or of the program's header, one for each call it leads to; a look by GET has none."""
    if not wanted.takes_key or request.method in ("GET", "HEAD"):
        return None
    key = request.headers.get("Idempotency-Key") if for_programs() else request.form.get("key")
    if not key:
        return None
    return hashlib.sha256(f"{key}:{wanted.service}.{wanted.name}".encode()).hexdigest()
