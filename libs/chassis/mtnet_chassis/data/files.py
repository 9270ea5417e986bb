"""Files in an object store: a local directory by default, anything S3-compatible in production."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from obstore.store import LocalStore, from_url


class FileNotThere(LookupError):
    """Nothing is stored under that key."""


class Files:
    """Bytes by key (`uploads/…`, `forms/…`). `url` is `file:///a/directory` or `s3://bucket/prefix`."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme == "file":
            directory = Path(url2pathname(parts.path))  # in an address a space is %20
            directory.mkdir(parents=True, exist_ok=True)
            self._directory: Path | None = directory
            self._store = LocalStore(prefix=directory)
        else:
            self._directory = None
            self._store = from_url(url)

    def put(self, key: str, content: bytes) -> None:
        self._store.put(key, content)

    def put_durably(self, key: str, content: bytes) -> None:
        """It is there after a power failure, too. An S3 store keeps what it acknowledged anyway."""
        self.put(key, content)
        if self._directory is not None:
            path = self._directory / key
            for each in (path, *path.parents):
                _synchronise(each)
                if each == self._directory:
                    break

    def get(self, key: str) -> bytes:
        """Raises FileNotThere."""
        try:
            return bytes(self._store.get(key).bytes())
        except FileNotFoundError:
            raise FileNotThere(key) from None

    def size(self, key: str) -> int:
        """How many bytes, without reading them. Raises FileNotThere."""
        try:
            return int(self._store.head(key)["size"])
        except FileNotFoundError:
            raise FileNotThere(key) from None

    def delete(self, key: str) -> None:
        """Deleting a key that does not exist is not an error: a clean-up may run twice."""
        try:
            self._store.delete(key)
        except FileNotFoundError:
            return

    def delete_all(self, prefix: str, *, older_than: datetime | None = None) -> int:
        """Delete everything under a folder (`uploads/`), or only what is older than a moment. Returns how many."""
        found = [
            entry["path"]
            for batch in self._store.list(prefix)
            for entry in batch
            if older_than is None or entry["last_modified"] < older_than
        ]
        for key in found:
            self.delete(key)
        return len(found)

    def exists(self, key: str) -> bool:
        try:
            self._store.head(key)
        except FileNotFoundError:
            return False
        return True


def _synchronise(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
