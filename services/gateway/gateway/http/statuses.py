"""The HTTP status of each refusal: one table for the pages and the API."""

from __future__ import annotations

STATUS_OF_REFUSAL: dict[str, int] = {
    "INVALID": 422,
    "CODE_WRONG": 422,
    "CODE_EXPIRED": 422,
    "CODE_VOID": 422,
    "CONTACT_MISSING": 422,
    "SECTION_NOT_ASKED": 422,
    "FILE_MISSING": 422,
    "FILE_EMPTY": 422,
    "FILE_TYPE": 422,
    "FILE_UNREADABLE": 422,
    "FILE_ENCRYPTED": 422,
    "FILE_TOO_MANY_PAGES": 422,
    "FILE_TOO_MANY_PIXELS": 422,
    "FILE_BLANK": 422,
    "FORM_OF_ANOTHER_CASE": 422,
    "FORM_OUTDATED": 422,
    "FILE_TOO_LARGE": 413,
    "NOT_SIGNED_IN": 401,
    "SESSION_ENDED": 401,
    "LOGIN_FAILED": 401,
    "APPLICATION_TOKEN_INVALID": 401,
    "CONFIRMATION_FAILED": 422,
    "NOT_ALLOWED": 403,
    "CONFIRMATION_REQUIRED": 403,
    "ACCOUNT_FROZEN": 403,
    "ACCOUNT_DISABLED": 403,
    "NEW_PASSWORD_REQUIRED": 403,
    "OWN_CASE": 403,
    "STAFF_ACCOUNT": 403,
    "OWN_ACCOUNT": 403,
    "ACCOUNT_NAME_DIFFERS": 422,
    "ACCOUNT_NOT_FOUND": 404,
    "LIFECYCLE_RUN_NOT_FOUND": 404,
    "CASE_NOT_FOUND": 404,
    "PAGE_NOT_FOUND": 404,
    "ACTIVATION_LINK_INVALID": 404,
    "ACTIVATION_LINK_USED": 410,
    "RESET_LINK_INVALID": 404,
    "RESET_LINK_USED": 410,
    "SESSION_NOT_FOUND": 404,
    "NOT_SUBMITTED": 404,
    "STALE_VERSION": 409,
    "CLAIMED_BY_ANOTHER": 409,
    "NOT_CLAIMED": 409,
    "CASE_NOT_OPEN": 409,
    "LAST_STAGE": 409,
    "NOT_LAST_STAGE": 409,
    "NOT_EDITABLE": 409,
    "NOT_WITHDRAWABLE": 409,
    "NOT_AWAITING_ACTIVATION": 409,
    "ALREADY_VERIFIED": 409,
    "INCOMPLETE": 409,
    "ACCOUNT_NAME_TAKEN": 409,
    "ANSWERS_CHANGED": 409,
    "NOTHING_CHANGED": 409,
    "IDEMPOTENCY_KEY_REUSED": 409,
    "TOO_MANY_CODES": 429,
    "TOO_MANY_PASSWORDS": 429,
    "TOO_MANY_RESETS": 429,
    "TOO_MANY_GUESSES": 429,
    "TOO_MANY_APPLICATIONS": 429,
    "TOO_SOON": 429,
    "TOO_MANY_DOCUMENTS": 429,
    "CONTACT_NOT_VERIFIED": 409,
    "BUSY": 503,
}

# When to come again, in seconds, where it is not a minute.
RETRY_AFTER_SECONDS = {"BUSY": 5, "TOO_MANY_DOCUMENTS": 3600}


def retry_after(code: str) -> dict[str, str]:
    """The header that says when to come again, of a refusal that will not last."""
    if STATUS_OF_REFUSAL.get(code) not in (429, 503):
        return {}
    return {"Retry-After": str(RETRY_AFTER_SECONDS.get(code, 60))}
