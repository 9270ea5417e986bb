"""Every event that a test of a service announces is compared with the example that its consumers' tests read."""

import pytest
from mtnet_contracts.examples import differences


@pytest.fixture(autouse=True)
def announced_as_the_examples_show(monkeypatch):
    from mtnet_chassis.events.outbox import Outbox

    announce_many = Outbox.announce_many

    def compare_and_announce(outbox, events):
        announced = list(events)
        for event in announced:
            if found := differences(event):
                pytest.fail("; ".join(found))
        return announce_many(outbox, announced)

    monkeypatch.setattr(Outbox, "announce_many", compare_and_announce)
