"""What comes back: reports in the manner of several mail servers, replies, loops, forgeries and garbage."""

from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from notify.bounces.rules import Bounce, Ignored, NotUnderstood, Weight, read_report
from notify.channels.email.return_paths import ReturnPaths

from .reports import DELIVERY, FIXTURES, PATHS, a_report

READ = {
    "postfix_unknown_user": Bounce(DELIVERY, Weight.HARD, "5.1.1"),
    "postfix_no_such_domain": Bounce(DELIVERY, Weight.HARD, "5.4.4"),
    "postfix_expired": Bounce(DELIVERY, Weight.SOFT, "4.4.1"),
    "postfix_delayed": Ignored.DELAY,
    "postfix_delivered": Ignored.SUCCESS,
    "exim_unknown_user": Bounce(DELIVERY, Weight.HARD, "5.0.0"),
    "exim_without_a_report": Bounce(DELIVERY, Weight.SOFT, "5.2.2"),
    "exchange_not_found": Bounce(DELIVERY, Weight.HARD, "5.1.10"),
    "exchange_not_wanted": Bounce(DELIVERY, Weight.POLICY, "5.7.1"),
    "gmail_unknown_user": Bounce(DELIVERY, Weight.HARD, "5.1.1"),
    "gmail_mailbox_full": Bounce(DELIVERY, Weight.SOFT, "5.2.2"),
    "qmail": Bounce(DELIVERY, Weight.HARD, "5.1.1"),
    "rfc6533": Bounce(DELIVERY, Weight.HARD, "5.1.1"),
    "out_of_office": Ignored.REPLY,
    "out_of_office_of_outlook": Ignored.REPLY,
    "read_receipt": Ignored.REPLY,
    "our_own_mail_sent_back": Ignored.LOOP,
    "somebody_writes": NotUnderstood("report"),
    "forged": NotUnderstood("address"),
}


@pytest.mark.parametrize("name", READ)
@pytest.mark.parametrize("line_end", [b"\n", b"\r\n"], ids=["LF", "CRLF"])
def test_a_report_is_read_as_its_server_means_it(name, line_end):
    content = a_report(name).replace(b"\n", line_end)
    assert read_report(content, PATHS.delivery_of) == READ[name]


def test_every_sample_is_tried():
    assert {path.stem for path in FIXTURES.glob("*.eml")} == set(READ)


def test_a_report_whose_end_was_cut_off_is_read_all_the_same():
    whole = a_report("gmail_unknown_user")
    cut = whole[: whole.index(b"message/rfc822")]
    assert read_report(cut, PATHS.delivery_of) == READ["gmail_unknown_user"]


@pytest.mark.parametrize(
    ("status", "diagnostic", "weight", "code"),
    [
        ("5.1.1", "", Weight.HARD, "5.1.1"),
        ("5.2.1", "smtp; 550 5.2.1 disabled", Weight.HARD, "5.2.1"),
        ("5.0.0", "smtp; 550 5.1.1 no", Weight.HARD, "5.1.1"),
        ("5.0.0", "smtp; 550 User unknown", Weight.HARD, "5.0.0"),
        ("", "smtp; 550 no such mailbox", Weight.HARD, "5.0.0"),
        ("5.1.0", "smtp; 550 5.1.0 Address rejected: recipient does not exist", Weight.HARD, "5.1.0"),
        # Not about the mailbox, or not for good.
        ("5.1.0", "smtp; 550 5.1.0 sender rejected", Weight.SOFT, "5.1.0"),
        ("5.1.8", "smtp; 553 5.1.8 sender domain not found", Weight.SOFT, "5.1.8"),
        ("5.0.0", "smtp; 550 not today", Weight.SOFT, "5.0.0"),
        ("4.1.1", "smtp; 450 4.1.1 user unknown", Weight.SOFT, "4.1.1"),
        ("5.2.2", "smtp; 552 mailbox full", Weight.SOFT, "5.2.2"),
        ("", "smtp; 451 later", Weight.SOFT, "4.0.0"),
        ("5.4.7", "", Weight.SOFT, "5.4.7"),
        ("5.7.1", "smtp; 550 5.7.1 user unknown", Weight.POLICY, "5.7.1"),
        ("5.7.26", "smtp; 550 5.7.26 not authenticated", Weight.POLICY, "5.7.26"),
        ("5.3.4", "too large", Weight.POLICY, "5.3.4"),
        ("5.6.0", "", Weight.POLICY, "5.6.0"),
    ],
)  # fmt: skip
def test_only_what_says_that_nobody_reads_there_is_hard(status, diagnostic, weight, code):
    text = a_report("postfix_expired").decode()
    text = text.replace("Status: 4.4.1", f"Status: {status}")
    at = text.index("Diagnostic-Code")
    text = text[:at] + f"Diagnostic-Code: {diagnostic}" + text[text.index("\n", at) :]
    assert read_report(text.encode(), PATHS.delivery_of) == Bounce(DELIVERY, weight, code)


@given(st.binary(max_size=400))
def test_garbage_is_said_to_be_none(content):
    assert read_report(content, PATHS.delivery_of) == NotUnderstood("address")


@given(st.binary(max_size=200), st.integers(0, 2000))
def test_garbage_within_a_report_never_raises(noise, position):
    content = a_report("postfix_unknown_user")
    read_report(content[:position] + noise + content[position:], PATHS.delivery_of)


def test_a_report_of_a_thousand_parts_is_not_followed_to_its_end():
    part = b"--b\nContent-Type: text/plain\n\nx\n\n"
    content = f"To: {PATHS.of(DELIVERY)}\nContent-Type: multipart/mixed; boundary=b\n\n".encode()
    status = b"--b\nContent-Type: message/delivery-status\n\nAction: failed\nStatus: 5.1.1\n\n"
    assert read_report(content + 1000 * part + status + b"--b--", PATHS.delivery_of) == NotUnderstood(
        "report"
    )


class TestReturnPaths:
    @given(st.uuids())
    def test_a_return_path_leads_back_to_its_delivery_in_capitals_too(self, delivery_id):
        address = PATHS.of(delivery_id)
        assert PATHS.delivery_of(address) == PATHS.delivery_of(address.upper()) == delivery_id
        assert len(address.partition("@")[0]) <= 64

    def test_nobody_can_make_one_without_the_key(self):
        forged = ReturnPaths("bounces@mtnet.example", b"another key").of(DELIVERY)
        assert PATHS.delivery_of(forged) is None

    @given(st.uuids(), st.integers(0, 41), st.sampled_from("abcdefghijklmnopqrstuvwxyz234567"))
    def test_nor_change_a_letter_of_one(self, delivery_id, position, letter):
        address = PATHS.of(delivery_id)
        at = len("bounces+") + position
        changed = address[:at] + letter + address[at + 1 :]
        # The last letter carries bits that mean nothing.
        assert changed == address or PATHS.delivery_of(changed) in (
            {None} if position < 41 else {None, delivery_id}
        )

    @pytest.mark.parametrize(
        "address",
        ["", "bounces@mtnet.example", "bounces+@mtnet.example", "bounces+abc@mtnet.example", "+@",
         "bounces+" + "é" * 42 + "@mtnet.example",
         "bounces+" + "1" * 42 + "@mtnet.example"],
    )  # fmt: skip
    def test_what_is_none_is_none(self, address):
        assert PATHS.delivery_of(address) is None

    def test_that_of_another_domain_or_name_is_not_ours(self):
        address = PATHS.of(uuid4())
        assert PATHS.delivery_of(address.replace("mtnet", "mtmet")) is None
        assert PATHS.delivery_of(address.replace("bounces", "bounce")) is None

    @pytest.mark.parametrize(
        "address",
        ["", "bounces", "@mtnet.example", "a b@mtnet.example", "é@mtnet.example", "x" * 22 + "@b.example"],
    )
    def test_an_address_that_can_be_none_is_said_at_the_start(self, address):
        with pytest.raises(ValueError, match="NOTIFY_RETURN_PATH"):
            ReturnPaths(address, b"key")

    def test_its_key_is_not_shown(self):
        assert "nobody knows" not in repr(PATHS)
