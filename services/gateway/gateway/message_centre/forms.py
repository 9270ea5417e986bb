"""Reading the table of choices: a box for each category and channel."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mtnet_contracts.vocabulary.channels import CHANNELS


def choices(form: Any, categories: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What was ticked, for each category that the page showed; what cannot be chosen is not asked for."""
    return [
        {
            "category": each["category"],
            "channels": [
                choice["channel"]
                for choice in each["channels"]
                if choice["always"] or form.get(f"{each['category']}-{choice['channel']}") == "on"
            ],
        }
        for each in categories
    ]


def reached(view: Mapping[str, Any]) -> dict[str, str]:
    """The channels with an address that can be reached: `yes`, `no` (out of reach), or missing."""
    found: dict[str, str] = {}
    for point in view["contact_points"]:
        if found.get(point["channel"]) != "yes":
            found[point["channel"]] = "no" if point["unreachable_since"] else "yes"
    return {name: found[name] for name in CHANNELS if name in found}
