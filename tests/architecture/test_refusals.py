"""What a topic refuses with, its service says: a refusal that it forgets is answered as a fault of ours."""

from importlib import import_module

import pytest

SERVICES = ("accounts", "review", "notify", "content", "helpdesk")


def forgotten(service):
    """Exceptions for which a topic names a refusal and the service none."""
    return [
        f"{topic.__name__}: {exception.__name__}"
        for topic in service.__mro__[1:]
        for exception in vars(topic).get("refusals", {})
        if exception not in service.refusals
    ]


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_knows_the_refusals_of_all_its_topics(name):
    assert forgotten(import_module(f"{name}.service").Service) == []


def test_a_forgotten_refusal_is_found():
    class Topic:
        refusals = {KeyError: "NOT_THERE", ValueError: "NOT_VALID"}  # noqa: RUF012

    class Service(Topic):
        refusals = {ValueError: "NOT_VALID"}  # noqa: RUF012

    assert forgotten(Service) == ["Topic: KeyError"]
