"""The sandbox's environment, read once."""

import os
from dataclasses import dataclass

from mtnet_contracts.vocabulary.channels import CHANNELS


@dataclass(frozen=True)
class Settings:
    """Ports to listen on, the token of each channel's gateway, and where messages are kept (SQLite).

    LINE tells the portal's `line_webhook_url` what its users do, signed with `line_secret`; without it, nobody.
    """

    smtp_port: int
    http_port: int
    tokens: dict[str, str]
    host: str = "127.0.0.1"
    data: str = ":memory:"
    keep: int = 5000
    line_webhook_url: str = ""
    line_secret: str = ""


def from_environment() -> Settings:
    """Raises SystemExit with a sentence when a variable is missing."""
    try:
        return Settings(
            smtp_port=int(os.environ["SANDBOX_SMTP_PORT"]),
            http_port=int(os.environ["SANDBOX_HTTP_PORT"]),
            tokens={name: os.environ[f"NOTIFY_{name.upper()}_TOKEN"] for name in CHANNELS if name != "email"},
            host=os.environ.get("SANDBOX_HOST", "127.0.0.1"),
            data=os.environ.get("SANDBOX_DATA", ":memory:"),
            keep=int(os.environ.get("SANDBOX_KEEP", "5000")),
            line_webhook_url=os.environ.get("SANDBOX_LINE_WEBHOOK_URL", ""),
            line_secret=os.environ.get("NOTIFY_LINE_CHANNEL_SECRET", ""),
        )
    except KeyError as missing:
        raise SystemExit(f"The sandbox needs the environment variable {missing.args[0]}.") from missing
    except ValueError as problem:
        raise SystemExit(
            f"A port or count in the sandbox's environment is no number: {problem}."
        ) from problem
