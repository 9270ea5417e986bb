"""The calls that the gateway makes: a folder for each service that answers them, a file for each of its topics."""

from mtnet_contracts.calls import accounts, content, helpdesk, notify, review
from mtnet_contracts.calls.call import CALLS, Call

__all__ = ["CALLS", "Call", "accounts", "content", "helpdesk", "notify", "review"]
