"""What comes in is kept once, understood, and an entry of a ticket: mails, faxes, files, loops."""

from dataclasses import replace
from io import BytesIO
from uuid import uuid4

import pytest
from helpdesk.file_checks.adapters import Scanner, ScannerAway
from helpdesk.inbound import rules
from helpdesk.inbound.arriving import keep_line_message
from helpdesk.inbound.pages import pages_of
from mtnet_chassis.data.files import FileNotThere
from mtnet_contracts.events import LineFile, LineMessageReceived
from mtnet_contracts.examples import example_of
from PIL import Image

from . import corpus
from .conftest import Intake
from .corpus import CHINESE, a_fax, file_part, multipart, of_file, simple, text_part, with_body

SERVICES = ("helpdesk",)


class TestMails:
    def test_a_mail_is_an_entry_of_a_new_ticket_of_its_sender(self, desk):
        desk.take_in(with_body(CHINESE.encode("cp950"), "text/plain; charset=big5"))
        assert desk.entries() == [("email", "clerk@agency.example", CHINESE, False)]
        assert desk.rows("SELECT subject, state, locale FROM ticket") == [("hello", "new", "zh-Hant")]
        assert desk.rows("SELECT state, entry_id IS NOT NULL, ticket_id IS NOT NULL FROM inbound_item") == [
            ("recorded", True, True)
        ]

    def test_it_comes_twice_and_is_there_once(self, desk):
        mail = simple(1)
        desk.take_in(mail, mail)
        desk.take_in(b"Received: by another way\r\n" + mail)
        assert len(desk.entries()) == 1

    def test_two_mails_with_the_same_id_are_two(self, desk):
        desk.take_in(simple(1), simple(1, text="Other words."))
        assert len(desk.entries()) == 2

    def test_an_answer_goes_where_it_belongs(self, desk):
        desk.take_in(simple(1, subject="Berth"))
        desk.take_in(
            simple(2, subject="Re: Berth", sender="boss@other.example", References="<simple1@agency.example>")
        )
        desk.take_in(simple(3, subject="Re: other words", In_Reply_To="<simple2@agency.example>"))
        (token,) = desk.rows("SELECT link_token FROM ticket")[0]
        desk.take_in(simple(4, subject="x", sender="c@other.example", to=f"service+{token}@mtnet.example"))
        assert desk.rows("SELECT count(DISTINCT ticket_id), count(*) FROM entry") == [(1, 4)]

    def test_they_come_in_the_wrong_order_and_are_all_there(self, desk):
        desk.take_in(
            simple(2, subject="Re: Berth", In_Reply_To="<simple1@agency.example>"), simple(1, subject="Berth")
        )
        assert desk.rows("SELECT count(DISTINCT ticket_id), count(*) FROM entry") == [(1, 2)]

    def test_the_history_below_an_answer_is_left_to_the_thread(self, desk):
        desk.take_in(of_file("outlook_answer"))
        assert desk.entries()[0][2] == "已照說明重設密碼,仍然無法登入。"
        assert desk.rows("SELECT starts_with(quoted, '寄件者:'), truncated FROM entry") == [(True, False)]
        assert desk.files_of() == []

    @pytest.mark.parametrize("name", ["out_of_office", "delivery_report"])
    def test_what_a_program_wrote_is_kept_and_marked(self, desk, name):
        desk.take_in(of_file(name))
        assert desk.entries()[0][3] is True

    def test_spam_is_marked_and_kept(self, desk):
        desk.take_in(simple(X_Spam_Flag="YES"))
        assert desk.rows("SELECT spam FROM ticket") == [(True,)]

    def test_our_own_mail_is_kept_and_no_entry(self, desk):
        desk.take_in(simple(sender="no-reply@mtnet.example"), simple(2, sender="service@mtnet.example"))
        assert desk.states() == ["own", "own"]
        assert desk.entries() == []

    def test_a_loop_of_a_thousand_mails_ends_in_what_is_held(self, desk):
        desk.take_in(*(simple(n, text=f"I am away. ({n})", subject="Re: your mail") for n in range(1000)))
        states = desk.states()
        assert (len(states), states.count("recorded")) == (1000, rules.HELD_FROM)
        assert states.count("held") == 1000 - rules.HELD_FROM
        assert sum(automatic for *_, automatic in desk.entries()) == rules.HELD_FROM - rules.AUTOMATIC_FROM
        assert desk.rows("SELECT count(*) FROM ticket") == [(1,)]

    def test_and_of_a_thread_with_ever_new_senders(self, desk):
        desk.take_in(simple(0))
        (token,) = desk.rows("SELECT link_token FROM ticket")[0]
        desk.take_in(
            *(
                simple(n, sender=f"robot{n}@x.example", to=f"service+{token}@mtnet.example")
                for n in range(1, 100)
            )
        )
        assert desk.states().count("held") == 99 - rules.HELD_FROM

    def test_somebody_else_is_not_held_with_it_and_after_an_hour_neither_is_the_sender(self, desk):
        desk.take_in(*(simple(n) for n in range(70)))
        desk.take_in(simple(1000, sender="another@agency.example"))
        desk.clock.passes(minutes=61)
        desk.take_in(simple(2000))
        assert desk.states()[-2:] == ["recorded", "recorded"]

    @pytest.mark.parametrize(
        ("mail", "said"),
        [
            (corpus.nested(5000), "not_readable"),
            (b"Subject: who\r\n\r\ntext", "no_sender"),
            (
                multipart(text_part(), file_part("winmail.dat", b"\x78\x9f\x3e\x22", "application/ms-tnef")),
                "winmail",
            ),
            (
                with_body(b"\xff\xfe\xfa" + b"x\x81\x00\xff" * 30, "text/plain; charset=utf-8"),
                "characters_lost",
            ),
            (with_body("x" * 200_000, "text/plain"), "shortened"),
        ],
        ids=["nested", "no sender", "winmail", "characters", "long"],
    )
    def test_what_does_not_come_in_whole_says_so_and_brings_the_mail_itself(self, desk, mail, said):
        desk.take_in(mail)
        assert desk.problems() == [said]
        assert "original.eml" in [name for name, *_ in desk.files_of()]

    @pytest.mark.slow
    def test_thirty_megabytes_come_in_with_all_files_but_the_one_that_is_too_large(self, desk, files):
        desk.take_in(corpus.with_thirty_megabytes())
        reasons = [held_back for _, _, held_back, _ in desk.files_of()]
        assert (reasons.count(""), reasons.count("too_large")) == (9, 1)
        ((key, raw),) = desk.rows("SELECT raw_key, raw FROM inbound_item")
        assert raw is None
        assert files.get(key) == corpus.with_thirty_megabytes()

    def test_an_item_that_cannot_be_understood_is_tried_again_and_comes_in_plainly_in_the_end(
        self, desk, monkeypatch
    ):
        def fail(*_, **__):
            raise KeyError("a mistake of ours")

        monkeypatch.setattr("helpdesk.inbound.understanding.is_small", fail)
        desk.take_in(simple(1), simple(2))
        assert desk.entries() == []
        for _ in range(rules.MOST_TRIES):
            desk.clock.passes(minutes=5)
            desk.understand()
        assert len(desk.entries()) == 2
        assert desk.problems() == ["not_readable"] * 2

    def test_one_that_cannot_be_recorded_keeps_no_other(self, desk, monkeypatch):
        from helpdesk.inbound import actions

        real = actions.record_all

        def fail_for_one(tx, outbox, inbounds, now):
            recorded = real(tx, outbox, inbounds, now)
            if any(each.subject == "bad" for each in inbounds):
                raise ValueError("a mistake of ours")
            return recorded

        monkeypatch.setattr(actions, "record_all", fail_for_one)
        desk.take_in(simple(1), simple(2, subject="bad"), simple(3, sender="z@agency.example"))
        assert desk.states() == ["recorded", "stored", "recorded"]
        monkeypatch.undo()
        desk.clock.passes(minutes=1)
        desk.understand()
        assert desk.states() == ["recorded"] * 3


class TestFaxes:
    def test_a_fax_is_an_entry_of_its_number_with_its_pages(self, desk, files):
        desk.take_in(a_fax(pages=2))
        ((channel, address, text, automatic),) = desk.entries()
        assert (channel, address, automatic) == ("fax", "+886227065678", False)
        assert (text, desk.problems()) == ("", [])
        assert desk.files_of() == [("fax.tiff", "image/tiff", "", 2)]
        ((key,),) = desk.rows("SELECT file_key FROM attachment")
        assert [Image.open(BytesIO(files.get(f"{key}-{n}.png"))).format for n in (1, 2)] == ["PNG", "PNG"]

    def test_a_fax_from_here_is_answered_in_chinese_whatever_its_gateway_writes(self, desk):
        desk.take_in(a_fax())
        assert desk.rows("SELECT locale FROM ticket") == [("zh-Hant",)]

    def test_one_that_is_no_picture_comes_in_and_says_so(self, desk):
        desk.take_in(a_fax(document=b"II*\x00 broken"))
        assert desk.problems() == ["no_pages"]

    @pytest.mark.parametrize(("dpi", "height"), [((204, 196), 1579), ((204, 98), 3287)])
    def test_what_was_sent_in_few_lines_is_shown_as_high_as_it_is(self, dpi, height):
        (page,) = pages_of("image/tiff", corpus.tiff(1, dpi))
        assert Image.open(BytesIO(page)).size == (1240, height)

    def test_a_pdf_is_drawn_too(self, desk):
        output = BytesIO()
        Image.new("L", (1240, 1754), 255).save(output, "PDF")
        desk.take_in(a_fax(document=output.getvalue(), name="fax.pdf", kind="application/pdf"))
        assert desk.files_of() == [("fax.pdf", "application/pdf", "", 1)]

    def test_whoever_writes_to_the_fax_address_without_being_the_gateway_writes_a_mail(self, desk):
        desk.take_in(a_fax(sender="+886227065678@evil.example"))
        assert desk.entries()[0][0] == "email"


class TestLine:
    """What somebody sends in a chat, as notify hands it over."""

    def take_in(self, desk, **told):
        event = replace(
            example_of(LineMessageReceived),
            webhook_event_id=uuid4().hex,
            **{"kind": "image", "text": ""} | told,
        )
        with desk.database.transaction() as tx:
            keep_line_message(tx, event, desk.clock())
        desk.understand()

    def a_picture(self, files, content=b"\x89PNG\r\n\x1a\n1", **changes):
        files.put("line/1", content)
        return LineFile(**{"key": "line/1", "filename": "LINE.png", "size": len(content)} | changes)

    def test_a_picture_stands_in_the_thread_like_other_files(self, desk, files):
        self.take_in(desk, file=self.a_picture(files))
        assert desk.entries()[0][0] == "line"
        assert desk.files_of() == [("LINE.png", "image/png", "", 0)]
        assert desk.problems() == []
        ((key,),) = desk.rows("SELECT file_key FROM attachment")
        assert files.get(key).startswith(b"\x89PNG")

    def test_it_is_looked_at_for_viruses_and_by_its_kind(self, empty, files, clamd):
        desk = Intake(empty, files, Scanner(clamd.url))
        self.take_in(desk, kind="file", file=self.a_picture(files, clamd.eicar, filename="a.txt"))
        self.take_in(desk, kind="file", file=self.a_picture(files, b"MZ", filename="a.exe"))
        assert [held_back for _, _, held_back, _ in desk.files_of()] == ["infected", "kind"]

    @pytest.mark.parametrize(
        ("told", "problem"),
        [
            ({"file": None, "not_fetched": "away"}, "line_not_fetched"),
            ({"file": None, "not_fetched": "gone"}, "line_not_fetched"),
            ({"file": None, "not_fetched": "too_large"}, "line_too_large"),
            ({"file": None, "kind": "video"}, "line_video"),
        ],
    )
    def test_what_could_not_be_fetched_is_said_in_the_thread(self, desk, told, problem):
        self.take_in(desk, **told)
        assert desk.problems() == [problem]
        assert len(desk.entries()) == 1

    def test_one_that_has_gone_from_the_store_meanwhile_is_named(self, desk, files):
        picture = self.a_picture(files)
        files.delete("line/1")
        self.take_in(desk, file=picture)
        assert desk.files_of() == [("LINE.png", "application/octet-stream", "missing", 0)]


class TestFiles:
    def test_an_infected_file_is_kept_away_and_the_rest_comes_in(self, empty, files, clamd):
        desk = Intake(empty, files, Scanner(clamd.url))
        desk.take_in(
            multipart(text_part(), file_part("a.pdf", b"%PDF-1.7 good"), file_part("b.txt", clamd.eicar))
        )
        assert desk.entries()[0][2] == "See the file."
        assert desk.files_of() == [
            ("a.pdf", "application/pdf", "", 0),
            ("b.txt", "text/plain", "infected", 0),
        ]
        keys = [key for (key,) in desk.rows("SELECT file_key FROM attachment ORDER BY position")]
        assert files.get(keys[0]) == b"%PDF-1.7 good"
        with pytest.raises(FileNotThere):
            files.get(keys[1])

    def test_while_nobody_scans_mails_wait_ten_minutes_and_then_come_in_without_their_files(
        self, empty, files
    ):
        desk = Intake(empty, files, Scanner("tcp://127.0.0.1:9"))
        desk.take_in(multipart(text_part(), file_part("a.pdf", b"%PDF-1.7")), simple(2))
        assert desk.states() == ["stored", "recorded"], "only what has files waits"
        desk.clock.passes(minutes=11)
        desk.understand()
        assert desk.states() == ["recorded", "recorded"]
        assert [held_back for _, _, held_back, _ in desk.files_of()] == ["not_scanned"]

    def test_what_nobody_could_scan_is_scanned_once_somebody_can(self, empty, files, clamd):
        desk = Intake(empty, files, Scanner(clamd.url))
        clamd.answer = b"\0"
        good, bad = file_part("a.pdf", b"%PDF-1.7 good"), file_part("b.txt", clamd.eicar)
        desk.take_in(multipart(text_part(), good, bad, file_part("c.xyz", b"?")), a_fax(pages=1))
        desk.clock.passes(minutes=11)
        desk.understand()
        assert [held_back for _, _, held_back, _ in desk.files_of()] == ["not_scanned"] * 4
        clamd.answer = None
        asked = clamd.asked
        desk.understand()
        assert clamd.asked == asked, "once a minute"
        desk.clock.passes(minutes=2)
        desk.understand()
        assert [(name, held_back, pages) for name, _, held_back, pages in desk.files_of()] == [
            ("a.pdf", "", 0), ("b.txt", "infected", 0), ("c.xyz", "kind", 0), ("fax.tiff", "", 1),
        ]  # fmt: skip
        keys = [key for (key,) in desk.rows("SELECT file_key FROM attachment JOIN entry USING (entry_id)"
                                            " ORDER BY sequence, position")]  # fmt: skip
        assert files.get(keys[0]) == b"%PDF-1.7 good"
        assert files.get(f"{keys[3]}-1.png")
        for kept_away in keys[1:3]:
            with pytest.raises(FileNotThere):
                files.get(kept_away)

    @pytest.mark.parametrize("answer", [b"INSTREAM size limit exceeded. ERROR\0", b"", b"nonsense\0"])
    def test_an_answer_that_is_none_is_no_clean_bill(self, clamd, answer):
        clamd.answer = answer or b"\0"
        with pytest.raises(ScannerAway):
            Scanner(clamd.url).is_infected(b"x")

    @pytest.mark.parametrize("url", ["", "clamav", "tcp://", "http://clamav:3310"])
    def test_an_address_that_is_none_is_said_at_the_start(self, url):
        with pytest.raises(ValueError, match="HELPDESK_CLAMAV"):
            Scanner(url)

    def test_what_nobody_opens_is_named_and_not_kept(self, desk):
        desk.take_in(
            multipart(text_part(), file_part("rechnung.pdf.exe", b"MZ\x90"), file_part("x.html", b"<script>"))
        )
        assert [(name, held_back) for name, _, held_back, _ in desk.files_of()] == [
            ("rechnung.pdf.exe", "kind"), ("x.html", "kind"),
        ]  # fmt: skip
