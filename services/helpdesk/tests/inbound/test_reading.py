"""What is made of a mail's bytes, whatever they are."""

import time

import pytest
from helpdesk.file_checks import rules as file_rules
from helpdesk.inbound import rules
from helpdesk.inbound.adapters import text_of_html
from helpdesk.inbound.charsets import decoded
from helpdesk.inbound.quoting import without_quotes
from helpdesk.inbound.reading import header_text, is_small, key_of, read_mail, tidy
from helpdesk.inbound.rules import UNKNOWN_SENDER, OurAddresses, Problem
from hypothesis import given
from hypothesis import strategies as st
from mtnet_contracts.vocabulary.ticket_numbers import ticket_number_in

from . import corpus
from .corpus import CHARSETS, CHINESE, file_part, multipart, nested, of_file, simple, text_part, with_body

OURS = OurAddresses(
    desk=frozenset({"service@mtnet.example"}),
    fax=frozenset({"fax@mtnet.example"}),
    fax_gateways=frozenset({"fax.example"}),
    senders=frozenset({"no-reply@mtnet.example"}),
)


def read(raw):
    return read_mail(raw, text_of_html)


class TestCharsets:
    @pytest.mark.parametrize("name", CHARSETS)
    def test_a_text_is_read_whatever_its_charset_is_said_to_be(self, name):
        raw, text = CHARSETS[name]
        mail = read(raw)
        assert mail.text == text
        assert mail.problems == ()

    def test_a_text_that_was_cut_off_in_a_character_loses_that_one(self):
        mail = read(with_body(CHINESE.encode()[:-1], "text/plain; charset=utf-8"))
        assert mail.text.startswith(CHINESE[:-1])
        assert mail.problems == (Problem.CHARACTERS_LOST,)

    @pytest.mark.parametrize("codec", ["utf-8", "cp950", "gb18030"])
    def test_a_subject_that_is_not_encoded_is_read(self, codec):
        raw = simple().replace(b"Subject: Portal", b"Subject: " + "無法登入系統請協助".encode(codec))
        assert read(raw).subject == "無法登入系統請協助"

    @pytest.mark.parametrize(
        ("raw", "text"),
        [
            ("=?big5?B?pqywyqZezdA=?=", decoded(b"\xa6\xac\xb0\xca\xa6^\xcd\xd0", "big5")[0]),
            ("=?utf-8?B?54Sh5rOV?=\r\n =?utf-8?B?55m75YWl?=", "無法登入"),
            ("=?utf-8?B?54Sh?= =?utf-8?B?5rOV?=", "無法"),
            ("=?utf-8?B?54S?= broken", None),
            ("=?x-unknown?Q?caf=C3=A9?=", "café"),
            ("plain \u202egnp.exe", "plain gnp.exe"),
        ],
    )
    def test_encoded_words_are_read(self, raw, text):
        assert header_text(raw) == text if text else header_text(raw)

    @given(
        st.binary(max_size=300),
        st.sampled_from(["", "big5", "gb18030", "utf-8", "iso-2022-jp", "utf-16", "idna"]),
    )
    def test_any_bytes_are_some_text(self, content, charset):
        assert isinstance(decoded(content, charset)[0], str)


class TestParts:
    def test_of_two_forms_the_plain_one_is_shown(self):
        mail = read(of_file("gmail_answer_below"))
        assert "BS08, as before." in mail.text
        assert mail.text.count("BS08") == 1

    def test_a_plain_form_that_says_nothing_gives_way(self):
        raw = multipart(
            text_part("  \n"), text_part("<p>Hello</p>", "text/html; charset=utf-8"), kind="alternative"
        )
        assert read(raw).text == "Hello"

    def test_html_becomes_text_without_scripts_pictures_and_what_is_hidden(self):
        mail = read(with_body(corpus.TRACKING, "text/html; charset=utf-8"))
        assert mail.text == "The form AA-01 fails.\n\nSecond paragraph.\nNext line."

    @pytest.mark.parametrize(
        "html",
        ["<div>" * 3000 + "deep" + "</div>" * 3000, "<b>x" * 5000 + "deep", "<p>deep", "<!-- <p>no --> deep"],
    )
    def test_html_that_is_no_html_loses_no_words(self, html):
        assert "deep" in text_of_html(html)

    def test_files_are_kept_with_names_that_are_names(self):
        raw = multipart(
            text_part(), file_part("../../etc/船舶\u202egpj.pdf", b"%PDF-1.7"), file_part("", b"x")
        )
        mail = read(raw)
        assert mail.text == "See the file."
        assert [file.name for file in mail.files] == ["船舶gpj.pdf", "file-2"]

    def test_a_forwarded_mail_is_a_file(self):
        raw = multipart(text_part(), b"Content-Type: message/rfc822\r\n\r\n" + simple(subject="inner"))
        (file,) = read(raw).files
        assert (file.name, file.declared_type) == ("inner.eml", "message/rfc822")

    def test_winmail_is_kept_and_named(self):
        mail = read(
            multipart(
                text_part(), file_part("winmail.dat", b"\x78\x9f\x3e\x22" + b"x" * 50, "application/ms-tnef")
            )
        )
        assert (mail.files[0].name, mail.problems) == ("winmail.dat", (Problem.WINMAIL,))

    def test_more_files_than_fit_are_said_and_the_first_ones_kept(self):
        mail = read(multipart(text_part(), *(file_part(f"{n}.txt", b"x") for n in range(12))))
        assert (len(mail.files), mail.problems) == (10, (Problem.TOO_MANY_FILES,))

    @pytest.mark.slow
    def test_thirty_megabytes_are_read_and_a_file_that_is_too_large_is_named(self):
        raw = corpus.with_thirty_megabytes()
        mail = read(raw)
        assert not is_small(raw)
        assert len(mail.files) == 10
        assert (mail.files[-1].content, mail.files[-1].size) == (b"", 10 * 1024 * 1024 + 10)

    @pytest.mark.parametrize("depth", [3, 14])
    def test_nested_multiparts_are_followed(self, depth):
        assert read(nested(depth)).text == "deep inside"

    @pytest.mark.parametrize(
        ("depth", "problem"), [(30, Problem.TOO_MANY_PARTS), (5000, Problem.NOT_READABLE)]
    )
    def test_but_not_to_any_depth_nor_for_long(self, depth, problem):
        began = time.process_time()
        mail = read(nested(depth))
        assert problem in mail.problems
        assert mail.subject == "nested"
        assert time.process_time() - began < 5

    def test_a_thousand_parts_are_not_all_read(self):
        mail = read(multipart(*(text_part("x") for _ in range(1000))))
        assert mail.problems == (Problem.TOO_MANY_PARTS,)

    def test_a_mail_of_any_length_of_text_is_shortened_and_says_so(self):
        mail = read(with_body("x" * 300_000, "text/plain"))
        assert (len(mail.text), mail.problems) == (rules.LONGEST_READ_TEXT, (Problem.SHORTENED,))

    def test_an_encrypted_mail_says_so(self):
        mail = read(
            multipart(
                file_part("encrypted.asc", b"-----BEGIN PGP MESSAGE-----", "application/pgp-encrypted"),
                kind="encrypted",
            )
        )
        assert mail.problems == (Problem.ENCRYPTED,)

    def test_without_a_sender_it_comes_in_all_the_same(self):
        mail = read(b"Subject: who\r\n\r\ntext")
        assert (mail.address, mail.subject, mail.problems) == (UNKNOWN_SENDER, "who", (Problem.NO_SENDER,))

    @pytest.mark.parametrize("cut", range(0, 700, 23))
    def test_a_mail_that_was_cut_off_comes_in(self, cut):
        read(of_file("gmail_answer_below")[:cut])
        read(multipart(text_part(), file_part("a.pdf", b"%PDF" * 30))[:cut])

    @given(st.binary(max_size=400), st.integers(0, 1200))
    def test_noise_in_a_mail_never_raises(self, noise, position):
        content = of_file("gmail_answer_below")
        read(content[:position] + noise + content[position:])

    def test_recipients_and_references_are_found(self):
        mail = read(of_file("outlook_answer"))
        assert mail.name == "船務代理公司承辦人"
        assert mail.references == (
            "<0b3f5c1e-0000-4000-8000-000000000001@mtnet.example>",
            "<first@agency.example>",
        )
        assert rules.link_token(mail.recipients, OURS) == "Tk9fdG9rZW4"
        assert ticket_number_in(mail.subject) == "HD2026-000123"

    def test_text_has_one_kind_of_line_and_nothing_unseen(self):
        assert tidy("a\r\n\r\n\r\n\r\nb\u200b\x00\x07c  \rd") == "a\n\nbc\nd"


class TestQuotes:
    def test_the_history_below_an_answer_is_apart(self):
        mail = read(of_file("outlook_answer"))
        assert mail.text == "已照說明重設密碼,仍然無法登入。"
        assert mail.quoted.startswith("寄件者:")
        assert mail.quoted.endswith("請先重設密碼。")

    def test_whoever_answers_below_is_read(self):
        mail = read(of_file("gmail_answer_below"))
        assert "BS08, as before." in mail.text
        assert mail.quoted == ""

    @pytest.mark.parametrize(
        ("line", "rest"),
        [
            ("On Thu, 26 Nov 2026 at 09:00, MTNet <a@b.example> wrote:", "> old"),
            ("MTNet <no-reply@mtnet.example> 於 2026年11月26日 週四 上午9:00寫道：", "> old"),
            ("-----Original Message-----", "From: x\n\nold"),
            ("-----原始郵件-----", "old"),
            ('在 2026-11-26 09:00:00，"MTNet" <a@b.example> 写道：', "> old"),
            ("> old", "> more"),
            ("On Thu, 26 Nov 2026 at 09:00, MTNet\n<a@b.example> wrote:", "\n> old"),
        ],
    )
    def test_the_marks_of_many_programs(self, line, rest):
        assert without_quotes(f"New text.\n\n{line}\n{rest}") == ("New text.", f"{line}\n{rest}")

    @pytest.mark.parametrize(
        "text",
        [
            "Only new text.",
            "> quoted\n\nanswer\n\n> more\n\nanswer",
            "From: here it is\nno head",
            "We wrote:\nnothing",
        ],
    )
    def test_what_is_not_history_stays(self, text):
        assert without_quotes(text) == (text, "")

    def test_whoever_only_forwards_means_what_they_forward(self):
        text = "-----Original Message-----\nFrom: x\n\nold"
        assert without_quotes(text) == (text, "")


class TestDedupeKey:
    def test_a_copy_that_came_another_way_is_the_same_mail(self):
        mail = simple(1)
        assert key_of(b"Received: from b.example\r\n" + mail) == key_of(mail)
        assert key_of(mail.replace(b"\n", b"\r\n")) == key_of(mail)

    @pytest.mark.parametrize(
        "other",
        [simple(1, text="Other words."), simple(2), simple(1, sender="x@y.example"), simple(1, subject="S")],
    )
    def test_another_mail_with_the_same_id_is_another(self, other):
        assert key_of(other) != key_of(simple(1))

    @given(st.binary(max_size=300))
    def test_any_bytes_have_one(self, raw):
        assert key_of(raw) == key_of(b"X-More: 1\r\n" + raw) or b"\n\n" not in raw


class TestAutomatic:
    @pytest.mark.parametrize("name", ["out_of_office", "delivery_report"])
    def test_a_reply_of_a_program_is_known(self, name):
        assert rules.is_automatic(read(of_file(name)))

    @pytest.mark.parametrize(
        "header",
        [
            {"Auto_Submitted": "auto-generated"},
            {"Auto_Submitted": "auto-notified; owner-email=x"},
            {"Precedence": "Bulk"},
            {"Precedence": "auto_reply"},
            {"X_Auto_Response_Suppress": "OOF, DR"},
            {"List_Id": "<all.agency.example>"},
            {"Return_Path": "<>"}, {"X_Autoreply": "yes"}, {"X_Failed_Recipients": "a@b.example"}, {"X_Loop": "x"},
        ],
    )  # fmt: skip
    def test_by_its_headers(self, header):
        assert rules.is_automatic(read(simple(**header)))

    @pytest.mark.parametrize(
        "mail",
        [
            simple(sender="MAILER-DAEMON@x.example"),
            simple(sender="noreply@x.example"),
            simple(subject="Automatic reply: x"),
            simple(subject="自動回覆：休假中"),
        ],
    )
    def test_by_its_sender_or_subject(self, mail):
        assert rules.is_automatic(read(mail))

    @pytest.mark.parametrize(
        "header",
        [{}, {"Auto_Submitted": "no"}, {"Precedence": "normal"}, {"Return_Path": "<clerk@agency.example>"}],
    )
    def test_a_persons_mail_is_a_persons(self, header):
        assert not rules.is_automatic(read(simple(**header)))

    @pytest.mark.parametrize(
        ("mail", "own"),
        [
            (simple(sender="service@mtnet.example"), True),
            (simple(sender="No-Reply@mtnet.example"), True),
            (
                simple().replace(
                    b"<simple1@agency.example>", b"<0b3f5c1e-0000-4000-8000-000000000001@mtnet.example>"
                ),
                True,
            ),
            (
                simple().replace(
                    b"<simple1@agency.example>", b"<0b3f5c1e-0000-4000-8000-000000000001@agency.example>"
                ),
                False,
            ),
            (simple(), False),
        ],
    )
    def test_our_own_mail_that_comes_back_is_known(self, mail, own):
        assert rules.is_own(read(mail), OURS) is own

    def test_an_answer_of_the_desk_that_comes_back_is_known(self):
        answer = b"<answer-0b3f5c1e-0000-4000-8000-000000000001@mtnet.example>"
        assert rules.is_own(read(simple().replace(b"<simple1@agency.example>", answer)), OURS)

    def test_a_sender_who_writes_more_than_a_person_can_is_held_in_the_end(self):
        verdicts = [rules.rate_verdict("email", earlier) for earlier in range(100)]
        assert verdicts[0] == (False, False)
        assert verdicts.index((True, False)) == rules.AUTOMATIC_FROM
        assert verdicts.index((True, True)) == rules.HELD_FROM
        assert rules.rate_verdict("line", 100) == (False, False)
        assert rules.rate_verdict("line", rules.HELD_FROM_IN_CHAT) == (False, True)


class TestSpam:
    @pytest.mark.parametrize(
        "header",
        [
            {"X_Spam_Flag": "YES"},
            {"X_Spam_Status": "Yes, score=9"},
            {"X_Rspamd_Action": "add header"},
            {"X_MS_Exchange_Organization_SCL": "6"},
        ],
    )
    def test_as_the_mail_server_says(self, header):
        assert rules.is_spam(read(simple(**header)), OURS)

    def test_or_by_two_marks(self):
        impostor = simple(sender='"service mtnet.example" <x@evil.example>', text="https://evil.example/x")
        assert rules.is_spam(read(impostor), OURS)

    @pytest.mark.parametrize(
        "mail", [simple(), simple(text="See https://agency.example"), simple(X_Spam_Status="No, score=-1")]
    )
    def test_what_people_write_is_none(self, mail):
        assert not rules.is_spam(read(mail), OURS)


class TestFiles:
    @pytest.mark.parametrize(
        ("name", "content", "kind"),
        [
            ("a.pdf", b"%PDF-1.7", "application/pdf"),
            ("a.dat", b"%PDF-1.7", "application/pdf"),
            ("a.pdf.exe", b"%PDF-1.7", ""),
            ("a.pdf", b"MZ\x90", ""),
            ("a.jpg", b"\xff\xd8\xff\xe0", "image/jpeg"),
            ("a.html", b"<p>", ""),
            ("a.svg", b"<svg>", ""),
            ("a.docx", b"PK\x03\x04", file_rules.OFFICE["docx"]),
            ("a.docm", b"PK\x03\x04", ""),
            ("a.zip", b"PK\x03\x04", "application/zip"),
            ("a", b"PK\x03\x04", ""),
            ("a.doc", file_rules.OLE, "application/msword"),
            ("a.txt", b"text", "text/plain"),
            ("a.txt", b"\x00\x01", ""),
            ("a.webp", b"RIFF0000WEBPVP8", "image/webp"), ("winmail.dat", b"\x78\x9f\x3e\x22", ""),
        ],
    )  # fmt: skip
    def test_the_content_says_what_a_file_is(self, name, content, kind):
        assert file_rules.kind_of(name, content) == kind

    @given(st.text(max_size=300))
    def test_every_name_is_made_one(self, name):
        made = file_rules.safe_name(name, 3)
        assert 0 < len(made) <= file_rules.LONGEST_FILE_NAME
        assert "/" not in made
        assert made.isprintable()

    def test_a_fax_is_a_mail_of_the_gateway_to_the_fax_address(self):
        fax = read(corpus.a_fax())
        assert rules.is_fax(fax, OURS)
        assert rules.fax_number(fax) == "+886227065678"
        assert not rules.is_fax(read(corpus.a_fax(sender="+886227065678@evil.example")), OURS)
        assert not rules.is_fax(read(simple(sender="x@fax.example")), OURS)
