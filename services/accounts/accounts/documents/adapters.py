"""The object store for a service of green threads: ten megabytes are read and written on a real one."""

from __future__ import annotations

from datetime import datetime

from mtnet_chassis.data.files import Files

from accounts.threads import off_the_hub


class StoredFiles(Files):
    """The same files; while one is read, written or removed, other calls go on."""

    def put(self, key: str, content: bytes) -> None:
        off_the_hub(super().put, key, content)

    def get(self, key: str) -> bytes:
        return off_the_hub(super().get, key)

    def size(self, key: str) -> int:
        return off_the_hub(super().size, key)

    def delete(self, key: str) -> None:
        off_the_hub(super().delete, key)

    def delete_all(self, prefix: str, *, older_than: datetime | None = None) -> int:
        return off_the_hub(super().delete_all, prefix, older_than=older_than)

    def exists(self, key: str) -> bool:
        return off_the_hub(super().exists, key)
