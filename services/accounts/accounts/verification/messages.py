"""What verification announces: codes, sealed for notify."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from mtnet_contracts.events import VerificationCodeRequested

from accounts.verification.rules import CodeRecipient


def verification_code_requested(
    challenge_id: UUID, purpose: str, to: CodeRecipient, *, sealed_code: str, expires_at: datetime
) -> VerificationCodeRequested:
    return VerificationCodeRequested(
        challenge_id=challenge_id,
        purpose=purpose,
        channel=to.channel,
        recipient=to.recipient,
        sealed_code=sealed_code,
        expires_at=expires_at,
        locale=to.locale,
        case_number=to.case_number,
    )
