"""Every endpoint that writes says who may call it, before its idempotency key is looked up."""

import importlib

import pytest
from mtnet_chassis.doors import Anybody
from mtnet_chassis.services import entrypoints_of
from mtnet_contracts.calls import CALLS

SERVICES = ("accounts", "review", "notify", "content", "helpdesk")


def doors():
    return {
        f"{service}.{entrypoint.door.call.name}": entrypoint.door
        for service in SERVICES
        for entrypoint in entrypoints_of(importlib.import_module(f"{service}.service").Service)
        if hasattr(entrypoint, "door")
    }


DOORS = doors()


def test_every_call_is_answered():
    assert set(DOORS) == set(CALLS)


@pytest.mark.parametrize("name", [name for name, door in DOORS.items() if door.call.writes])
def test_an_endpoint_that_writes_says_who_may(name):
    door = DOORS[name]
    if isinstance(door.authorise, Anybody):
        assert len(door.authorise.why.split()) >= 4, "say why nothing needs to be judged"
        # What proves a right would have to be judged before a kept reply is given.
        tokens = {n for n in door.call.request().fields if n.endswith(("_token", "code", "password"))}
        # Proves no right: it says whose limits count.
        tokens.discard("device_token")
        assert not (door.call.takes_key and tokens), f"{name} keeps replies and judges {tokens} only once"
        assert door.call.actor == "none"
    else:
        assert callable(door.authorise)


@pytest.mark.parametrize("name", DOORS)
def test_only_what_writes_takes_a_key(name):
    call = DOORS[name].call
    assert not call.takes_key or call.writes
    secrets = {n for n in call.reply().fields if n.endswith("_token") or n in ("actor", "id_number")}
    assert call.repeat != "key" or not call.writes or not secrets, (
        f"{name} would keep {secrets} for seven days"
    )
