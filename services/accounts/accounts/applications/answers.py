"""The answers of one section as they come in: shapes from the contract, then the rules that shapes cannot say."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError
from mtnet_chassis.rpc.endpoint import Refused
from mtnet_contracts.calls.call import INVALID
from mtnet_contracts.vocabulary.answers import ANSWERS, SECTIONS, Section
from mtnet_contracts.vocabulary.kinds import Mobile, Telephone
from mtnet_contracts.vocabulary.questions import read
from mtnet_contracts.vocabulary.shapes import flat

from accounts.numbers import (
    id_number_is_valid,
    normalised_number,
    unified_business_number_is_formed,
    unified_business_number_is_valid,
)
from accounts.verification.telephones import AreaCodeMissing, PhoneInvalid, e164

Faults = dict[str, list[str]]

NUMBERS = (
    ("id_number", id_number_is_valid, "ID_NUMBER_INVALID"),
    ("unified_business_number", unified_business_number_is_valid, "UNIFIED_BUSINESS_NUMBER_INVALID"),
)


def checked_answers(section: str, answers: dict[str, Any], *, notice_version: str) -> Section:
    """The answers in their normal form. Raises Refused(INVALID), naming every wrong field at once.

    `notice_version` is the privacy notice in force: agreeing to an older one is refused.
    """
    accepted, faults = _shaped(section, answers)
    _check_phones(section, accepted, faults)
    for name, is_valid, fault in NUMBERS:
        if name in accepted and name not in faults:
            accepted[name] = normalised_number(accepted[name])
            if not is_valid(accepted[name]):
                faults[name] = [fault]
    _accept_as_registered(accepted, faults)
    if section == "registration" and not faults and accepted["notice_version"] != notice_version:
        faults["notice_version"] = ["NOTICE_OUTDATED"]
    if faults:
        raise Refused(INVALID, fields=faults)
    return read(SECTIONS[section], accepted)


def _shaped(section: str, answers: dict[str, Any]) -> tuple[dict[str, Any], Faults]:
    faults: Faults = {}
    try:
        accepted: dict[str, Any] = ANSWERS[section]().load(answers)
    except ValidationError as problem:
        faults = flat(problem.messages_dict)
        accepted = dict(problem.valid_data) if isinstance(problem.valid_data, dict) else {}
    return {name: value for name, value in accepted.items() if value not in ("", None)}, faults


def _check_phones(section: str, accepted: dict[str, Any], faults: Faults) -> None:
    for name, kind in ANSWERS[section]().fields.items():
        if not isinstance(kind, Telephone) or name not in accepted or name in faults:
            continue
        mobile = isinstance(kind, Mobile)
        try:
            accepted[name] = e164(accepted[name], mobile=mobile)
        except AreaCodeMissing:
            faults[name] = ["PHONE_NEEDS_AREA_CODE"]
        except PhoneInvalid:
            faults[name] = ["MOBILE_INVALID" if mobile else "PHONE_INVALID"]


def _accept_as_registered(accepted: dict[str, Any], faults: Faults) -> None:
    """A registered number outside every check digit is taken on the applicant's word, and marked for the reviewer."""
    as_registered = accepted.pop("number_as_registered", False)
    if "unified_business_number" not in faults or not as_registered:
        return
    number = accepted.get("unified_business_number", "")
    if unified_business_number_is_formed(number) and not unified_business_number_is_valid(number):
        del faults["unified_business_number"]
        accepted["number_as_registered"] = True
