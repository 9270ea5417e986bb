"""What the pages say that show what went wrong."""

from mtnet_contracts.vocabulary.texts import N_

# The pages that show what went wrong, by status or by what happened: title and text.
PAGES: dict[int | str, tuple[str, str]] = {
    404: (
        N_("Page not found"),
        N_("The address may be mistyped or have changed. Go to the home page or the site map."),
    ),
    403: (
        N_("Not allowed"),
        N_("Your account is not allowed to see this page. If you have questions, call the helpdesk."),
    ),
    400: (
        N_("We could not handle this request"),
        N_("The page may have been open too long. Go back, reload and send again; what was saved is safe."),
    ),
    409: (
        N_("Something has changed"),
        N_("Check the latest version, then continue."),
    ),
    413: (
        N_("The file is too large"),
        N_(
            "The file must be under %(megabytes)s MB. Scan it at a lower resolution and upload it again. "
            "What you saved is kept."
        ),
    ),
    "413_text": (
        N_("Too much text"),
        N_(
            "What you sent is longer than this page can take. Shorten it and send it again. What "
            "you saved is kept."
        ),
    ),
    429: (
        N_("Please wait a moment"),
        N_("Too many requests in a short time. Wait a minute; what was saved is safe."),
    ),
    500: (
        N_("Something went wrong"),
        N_("The problem has been recorded. What you saved is safe; try again later or call the helpdesk."),
    ),
    "in_a_moment": (
        N_("In a moment"),
        N_("This case has only just arrived. Its form and details can be seen in a few seconds."),
    ),
    503: (
        N_("This service is not available right now"),
        N_("Other services are not affected. What you saved is safe; reload this page in a few minutes."),
    ),
}

# What is called what, where a form that could not be taken is shown to be copied.
TYPED = {
    "note": N_("Remarks"),
    "reason": N_("Why you need it"),
}
