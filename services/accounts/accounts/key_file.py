"""The file with the keys of what is stored encrypted: `k2:<base64 of 32 bytes>`, one a line, the current one first.

Processes look at it whenever they need a key, so a new key needs no restart.
"""

from __future__ import annotations

import base64
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path

Keys = dict[str, bytes]


class KeysUnreadable(ValueError):
    """A line is not `name:base64 of 32 bytes`, two have one name, or there is none. Its text never shows a key."""


def keys_from(text: str) -> Keys:
    """Read `k1:<base64>`, separated by commas or line ends. The first is the current key. Raises KeysUnreadable."""
    keys: Keys = {}
    for part in text.replace(",", "\n").split():
        name, _, value = part.partition(":")
        try:
            key = base64.b64decode(value, validate=True)
        except ValueError:
            key = b""
        if not name or len(key) != 32 or name in keys:
            raise KeysUnreadable(f"key {len(keys) + 1}: write it as name:base64 of 32 bytes, each name once")
        keys[name] = key
    if not keys:
        raise KeysUnreadable("there is no key")
    return keys


def text_of(keys: Keys) -> str:
    return "".join(f"{name}:{base64.b64encode(key).decode()}\n" for name, key in keys.items())


def number_of(name: str) -> int:
    """The number of a key that was made here, such as 2 of `k2`; 0 for other names."""
    return int(name[1:]) if name[:1] == "k" and name[1:].isdigit() else 0


def with_new_key(keys: Keys) -> tuple[str, Keys]:
    """The keys with a new one behind the others: every process can read with it, none writes with it yet."""
    name = f"k{max(number_of(name) for name in keys) + 1}"
    return name, {**keys, name: secrets.token_bytes(32)}


def with_first(keys: Keys, name: str) -> Keys:
    """The keys with this one as the current one. Raises KeyError."""
    return {name: keys[name], **keys}


@dataclass
class KeyFile:
    """A key file, read again when it has changed."""

    path: Path
    _seen: tuple[int, int, int] | None = field(default=None, init=False)
    _keys: Keys = field(default_factory=dict, init=False)

    def keys(self) -> Keys:
        """Raises KeysUnreadable, OSError. While a changed file cannot be read, so can nothing that is encrypted."""
        stat = self.path.stat()
        seen = (stat.st_ino, stat.st_mtime_ns, stat.st_size)
        if seen != self._seen:
            self._keys = keys_from(self.path.read_text())
            self._seen = seen
        return self._keys

    def write(self, keys: Keys) -> None:
        """Replace the file, whole or not at all, with the owner and mode that it has."""
        stat = self.path.stat()
        draft = self.path.with_name(f".{self.path.name}.new")
        draft.unlink(missing_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as output:
            output.write(text_of(keys))
            output.flush()
            os.fsync(output.fileno())
        if os.geteuid() == 0:
            os.chown(draft, stat.st_uid, stat.st_gid)
        os.chmod(draft, stat.st_mode & 0o777)
        draft.replace(self.path)
