"""Real HTTP: what each status of the gateway means for a text message, and what goes over the wire."""

from uuid import uuid4

import pytest
from notify.channels.rules import Deferral, Doubt, Failure, Outage, Refusal
from notify.channels.sms.adapters import SmsGateway

RECIPIENT, MESSAGE = (Refusal, Failure.RECIPIENT_REFUSED), (Refusal, Failure.MESSAGE_REFUSED)
OURS, LATER = (Outage, None), (Deferral, None)
IN_DOUBT = (Doubt, Failure.RECIPIENT_REFUSED)


def meaning(exception):
    return type(exception), getattr(exception, "failure", None)


@pytest.fixture
def sms(gateway):
    channel = SmsGateway(f"http://127.0.0.1:{gateway.server_port}/sms", "token")
    yield channel
    channel.session.close()


class TestSms:
    def test_carries_its_message_id_as_the_gateway_s_reference(self, gateway, sms):
        message_id = uuid4()
        sms.send(message_id, "+886912345678", "123456 是您的驗證碼")
        assert gateway.requests == [
            (
                "/sms",
                "Bearer token",
                {"to": "+886912345678", "text": "123456 是您的驗證碼", "reference": str(message_id)},
            )
        ]

    def test_a_reference_the_gateway_knows_already_counts_as_sent(self, gateway, sms):
        gateway.answer = 200
        assert sms.send(uuid4(), "+886912345678", "x") == "200"

    @pytest.mark.parametrize("answer", [200, 201, 202, 204])
    def test_a_good_answer_is_an_acceptance(self, gateway, sms, answer):
        gateway.answer = answer
        assert sms.send(uuid4(), "+886912345678", "x") == str(answer)

    @pytest.mark.parametrize(
        ("answer", "expected"),
        [
            *((code, OURS) for code in (301, 302, 307, 401, 402, 403, 404, 405, 407, 408, 429, 500, 502, 503, 504)),
            (422, RECIPIENT), (413, MESSAGE), (400, IN_DOUBT), (409, LATER),
        ],
    )  # fmt: skip
    def test_an_answer_means_the_number_or_us(self, gateway, sms, answer, expected):
        gateway.answer = answer
        with pytest.raises((Refusal, Deferral, Doubt, Outage)) as told:
            sms.send(uuid4(), "+886912345678", "x")
        assert meaning(told.value) == expected
        assert told.value.detail == str(answer), "the body of an answer repeats what was sent"
        assert len(gateway.requests) == 1

    def test_a_gateway_that_is_not_there_is_an_outage(self):
        channel = SmsGateway("http://127.0.0.1:9/sms", "token")
        with pytest.raises(Outage):
            channel.send(uuid4(), "+886912345678", "x")
