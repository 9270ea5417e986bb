"""Notify's environment: what every channel needs, and what each registered channel asks for."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from functools import cache

from mtnet_chassis.settings import SettingMissing, env, env_int

from notify.channels.registry import channel_plans
from notify.channels.rules import ChannelPlan, Limit, Window

# One connection of each channel is kept free for what is urgent.
FEWEST_CONNECTIONS = 2


@dataclass(frozen=True)
class ChannelSettings:
    """`values` by variable name, as the channel's `connect` wants them.

    `per_second` is for all processes together, `connections` for one.
    """

    values: Mapping[str, str]
    per_second: int
    connections: int


@dataclass(frozen=True)
class Settings:
    """`channels` by name, one for each that is registered. `bounces_url` is empty where no mailbox is read."""

    unsealing_key: str
    portal_url: str
    bounces_url: str
    files_url: str
    channels: Mapping[str, ChannelSettings]


def settings() -> Settings:
    """Raises SettingMissing."""
    return Settings(
        unsealing_key=env("NOTIFY_SEALING_PRIVATE_KEY"),
        portal_url=env("PORTAL_URL").rstrip("/"),
        bounces_url=env("NOTIFY_BOUNCES_URL", ""),
        files_url=env("FILES_URL"),
        channels={name: _channel(plan) for name, plan in channel_plans().items()},
    )


# At night nobody is reminded or informed of anything.
QUIET_HOURS = "21:00-08:00"


@cache
def waking_hours() -> Window | None:
    """The hours in Taipei at which people are reminded and informed; None: at any. Raises SettingMissing."""
    quiet = env("NOTIFY_QUIET_HOURS", QUIET_HOURS)
    if quiet == "none":
        return None
    try:
        begin, end = (time.fromisoformat(each) for each in quiet.split("-"))
        return Window(opens=end, closes=begin)
    except ValueError:
        raise SettingMissing(
            f"The environment variable NOTIFY_QUIET_HOURS must be two times such as {QUIET_HOURS}, or none."
        ) from None


def _channel(plan: ChannelPlan) -> ChannelSettings:
    return ChannelSettings(
        values={setting.name: env(setting.name, setting.default) for setting in plan.settings},
        per_second=_at_least(1, plan.per_second),
        connections=_at_least(FEWEST_CONNECTIONS, plan.connections),
    )


def _at_least(least: int, limit: Limit) -> int:
    """Raises SettingMissing."""
    if (value := env_int(limit.name, limit.default)) < least:
        raise SettingMissing(f"The environment variable {limit.name} must be {least} or more.")
    return value
