"""Helpdesk's environment; the chassis reads the settings that every service has."""

from dataclasses import dataclass
from functools import cache

from mtnet_chassis.settings import env


@dataclass(frozen=True)
class Settings:
    """`portal_url`: what the links in texts begin with."""

    portal_url: str


@cache
def settings() -> Settings:
    """Raises SettingMissing."""
    return Settings(portal_url=env("PORTAL_URL").rstrip("/"))
