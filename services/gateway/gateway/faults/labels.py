"""What the parts of a fault are called."""

from __future__ import annotations

from mtnet_contracts.vocabulary.texts import N_, P_

TABS = {"open": P_("fault", "Open"), "resolved": P_("fault", "Resolved")}
SEVERITIES = {
    "critical": P_("severity", "Critical: nobody can work"),
    "high": P_("severity", "High: many cannot work"),
    "normal": P_("severity", "Normal: some are held up"),
    "low": P_("severity", "Low: a nuisance"),
}
# By colour and by symbol.
SEVERITY_LOOKS = {
    "critical": ("red", "✕"),
    "high": ("orange", "▲"),
    "normal": ("yellow", "●"),
    "low": ("grey", "○"),
}
STATE_LOOKS = {"open": ("red", "●"), "resolved": ("green", "✓")}
UPDATES = {
    "announced": P_("fault", "Announced"),
    "update": P_("fault", "Update"),
    "resolved": P_("fault", "Solved"),
}
FIELDS = {
    "title_zh": N_("Title in Chinese"),
    "title_en": N_("Title in English"),
    "affected_system": N_("Affected system"),
    "severity": N_("Severity"),
    "started_at": N_("When it began"),
    "workaround_zh": N_("What people can do meanwhile, in Chinese"),
    "workaround_en": N_("What people can do meanwhile, in English"),
    "cause": N_("Cause"),
    "text_zh": N_("Text in Chinese"),
    "text_en": N_("Text in English"),
    "solution_zh": N_("Solution in Chinese"),
    "solution_en": N_("Solution in English"),
    "ticket_ids": P_("fault", "Tickets"),
    "numbers": P_("fault", "Tickets"),
}
