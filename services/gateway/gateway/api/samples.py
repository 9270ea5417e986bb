"""What the examples on the API's page say."""

from __future__ import annotations

from typing import Any

UUID = "0190b3c9-0d54-7e0a-b1c2-9d8e7f6a5b43"
# The answers of each section of an application.
SECTIONS: dict[str, dict[str, Any]] = {
    "registration": {"method": "email", "notice_version": "2026-01", "agreed": True},
    "identity": {"id_number": "A123456789", "account_name": "carrier2026"},
    "company": {
        "unified_business_number": "04595257",
        "name_zh": "範例航運股份有限公司",
        "person_in_charge": "王小明",
        "city": "keelung",
        "address": "港西街 1 號",
        "phone": "02-24201234",
        "email": "office@example.com",
        "mobile": "0922345678",
    },
    "applicant": {
        "name": "陳小華",
        "phone": "02-33436767#12",
        "email": "clerk@example.com",
        "mobile": "0912345678",
        "systems": ["mtnet", "vessels"],
        "reason": "辦理船舶進出港申報",
    },
}
