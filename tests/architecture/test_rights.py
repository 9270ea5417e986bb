"""Every endpoint that writes says who may call it, before its idempotency key is looked up."""

import importlib

import pytest
from mtnet_chassis.rpc.endpoint import Anybody
from mtnet_chassis.runtime.services import entrypoints_of
from mtnet_contracts.calls import CALLS

SERVICES = ("accounts", "review", "notify", "content", "helpdesk")


def endpoints():
    return {
        f"{service}.{entrypoint.endpoint.call.name}": entrypoint.endpoint
        for service in SERVICES
        for entrypoint in entrypoints_of(importlib.import_module(f"{service}.service").Service)
        if hasattr(entrypoint, "endpoint")
    }


ENDPOINTS = endpoints()


def test_every_call_is_answered():
    assert set(ENDPOINTS) == set(CALLS)


@pytest.mark.parametrize("name", [name for name, endpoint in ENDPOINTS.items() if endpoint.call.writes])
def test_an_endpoint_that_writes_says_who_may(name):
    endpoint = ENDPOINTS[name]
    if isinstance(endpoint.authorise, Anybody):
        assert len(endpoint.authorise.why.split()) >= 4, "say why nothing needs to be judged"
        # What proves a right would have to be judged before a kept reply is given.
        tokens = {n for n in endpoint.call.request().fields if n.endswith(("_token", "code", "password"))}
        # Proves no right: it says whose limits count.
        tokens.discard("device_token")
        assert not (endpoint.call.takes_key and tokens), f"{name} keeps replies and judges {tokens} only once"
        assert endpoint.call.actor == "none"
    else:
        assert callable(endpoint.authorise)


@pytest.mark.parametrize("name", ENDPOINTS)
def test_only_what_writes_takes_a_key(name):
    call = ENDPOINTS[name].call
    assert not call.takes_key or call.writes
    secrets = {n for n in call.reply().fields if n.endswith("_token") or n in ("actor", "id_number")}
    assert call.repeat != "key" or not call.writes or not secrets, (
        f"{name} would keep {secrets} for seven days"
    )
