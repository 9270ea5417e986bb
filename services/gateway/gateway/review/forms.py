"""The form of a decision: the fields a reviewer marked, the reasons, and what is wrong with them."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError
from mtnet_contracts.calls.call import Call
from mtnet_contracts.calls.review import cases as calls
from mtnet_contracts.vocabulary.reasons import REASONS_THAT_FIT
from mtnet_contracts.vocabulary.shapes import flat
from werkzeug.datastructures import MultiDict

from gateway.errors.refusals import ERRORS
from gateway.locale import gettext
from gateway.problems import fault_text
from gateway.rpc.client import Refused

DECISIONS = {
    "forward": calls.FORWARD_CASE,
    "approve": calls.APPROVE_CASE,
    "return": calls.RETURN_CASE,
    "reject": calls.REJECT_CASE,
}
WITH_REASONS = ("return", "reject")


def fitting(found: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    """The fields of this case that can be marked, each with the reasons that fit it."""
    return {
        field: codes
        for field, codes in REASONS_THAT_FIT.items()
        if (
            found["form"]
            if field == "form"
            else field.startswith("identity.") or found["answers"].get(field.split(".")[0])
        )
    }


def marks_in(found: dict[str, Any], values: MultiDict[str, str]) -> list[dict[str, str]]:
    """What the reviewer marked, in the order of the page; `mark-<field>` holds the reason, or nothing."""
    return [
        {"field": field, "code": values[f"mark-{field}"]}
        for field in fitting(found)
        if values.get(f"mark-{field}")
    ]


def check_offered(found: dict[str, Any], decision: str, version: int) -> None:
    """Raise what the service would refuse with, before somebody reads and confirms it in vain.

    The service decides; this only looks at what it said of the case a moment ago.
    """
    if version != found["version"]:
        raise Refused("STALE_VERSION")
    if decision in found["decisions"]:
        return
    if found["state"] != "open":
        raise Refused("CASE_NOT_OPEN")
    if found["decisions"]:
        raise Refused("NOT_LAST_STAGE")
    raise Refused(
        "CLAIMED_BY_ANOTHER" if found["claimed_by"] and not found["claimed_by_me"] else "NOT_CLAIMED"
    )


def read_by_service(decision: Call, asked: dict[str, Any]) -> dict[str, Any]:
    """The decision as the service will read it, cleaned. Raises Refused as the service would."""
    try:
        return decision.load_request(asked)
    except ValidationError as invalid:
        raise Refused("INVALID", flat(invalid.normalized_messages())) from invalid  # type: ignore[no-untyped-call]


def faults_in(refused: Refused, asked: dict[str, Any]) -> dict[str, str]:
    """Words at the control that must change: the note, the list of fields, or the mark of one field."""
    errors = {}
    for name, codes in refused.fields.items():
        part, _, place = name.partition(".")
        number = place.partition(".")[0]
        if part == "note":
            errors["note"] = fault_text(codes[0], "note")
        elif part == "reasons" and number.isdigit() and int(number) < len(asked.get("reasons", [])):
            field = asked["reasons"][int(number)]["field"]
            errors[f"mark-{field.replace('.', '-')}"] = fault_text("REASON_DOES_NOT_FIT", field)
        elif part == "reasons":
            errors["field-reasons"] = gettext(ERRORS["REASONS_REQUIRED"])
    return errors or {"": gettext(ERRORS["INVALID"])}
