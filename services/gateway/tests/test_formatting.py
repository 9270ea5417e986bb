"""Days; numbers and names that no line breaks."""

import pytest
from gateway.formatting import by_words, day, whole

SPAN = '<span class="portal-whole">%s</span>'


@pytest.mark.parametrize(
    "number",
    [
        "0800-022-120",
        "02-8192-7019",
        "02-3343-6767 #12",
        "0912-345-678",
        "115-11-26",
        "2026-12-01",
        "04595257",
        "PTAPPLY936EC90162340",
        "+886 2•• ••• 768",
        "HD2026-000123",
        "F2026-000004",
    ],
)
def test_a_number_is_a_whole_wherever_it_stands(number):
    assert whole(number) == SPAN % number
    assert whole(f"請洽客服專線 {number}。") == f"請洽客服專線 {SPAN % number}。"
    assert whole(f"Call {number}, at any hour") == f"Call {SPAN % number}, at any hour"


@pytest.mark.parametrize("text", ["", "e-mail", "3-1", "a-0800-022-120", "24 小時", "x12345678", "服務平臺"])
def test_other_words_are_as_they_were(text):
    assert whole(text) == text


def test_what_somebody_typed_stays_text():
    assert whole("<b>0800-022-120</b>") == f"&lt;b&gt;{SPAN % '0800-022-120'}&lt;/b&gt;"
    assert whole("&#12345678;") == "&amp;#12345678;"
    assert by_words("<i>航港單一窗口服務平臺") == "&lt;i&gt;航港單一窗口<wbr>服務平臺"
    assert by_words("Maritime Single Window") == "Maritime Single Window"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("2026-12-09", "115-12-09"),
        ("2026-12-09T15:59:59+00:00", "115-12-09"),
        ("2026-12-09T16:00:00+00:00", "115-12-10"),
        ("2026-12-31T23:30:00Z", "116-01-01"),
        ("2026-12-10T00:10:00+08:00", "115-12-10"),
        ("2026-12-09T16:00:00.123456+00:00", "115-12-10"),
        (None, ""),
        ("", ""),
    ],
)
def test_the_day_of_an_instant_is_the_one_in_taipei(portal, value, shown):
    with portal.test_request_context(headers={"Accept-Language": "zh-Hant"}):
        assert day(value) == shown
