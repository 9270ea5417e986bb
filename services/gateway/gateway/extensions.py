"""What the application keeps for all its pages."""

from __future__ import annotations

from flask import current_app
from mtnet_chassis.data.files import Files

from gateway.cache.published import Published
from gateway.cache.sessions import RecentSessions
from gateway.http.client_limits import ClientLimits
from gateway.http.streams import Streams
from gateway.rpc.client import Rpc
from gateway.seal import Seal
from gateway.settings import Settings


def settings() -> Settings:
    found: Settings = current_app.extensions["settings"]
    return found


def rpc() -> Rpc:
    found: Rpc = current_app.extensions["rpc"]
    return found


def signed_calls() -> frozenset[str]:
    """The calls that only a signed-in account may make, as `review.queue`."""
    found: frozenset[str] = current_app.extensions["signed_calls"]
    return found


def published() -> Published:
    found: Published = current_app.extensions["published"]
    return found


def seal() -> Seal:
    found: Seal = current_app.extensions["seal"]
    return found


def client_seal() -> Seal:
    """Of the access tokens of downstream systems."""
    found: Seal = current_app.extensions["client_seal"]
    return found


def confirmation_seal() -> Seal:
    """Of what is confirmed to a browser."""
    found: Seal = current_app.extensions["confirmation_seal"]
    return found


def client_limits() -> ClientLimits:
    found: ClientLimits = current_app.extensions["client_limits"]
    return found


def streams() -> Streams:
    found: Streams = current_app.extensions["streams"]
    return found


def recent_sessions() -> RecentSessions:
    found: RecentSessions = current_app.extensions["recent_sessions"]
    return found


def files() -> Files:
    found: Files = current_app.extensions["files"]
    return found
