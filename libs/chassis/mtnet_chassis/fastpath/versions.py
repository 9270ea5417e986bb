"""Refuse to start beside a version of a library whose inside the fast path was not tried with.

The tried ranges stand once, in this package's pyproject.toml.
"""

from __future__ import annotations

from importlib.metadata import requires, version

from packaging.requirements import Requirement

PACKAGE = "mtnet-chassis"
# It uses what these do not promise to keep.
LEANED_ON = ("amqp", "pika", "psycopg")


class UntriedVersion(RuntimeError):
    """A library has another version than the fast path was tried with."""


def require_tried_versions() -> None:
    """Raises UntriedVersion, in a sentence for whoever starts the process."""
    for needed in map(Requirement, requires(PACKAGE) or ()):
        if needed.name not in LEANED_ON:
            continue
        found = version(needed.name)
        if found not in needed.specifier:
            raise UntriedVersion(
                f"{needed.name} {found} is installed, and the fast path is tried with {needed.specifier} only"
                f" (docs/fast-path.md): install {needed.name}{needed.specifier}."
            )
