"""Every endpoint that writes says who may call it, before its idempotency key is looked up."""

import importlib
from dataclasses import replace

import pytest
from gateway.topics import OPERATIONS
from mtnet_chassis.rpc.endpoint import Anybody
from mtnet_chassis.runtime.services import entrypoints_of
from mtnet_contracts.calls import CALLS
from mtnet_contracts.vocabulary.choices import ROLES
from mtnet_contracts.vocabulary.desk import DESK, DESK_LEADS

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
        assert not endpoint.roles, "who has the role is a person: name them (authorise=)"
    else:
        assert callable(endpoint.authorise)


def test_only_what_writes_takes_a_key():
    calls = {name: endpoint.call for name, endpoint in ENDPOINTS.items()}
    assert [name for name, call in calls.items() if call.takes_key and not call.writes] == []
    kept_for_seven_days = {
        name: secrets
        for name, call in calls.items()
        if call.repeat == "key" and call.writes
        if (
            secrets := {n for n in call.reply().fields if n.endswith("_token") or n in ("actor", "id_number")}
        )
    }
    assert kept_for_seven_days == {}


# Who may call is said at the endpoint; the gateway's description says it once more, for those who call it.


PROOFS = {frozenset(DESK): "helpdesk", frozenset(DESK_LEADS): "helpdesk_lead"}


def proof_of(endpoint):
    """What the gateway has to ask of its caller for this endpoint, in the words of its table of operations."""
    if endpoint.scope:
        return "client"
    if endpoint.roles == set(ROLES):
        return "account"
    if endpoint.roles in PROOFS:
        return PROOFS[endpoint.roles]
    if endpoint.roles:
        (role,) = endpoint.roles
        return role
    asked = endpoint.call.request().fields
    if "application_token" in asked:
        return "application"
    return "session" if "session_token" in asked else "none"


def test_the_gateway_says_of_each_operation_what_its_endpoint_demands():
    wrong = []
    for operation in OPERATIONS:
        endpoint = ENDPOINTS[f"{operation.call.service}.{operation.call.name}"]
        if operation.needs_pass:
            wrong += [] if endpoint.applicants else [f"{operation.name} takes no pass of an application"]
        elif operation.proof != proof_of(endpoint):
            wrong.append(f"{operation.name}: {operation.proof}, not {proof_of(endpoint)}")
        if operation.scope != (endpoint.scope or ""):
            wrong.append(f"{operation.name}: {operation.scope}, not {endpoint.scope}")
    assert wrong == []


def test_what_is_for_accounts_with_a_role_is_offered_by_the_gateway_or_known_here():
    """The gateway signs a call for whoever is signed in where its table says that a role is needed."""
    with_roles = {name for name, endpoint in ENDPOINTS.items() if endpoint.roles}
    offered = {f"{o.call.service}.{o.call.name}" for o in OPERATIONS}
    assert with_roles - offered == set()


def test_a_table_that_says_something_else_is_found():
    operation = next(o for o in OPERATIONS if o.name == "queue")
    assert replace(operation, proof="none").proof != proof_of(ENDPOINTS["review.queue"])
