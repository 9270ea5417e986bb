"""Killing any one process in the middle, and starting it again, loses nothing that anybody did."""

import pytest

from tests.authenticator import code_for

from .conftest import DEMO_PASSWORD
from .test_individual import apply_as_individual

pytestmark = pytest.mark.system


def test_every_process_can_be_killed_between_two_steps(system, visitor, person, reading):
    applicant, operations = visitor(), visitor()
    applicant.begin(person, "individual")
    system.kill9("accounts")
    applicant.send(applicant.apply_page("section/applicant"), **person.applicant())
    system.kill9("notify")
    applicant.prove("applicant_mobile", reading.international(person.mobile))
    system.kill9("gateway")
    applicant.go(applicant.apply_page("code/applicant_email"))
    applicant.prove("applicant_email", person.email)
    number = applicant.submit()
    system.kill9("accounts-relay")
    system.kill9("review")
    operations.log_in("opsreviewer")
    operations.find_in_queue(number)
    operations.claim()
    operations.decide("approve", note="")
    system.kill9("review-relay")
    invitation = system.wait_for_message(to=person.email, channel="email", containing="/activate/")
    applicant.go(reading.activation_path_in(invitation))
    applicant.send(applicant.path, password=person.password, again=person.password)
    applicant.log_in(person.account_name, person.password)
    assert applicant.path == "/account"


def test_what_is_submitted_while_review_is_away_reaches_the_queue_when_it_is_back(
    system, visitor, person, reading
):
    applicant, operations = visitor(), visitor()
    system.stop("review")
    try:
        number = apply_as_individual(applicant, person, reading)
        operations.go("/login")
        operations.send("/login", account_name="opsreviewer", password=DEMO_PASSWORD)
        operations.send("/login/second-step", code=code_for("opsreviewer"), expect=503)
        assert "此服務暫時無法使用" in operations.words
        applicant.go(applicant.case_page)
        assert number in applicant.words
    finally:
        system.start("review")
    operations.find_in_queue(number)


def test_pages_say_what_works_when_the_broker_is_killed_and_go_on_afterwards(system, visitor, person):
    applicant = visitor()
    applicant.begin(person, "individual")
    system.kill9("rabbitmq")
    applicant.wait_until_answered(applicant.apply_page("section/applicant"))
    applicant.send(applicant.apply_page("section/applicant"), **person.applicant())
    assert applicant.path == applicant.apply_page("code/applicant_mobile")
