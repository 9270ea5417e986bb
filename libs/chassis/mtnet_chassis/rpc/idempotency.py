"""Idempotency keys: a call that comes again with its key gets the reply of the first one."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

from mtnet_contracts.calls.call import IDEMPOTENCY_KEY_REUSED, Call
from psycopg.types.json import Jsonb

from mtnet_chassis.data.database import Tx
from mtnet_chassis.rpc.refusals import Refused

# A caller without token or account is identified by address and request only, so not for long: what it asked for, a
# code or a draft, is needed for minutes.
STRANGERS_KEY_SECONDS = 600


class KeyedCall:
    """One idempotency key of one caller and call, in a transaction.

    `caller` is whom the `authorise` step named, empty for a stranger. A stranger is identified by address and request:
    the same key from two strangers is two keys, and so is the same key with another request. The table holds the key as
    a hash, and the request and a stranger's address as hashes keyed with it: a plain hash of "the cases of this ID
    number" could be found by trying all numbers, and whoever reads the table does not have the key.
    """

    def __init__(self, tx: Tx, call: Call, caller: str, key: str, raw: Mapping[str, Any]) -> None:
        self._tx = tx
        self._stranger = not caller
        own = call.fields_from_gateway()
        self._asked = self._under(key, {name: value for name, value in raw.items() if name not in own})
        if self._stranger:
            caller = f"stranger:{self._under(key, [raw.get('ip'), self._asked.hex()]).hex()}"
        self._who = (caller, f"{call.service}.{call.name}", hashlib.sha256(key.encode()).hexdigest())

    @staticmethod
    def _under(key: str, value: Any) -> bytes:
        return hmac.digest(key.encode(), json.dumps(value, sort_keys=True, default=str).encode(), "sha256")

    def lock(self) -> None:
        self._tx.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", ("/".join(self._who),))

    def reserve(self) -> bool:
        """True for the first call; waits while another transaction holds the key."""
        self._forget_stale()
        return (
            self._tx.execute(
                "INSERT INTO idempotency_key (caller, call, key, request_hash) VALUES (%s, %s, %s, %s)"
                " ON CONFLICT (caller, call, key) DO NOTHING RETURNING 1",
                (*self._who, self._asked),
            ).fetchone()
            is not None
        )

    def known(self) -> bool:
        self._forget_stale()
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

    def forget(self) -> None:
        self._tx.execute(
            "DELETE FROM idempotency_key WHERE caller = %s AND call = %s AND key = %s", self._who
        )

    def _forget_stale(self) -> None:
        if self._stranger:
            self._tx.execute(
                "DELETE FROM idempotency_key WHERE caller = %s AND call = %s AND key = %s"
                " AND answered_at < now() - make_interval(secs => %s)",
                (*self._who, STRANGERS_KEY_SECONDS),
            )

    def _row(self) -> Any:
        return self._tx.execute(
            "SELECT request_hash, reply FROM idempotency_key WHERE caller = %s AND call = %s AND key = %s",
            self._who,
        ).fetchone()
