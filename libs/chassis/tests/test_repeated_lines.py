"""A log that nobody can flood: one warning of a kind a minute, with how many were left out."""

import io
import json
import logging

import pytest
import structlog
from mtnet_chassis import telemetry
from mtnet_chassis.repeated_lines import EVERY_SECONDS, LEFT_OUT, MOST_KINDS, RepeatedLines
from mtnet_chassis.telemetry import configure_logging


@pytest.fixture
def at(monkeypatch):
    """`at[0]` is what the clock says."""
    now = [1_000.0]
    monkeypatch.setattr(telemetry, "RepeatedLines", lambda: RepeatedLines(lambda: now[0]))
    return now


@pytest.fixture
def lines(at):
    """Log as a process does; what was written, as objects."""
    root, settings = logging.getLogger(), structlog.get_config()
    handlers, level = list(root.handlers), root.level
    configure_logging("tests")
    written = io.StringIO()
    root.handlers[0].setStream(written)
    yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.configure(**settings)


def test_a_thousand_warnings_of_one_kind_are_one_line_a_minute_and_all_are_counted(lines, at):
    log, counted = structlog.get_logger(), LEFT_OUT.labels("warning")._value.get()
    for n in range(1_000):
        log.warning("mail dropped", item=n)
    assert [(each["message"], each["item"], each.get("left_out")) for each in lines()] == [
        ("mail dropped", 0, None)
    ]
    at[0] += EVERY_SECONDS - 0.1
    log.warning("mail dropped", item=1_000)
    assert len(lines()) == 1
    at[0] += 0.1
    log.warning("mail dropped", item=1_001)
    log.warning("mail dropped", item=1_002)
    assert (lines()[-1]["item"], lines()[-1]["left_out"], len(lines())) == (1_001, 1_000, 2)
    assert LEFT_OUT.labels("warning")._value.get() - counted == 1_001
    at[0] += EVERY_SECONDS
    log.warning("mail dropped", item=1_003)
    assert lines()[-1]["left_out"] == 1
    at[0] += EVERY_SECONDS
    log.warning("mail dropped", item=1_004)
    assert "left_out" not in lines()[-1]


def test_what_is_another_kind_has_a_line_of_its_own(lines):
    log = structlog.get_logger()
    for _ in range(2):
        log.warning("call not answered", call="accounts.log_in")
        log.warning("call not answered", call="review.case")
        log.error("call not answered", call="review.case")
    assert [(each["level"], each["call"]) for each in lines()] == [
        ("warning", "accounts.log_in"),
        ("warning", "review.case"),
        ("error", "review.case"),
    ]


def test_mistakes_are_told_apart_by_where_they_arise(lines):
    log = structlog.get_logger()

    def fail(kind):
        if kind == "first":
            raise ValueError(f"{object()} is not it")
        raise ValueError(f"{object()} is not it")

    for kind in ("first", "second", "first", "second"):
        try:
            fail(kind)
        except ValueError:
            log.exception("went on after a mistake")
        try:
            fail(kind)
        except ValueError as problem:
            log.error("call failed", exc_info=problem)
    assert [each["message"] for each in lines()] == ["went on after a mistake", "call failed"] * 2
    assert "ValueError" in lines()[0]["exception"]


def test_what_libraries_log_is_bounded_by_its_words_before_they_are_filled_in(lines, at):
    library = logging.getLogger("some.library")
    for n in range(50):
        library.warning("peer %s sent too much", n)
    assert [each["message"] for each in lines()] == ["peer 0 sent too much"]
    at[0] += EVERY_SECONDS
    library.warning("peer %s sent too much", 50)
    assert (lines()[-1]["message"], lines()[-1]["left_out"]) == ("peer 50 sent too much", 49)


def test_what_came_to_an_end_as_usual_is_never_left_out(lines):
    for n in range(5):
        structlog.get_logger().info("call refused", code="WRONG", n=n)
        logging.getLogger("some.library").info("connected")
    assert len(lines()) == 10


def test_kinds_without_end_share_a_line_and_are_forgotten_after_a_minute(at):
    repeated = RepeatedLines(lambda: at[0])
    given = [repeated.left_out("warning", f"kind {n}") for n in range(MOST_KINDS + 50)]
    assert given == [0] * (MOST_KINDS + 1) + [None] * 49
    at[0] += EVERY_SECONDS
    assert repeated.left_out("warning", "another kind") == 0
    assert len(repeated._kinds) == 1
