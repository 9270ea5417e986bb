"""Helpdesk's environment: where mail comes in, which addresses are the desk's, who looks for viruses."""

from __future__ import annotations

from dataclasses import dataclass

from mtnet_chassis.settings import env


@dataclass(frozen=True)
class Settings:
    """`portal_url`: what the links in texts begin with. `imap_url` is empty where no mailbox is read, `lmtp` where no
    mail server delivers directly, `clamav` where nobody looks for viruses. Addresses and domains are in lower case;
    what each means: inbound/rules.OurAddresses.
    """

    portal_url: str
    files_url: str
    imap_url: str
    lmtp: str
    clamav: str
    desk_addresses: frozenset[str]
    fax_addresses: frozenset[str]
    fax_gateways: frozenset[str]
    senders: frozenset[str]


def settings() -> Settings:
    """Raises SettingMissing."""
    return Settings(
        portal_url=env("PORTAL_URL").rstrip("/"),
        files_url=env("FILES_URL"),
        imap_url=env("HELPDESK_IMAP_URL", ""),
        lmtp=env("HELPDESK_LMTP", ""),
        clamav=env("HELPDESK_CLAMAV", ""),
        desk_addresses=_listed("HELPDESK_MAIL_ADDRESS", "service@mtnet.gov.tw"),
        fax_addresses=_listed("HELPDESK_FAX_ADDRESS", ""),
        fax_gateways=_listed("HELPDESK_FAX_GATEWAYS", ""),
        senders=_listed("HELPDESK_SENDERS", ""),
    )


def _listed(name: str, default: str) -> frozenset[str]:
    return frozenset(each.strip().lower() for each in env(name, default).split(",") if each.strip())
