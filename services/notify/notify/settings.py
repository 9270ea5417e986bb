"""What notify is told by its environment."""

from dataclasses import dataclass

from mtnet_chassis.settings import env, env_int


@dataclass(frozen=True)
class Settings:
    """Addresses and keys; both rates are per process and second."""

    smtp_url: str
    mail_from: str
    sms_url: str
    sms_token: str
    unsealing_key: str
    portal_url: str
    mails_per_second: int
    sms_per_second: int


def settings() -> Settings:
    """Raises mtnet_chassis.settings.SettingMissing."""
    return Settings(
        smtp_url=env("NOTIFY_SMTP_URL"),
        mail_from=env("NOTIFY_MAIL_FROM"),
        sms_url=env("NOTIFY_SMS_URL"),
        sms_token=env("NOTIFY_SMS_TOKEN"),
        unsealing_key=env("NOTIFY_SEALING_PRIVATE_KEY"),
        portal_url=env("PORTAL_URL").rstrip("/"),
        mails_per_second=env_int("NOTIFY_MAILS_PER_SECOND", 100),
        sms_per_second=env_int("NOTIFY_SMS_PER_SECOND", 20),
    )
