"""Bring a database up to date from plain SQL files: the chassis' own tables first, then the service's."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from yoyo import get_backend, read_migrations

CHASSIS_MIGRATIONS = Path(__file__).parent / "sql"


def migrate(dsn: str, *folders: Path) -> list[str]:
    """Apply the missing migrations in order, under yoyo's lock. Returns their ids. `dsn` is postgresql://…"""
    parts = urlsplit(dsn)
    backend = get_backend(urlunsplit(parts._replace(scheme="postgresql+psycopg")))
    applied: list[str] = []
    try:
        with backend.lock():
            for folder in (CHASSIS_MIGRATIONS, *folders):
                wanted = backend.to_apply(read_migrations(str(folder)))
                applied += [migration.id for migration in wanted]
                backend.apply_migrations(wanted)
    finally:
        backend.connection.close()
    return applied


def fingerprint(folders: Iterable[Path]) -> str:
    """A hash of the migrations in these folders and the chassis' own: equal hashes make equal databases."""
    import hashlib

    digest = hashlib.sha256()
    for folder in (CHASSIS_MIGRATIONS, *folders):
        for path in sorted(folder.glob("*.sql")):
            digest.update(path.name.encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()
