"""What was changed in an application since it was handed in."""

from __future__ import annotations

from typing import Any


class NothingChanged(Exception):
    """Handed in again as it was returned."""


def changed_fields(before: dict[str, dict[str, Any]], after: dict[str, dict[str, Any]]) -> tuple[str, ...]:
    """Fields that differ, as `section.field`, in the order of the pages."""
    found = []
    for section in ("identity", "company", "applicant"):
        old, new = before.get(section, {}), after.get(section, {})
        names = sorted((old.keys() | new.keys()) - {"masked_id_number"})
        found += [f"{section}.{name}" for name in names if old.get(name) != new.get(name)]
    # The ID number itself is not among the answers: its fingerprint stands for it.
    return tuple("identity.id_number" if field == "identity.person" else field for field in found)
