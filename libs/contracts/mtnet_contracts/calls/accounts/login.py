"""Prove once more who one is, before what is dangerous."""

from mtnet_contracts.calls.accounts.applications import FromDevice
from mtnet_contracts.calls.accounts.sessions import LogInReply, SessionRequest
from mtnet_contracts.calls.call import Call
from mtnet_contracts.vocabulary.kinds import Secret


class ConfirmIdentityRequest(SessionRequest, FromDevice):
    """For a call that was refused with CONFIRMATION_REQUIRED: what it does needs a login, or this, of late."""

    password = Secret(required=True)


CONFIRM_IDENTITY = Call(
    service="accounts",
    name="confirm_identity",
    request=ConfirmIdentityRequest,
    reply=LogInReply,
    refusals=("SESSION_ENDED", "CONFIRMATION_FAILED"),
    writes=True,
    repeat="anew",
)
