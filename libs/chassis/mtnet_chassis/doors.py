"""The doors of a service: a call comes in, is checked, done in one transaction, and answered or refused."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from marshmallow import ValidationError
from mtnet_contracts.calls.call import IDEMPOTENCY_KEY_REUSED, INVALID, NOT_ALLOWED, NOT_SIGNED_IN, Call
from psycopg.types.json import Jsonb

from mtnet_chassis.actor import Actor, ActorNotValid, ActorVerifier
from mtnet_chassis.database import Transactions, Tx

Method = TypeVar("Method", bound=Callable[..., Any])

LONGEST_KEY = 200


class Refused(Exception):
    """A door says no, with a code the caller can act on.

    `fields` binds codes to fields (`{"company.phone": ["PHONE_INVALID"]}`), `detail` holds JSON-able facts
    for the page. With `keeps_changes` what the door wrote so far is committed all the same: a wrong code or
    a wrong password must be counted.
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
    """A door refused with a code that its call does not list: a mistake in the service."""


class Door:
    """What stands between the wire and the method: shape, actor, roles, idempotency, transaction, refusals."""

    def __init__(self, call: Call, method: Callable[..., Any], *, transaction: bool) -> None:
        self.call = call
        self.method = method
        self.transaction = transaction

    def answer(
        self, service: Any, body: Mapping[str, Any], *, database: Transactions, verifier: ActorVerifier
    ) -> dict[str, Any]:
        """Do what the wire asks. `body` has `actor` (a token), `idempotency_key` and `request`. Raises Refused."""
        try:
            return self._answer(service, body, database, verifier)
        except Refused as refused:
            if not self.call.may_refuse_with(refused.code):
                raise UndeclaredRefusal(f"{self.call.service}.{self.call.name}: {refused.code}") from refused
            raise

    def _answer(
        self, service: Any, body: Mapping[str, Any], database: Transactions, verifier: ActorVerifier
    ) -> dict[str, Any]:
        actor = self._actor(body.get("actor"), verifier)
        raw = body.get("request") or {}
        try:
            request = self.call.load_request(raw)
        except ValidationError as problem:
            raise Refused(INVALID, fields=flat(problem.messages_dict)) from problem
        key = body.get("idempotency_key") if self.call.writes and not self.call.secret_reply else None
        if key is not None and (not isinstance(key, str) or not 0 < len(key) <= LONGEST_KEY):
            raise Refused(INVALID, fields={"idempotency_key": ["NOT_VALID"]})
        if not self.transaction:
            if key is None:
                return self._run(service, actor, request)
            return self._run_guarded(service, database, actor, request, raw, key)
        kept: Refused | None = None
        with database.transaction() as tx:
            try:
                if key is None:
                    return self._run(service, tx, actor, request)
                return self._run_once(service, tx, actor, request, raw, key)
            except Refused as refused:
                if not refused.keeps_changes:
                    raise
                kept = refused
                if key is not None:
                    _forget_key(tx, self.call, _caller(actor), key)
        raise kept

    def _actor(self, token: Any, verifier: ActorVerifier) -> Actor | None:
        if self.call.actor == "none":
            return None
        if token is None:
            if self.call.actor == "required":
                raise Refused(NOT_SIGNED_IN)
            return None
        try:
            actor = verifier.verify(str(token))
        except ActorNotValid as problem:
            raise Refused(NOT_SIGNED_IN) from problem
        if self.call.roles and actor.roles.isdisjoint(self.call.roles):
            raise Refused(NOT_ALLOWED)
        return actor

    def _run(self, service: Any, *arguments: Any) -> dict[str, Any]:
        try:
            reply = self.method(service, *arguments)
        except Exception as problem:
            refusal = getattr(service, "refusals", {}).get(type(problem))
            if refusal is None:
                raise
            raise (refusal(problem) if callable(refusal) else Refused(refusal)) from problem
        return self.call.dump_reply(reply if reply is not None else {})

    def _run_once(
        self, service: Any, tx: Tx, actor: Actor | None, request: Any, raw: Any, key: str
    ) -> dict[str, Any]:
        """Answer a key's first call and store the reply; a second call waits for the first and gets its reply."""
        keyed = _Keyed(tx, self.call, actor, key, raw)
        if not keyed.reserve():
            return keyed.stored_reply()
        reply = self._run(service, tx, actor, request)
        keyed.store(reply)
        return reply

    def _run_guarded(
        self, service: Any, database: Transactions, actor: Actor | None, request: Any, raw: Any, key: str
    ) -> dict[str, Any]:
        """The same for a method with transactions of its own: a lock makes the second call wait for the first.

        The reply is stored after the method's own commit. A crash in between leaves the key unused, so such a
        method must itself stand being called again.
        """
        with database.transaction() as guard:
            keyed = _Keyed(guard, self.call, actor, key, raw)
            keyed.lock()
            if keyed.known():
                return keyed.stored_reply()
            reply = self._run(service, actor, request)
            keyed.reserve()
            keyed.store(reply)
            return reply


class _Keyed:
    """One idempotency key of one caller and call, in a transaction.

    The table has the key as a hash, and the request as a hash under that key: a plain hash of «the cases of this
    ID number» would be found by trying all numbers. Whoever reads the table lacks the key to try with.
    """

    def __init__(self, tx: Tx, call: Call, actor: Actor | None, key: str, raw: Any) -> None:
        self._tx = tx
        self._who = (_caller(actor), f"{call.service}.{call.name}", _key_hash(key))
        self._asked = hmac.digest(
            key.encode(), json.dumps(raw, sort_keys=True, default=str).encode(), "sha256"
        )

    def lock(self) -> None:
        self._tx.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", ("/".join(self._who),))

    def reserve(self) -> bool:
        """True for the first call; waits while another transaction holds the key."""
        return (
            self._tx.execute(
                "INSERT INTO idempotency_key (caller, call, key, request_hash) VALUES (%s, %s, %s, %s)"
                " ON CONFLICT (caller, call, key) DO NOTHING RETURNING 1",
                (*self._who, self._asked),
            ).fetchone()
            is not None
        )

    def known(self) -> bool:
        return self._row() is not None

    def stored_reply(self) -> dict[str, Any]:
        """Raises Refused when the key came with another request before."""
        row = self._row()
        if row is None or bytes(row[0]) != self._asked:
            raise Refused(IDEMPOTENCY_KEY_REUSED)
        reply: dict[str, Any] = row[1]
        return reply

    def store(self, reply: dict[str, Any]) -> None:
        self._tx.execute(
            "UPDATE idempotency_key SET reply = %s WHERE caller = %s AND call = %s AND key = %s",
            (Jsonb(reply), *self._who),
        )

    def _row(self) -> Any:
        return self._tx.execute(
            "SELECT request_hash, reply FROM idempotency_key WHERE caller = %s AND call = %s AND key = %s",
            self._who,
        ).fetchone()


def door(call: Call, *, transaction: bool = True) -> Callable[[Method], Method]:
    """Make a method of a service answer `call`.

    The method is `method(self, tx, actor, request)`, or `method(self, actor, request)` with
    `transaction=False`, for work that must not hold a transaction (hashing, rendering, files). What it
    returns is dumped with the call's reply shape. The service's class attribute `refusals` maps its own
    exceptions to codes, or to functions that make a Refused of them. Called directly, as tests do, the method
    is as it was written.
    """

    def decorate(method: Method) -> Method:
        from mtnet_chassis.answering import CallEntrypoint

        decorated: Method = CallEntrypoint.decorator(Door(call, method, transaction=transaction))(method)
        return decorated

    return decorate


def flat(messages: Mapping[str, Any], prefix: str = "") -> dict[str, list[str]]:
    """Marshmallow's nested messages as codes by dotted path: {"reasons.0.code": ["NOT_A_CHOICE"]}."""
    found: dict[str, list[str]] = {}
    for name, message in messages.items():
        path = f"{prefix}{name}"
        if isinstance(message, Mapping):
            found.update(flat(message, f"{path}."))
        else:
            found[path] = [str(code) for code in message]
    return found


def _caller(actor: Actor | None) -> str:
    return str(actor.account_id) if actor else "anyone"


def _forget_key(tx: Tx, call: Call, caller: str, key: str) -> None:
    tx.execute(
        "DELETE FROM idempotency_key WHERE caller = %s AND call = %s AND key = %s",
        (caller, f"{call.service}.{call.name}", _key_hash(key)),
    )


def _key_hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
