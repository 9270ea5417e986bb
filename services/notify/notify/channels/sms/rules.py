"""What an HTTP status of the text message gateway means: is it about this number, about this text, or about us?"""

from notify.channels.rules import Deferral, Doubt, Failure, Outage, Refusal


def meaning_of_http(status: int) -> Refusal | Deferral | Outage | Doubt | None:
    """What the status means for the message. None: the gateway accepted it.

    422: the gateway will never accept this number or text. 400: perhaps the same, or it no longer understands our
    requests. 409: it is working on this reference. Everything else is about us: not let in (401, 403, 407), not
    paid (402), too many (429), a wrong address (3xx, 404, 405), out of order (5xx).
    """
    detail = str(status)
    if status in range(200, 300):
        return None
    match status:
        case 422:
            return Refusal(Failure.RECIPIENT_REFUSED, detail)
        case 413:
            return Refusal(Failure.MESSAGE_REFUSED, detail)
        case 400:
            return Doubt(detail, Failure.RECIPIENT_REFUSED)
        case 409:
            return Deferral(detail)
        case _:
            return Outage(detail)
