"""Numbers and names that no line breaks."""

import pytest
from gateway.formatting import by_words, whole

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
