"""A case that review has and accounts has not heard of yet: for a moment its form and its ID number cannot be had.

Review opens a case and announces it; accounts, which keeps the form, learns which unit holds it a moment later.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from mtnet_contracts.calls import accounts, review

from gateway.rpc.client import Refused, Rpc

OF_A_CASE = (
    accounts.documents.CASE_FORM,
    accounts.documents.CASE_FORM_PAGE,
    accounts.applications.REVEAL_ID_NUMBER,
)
# Nearly always the first is enough.
PAUSES_SECONDS = (0.2, 0.3, 0.5)


class NotHeardYet(Exception):
    """Review shows the case to this reviewer, accounts does not know of it: to be tried again in a moment."""


def ask(rpc: Rpc, values: dict[str, Any], actor: str | None, again: Callable[[], Any]) -> Any:
    """`again` asks accounts once more, after it has refused with CASE_NOT_FOUND.

    Raises Refused when this reviewer has no such case, NotHeardYet, ServiceUnavailable.
    """
    rpc.call(review.cases.CASE, {"application_id": values["application_id"]}, actor=actor)
    for pause in PAUSES_SECONDS:
        time.sleep(pause)
        try:
            return again()
        except Refused as refused:
            if refused.code != "CASE_NOT_FOUND":
                raise
    raise NotHeardYet
