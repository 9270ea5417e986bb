"""What is stored under the keys of the vault. A table with a new encrypted column is named here."""

from __future__ import annotations

from dataclasses import dataclass


class KeyMissing(Exception):
    """Rows name keys that are not among those of the process: without them nothing can read these rows."""


@dataclass(frozen=True)
class SealedColumn:
    """`box` holds ciphertext bound to the row's `row_id`, `key` the id of its key."""

    table: str
    row_id: str
    box: str
    key: str


SEALED = (
    SealedColumn("application", "application_id", "id_number", "id_number_key"),
    SealedColumn("totp", "totp_id", "secret", "secret_key"),
)
