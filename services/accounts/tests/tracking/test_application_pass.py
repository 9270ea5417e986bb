"""The pass of an application: whoever holds its token can prove it to the other services."""

from datetime import UTC, datetime, timedelta

import pytest
from mtnet_chassis.rpc.holder import PassVerifier

from ..builders import Applying
from ..conftest import ACTOR_KEY, refusal

pytestmark = pytest.mark.stack


@pytest.fixture
def applying(ask, notify):
    return Applying(ask, notify)


def test_whoever_holds_the_token_gets_a_pass_for_that_application_alone(applying):
    given = applying("application_pass")
    holder = PassVerifier(ACTOR_KEY.public_key().public_bytes_raw()).verify(given["signed_pass"])
    assert str(holder.application_id) == applying.application_id == given["application_id"]
    assert holder.case_number == applying.case_number
    assert holder.expires_at == datetime.fromisoformat(given["expires_at"])
    assert timedelta(seconds=100) < holder.expires_at - datetime.now(UTC) <= timedelta(minutes=2)


def test_a_token_that_opens_nothing_gets_no_pass(applying, ask):
    applying("leave_application")
    refused = refusal(ask, "application_pass", application_token=applying.token)
    assert refused.code == "APPLICATION_TOKEN_INVALID"
    assert refusal(ask, "application_pass", application_token="t" * 43).code == "APPLICATION_TOKEN_INVALID"
