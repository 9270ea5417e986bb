"""How long content keeps personal data: it has none. `docs/retention.md` is written from these rules."""

from __future__ import annotations

from mtnet_chassis.data.retention import Rule, nothing_personal

RULES: tuple[Rule, ...] = nothing_personal("page", because="published pages")
