"""What notify is told by its environment."""

from dataclasses import dataclass

from mtnet_chassis.settings import SettingMissing, env, env_int

from notify.domain.messages import EMAIL, SMS


@dataclass(frozen=True)
class Settings:
    """Addresses and keys; rates are per process and second, connections per process and channel."""

    smtp_url: str
    mail_from: str
    sms_url: str
    sms_token: str
    unsealing_key: str
    portal_url: str
    mails_per_second: int
    sms_per_second: int
    connections: dict[str, int]


def settings() -> Settings:
    """Raises mtnet_chassis.settings.SettingMissing."""
    return Settings(
        smtp_url=env("NOTIFY_SMTP_URL"),
        mail_from=env("NOTIFY_MAIL_FROM"),
        sms_url=env("NOTIFY_SMS_URL"),
        sms_token=env("NOTIFY_SMS_TOKEN"),
        unsealing_key=env("NOTIFY_SEALING_PRIVATE_KEY"),
        portal_url=env("PORTAL_URL").rstrip("/"),
        mails_per_second=_at_least("NOTIFY_MAILS_PER_SECOND", 1000, 1),
        sms_per_second=_at_least("NOTIFY_SMS_PER_SECOND", 20, 1),
        connections={
            EMAIL: _at_least("NOTIFY_MAIL_CONNECTIONS", 5, 2),
            SMS: _at_least("NOTIFY_SMS_CONNECTIONS", 3, 2),
        },
    )


def _at_least(name: str, default: int, least: int) -> int:
    """One connection is kept for what is urgent, so there are two or more. Raises SettingMissing."""
    if (value := env_int(name, default)) < least:
        raise SettingMissing(f"The environment variable {name} must be {least} or more.")
    return value
