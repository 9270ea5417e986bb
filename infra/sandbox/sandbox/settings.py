"""The sandbox's environment, read once."""

import os
from dataclasses import dataclass

from mtnet_contracts.vocabulary.channels import CHANNELS

# Their messages come in over SMTP.
BY_MAIL = ("email", "fax")


@dataclass(frozen=True)
class Settings:
    """Ports to listen on, the token of each channel's gateway, and where messages are kept (SQLite).

    What comes back is read at `imap_port`; at 0 nobody reads it.

    LINE tells the portal's `line_webhook_url` what its users do, signed with `line_secret`; without it, nobody.
    Receipts go below `webhooks_url`; those of faxes are signed with `fax_token`. A fax machine takes
    `fax_seconds_per_page`. Mail to one of `desk_addresses`, and faxes as mail to `desk_fax_address`, lie in the
    mailbox of the user `desk` at `imap_port`.

    `events_url` is the broker with user and password of a downstream system, whose events are shown.
    """

    smtp_port: int
    http_port: int
    tokens: dict[str, str]
    imap_port: int = 0
    host: str = "127.0.0.1"
    data: str = ":memory:"
    keep: int = 5000
    line_webhook_url: str = ""
    line_secret: str = ""
    webhooks_url: str = ""
    fax_token: str = ""
    fax_seconds_per_page: float = 0.0
    desk_addresses: tuple[str, ...] = ()
    desk_fax_address: str = ""
    events_url: str = ""


def from_environment() -> Settings:
    """Raises SystemExit with a sentence when a variable is missing."""
    try:
        return Settings(
            smtp_port=int(os.environ["SANDBOX_SMTP_PORT"]),
            http_port=int(os.environ["SANDBOX_HTTP_PORT"]),
            tokens={
                name: os.environ[f"NOTIFY_{name.upper()}_TOKEN"] for name in CHANNELS if name not in BY_MAIL
            },
            imap_port=int(os.environ.get("SANDBOX_IMAP_PORT", "0")),
            host=os.environ.get("SANDBOX_HOST", "127.0.0.1"),
            data=os.environ.get("SANDBOX_DATA", ":memory:"),
            keep=int(os.environ.get("SANDBOX_KEEP", "5000")),
            line_webhook_url=os.environ.get("SANDBOX_LINE_WEBHOOK_URL", ""),
            line_secret=os.environ.get("NOTIFY_LINE_CHANNEL_SECRET", ""),
            webhooks_url=os.environ.get("SANDBOX_WEBHOOKS_URL", ""),
            fax_token=os.environ.get("NOTIFY_FAX_TOKEN", ""),
            fax_seconds_per_page=float(os.environ.get("SANDBOX_FAX_SECONDS_PER_PAGE", "0")),
            desk_addresses=tuple(
                each.strip().lower()
                for each in os.environ.get("HELPDESK_MAIL_ADDRESS", "").split(",")
                if each.strip()
            ),
            desk_fax_address=os.environ.get("HELPDESK_FAX_ADDRESS", "").strip().lower(),
            events_url=os.environ.get("SANDBOX_EVENTS_URL", ""),
        )
    except KeyError as missing:
        raise SystemExit(f"The sandbox needs the environment variable {missing.args[0]}.") from missing
    except ValueError as problem:
        raise SystemExit(
            f"A port or count in the sandbox's environment is no number: {problem}."
        ) from problem
