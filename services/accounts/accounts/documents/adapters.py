"""The object store for a service of green threads: files are read and written in threads of the operating system."""

from __future__ import annotations

from datetime import datetime

from mtnet_chassis.data.files import Files

from accounts.threads import run_in_thread


class StoredFiles(Files):
    """The same files. While one is read, written or removed, other calls go on."""

    def put(self, key: str, content: bytes) -> None:
        run_in_thread(super().put, key, content)

    def get(self, key: str) -> bytes:
        return run_in_thread(super().get, key)

    def size(self, key: str) -> int:
        return run_in_thread(super().size, key)

    def delete(self, key: str) -> None:
        run_in_thread(super().delete, key)

    def delete_all(self, prefix: str, *, older_than: datetime | None = None) -> int:
        return run_in_thread(super().delete_all, prefix, older_than=older_than)

    def exists(self, key: str) -> bool:
        return run_in_thread(super().exists, key)
