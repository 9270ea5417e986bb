"""What looks like something of a person in a text that everybody is to read."""

import pytest
from helpdesk.faq_proposals.rules import passages


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("請撥 0912-345-678 與我聯絡", [("number", "0912-345-678")]),
        (
            "身分證 A123456789，案件 PTAPPLY936EC90162340",
            [("number", "A123456789"), ("number", "PTAPPLY936EC90162340")],
        ),
        ("統編０４５９５２５７", [("number", "０４５９５２５７")]),
        ("寫信到 clerk.lin@example.com.tw。", [("address", "clerk.lin@example.com.tw")]),
        ("clerk＠example．com", [("address", "clerk＠example．com")]),
        ("請林先生或 Mrs. Jane Chen 回覆", [("name", "請林先生"), ("name", "Mrs. Jane Chen")]),
        ("HD2026-000123 已處理", [("number", "HD2026-000123")]),
        ("我是王小明，無法登入", [("name", "王小明")]),
        ("承辦人：陳怡，姓名 林志玲。", [("name", "陳怡"), ("name", "林志玲")]),
        ("My name is Jane Chen, master John Smith", [("name", "Jane Chen"), ("name", "John Smith")]),
        # Titles without a name.
        ("船員何時可以換發？我是高級船員，承辦人應於三日內回覆。", []),
        ("The master has to sign; contact: the helpdesk", []),
        # What everybody may know.
        ("客服專線 0800-022-120，傳真 02-8192-7019，service@mtnet.gov.tw", []),
        ("自 2026-11-26 起，24 小時前，AA-01、SP14-2", []),
        ("", []),
    ],
)
def test_numbers_addresses_and_names_are_found(text, found):
    assert [(each.kind, each.text) for each in passages({"answer_zh": text})] == found


def test_the_person_s_own_name_is_found_wherever_it_stands():
    found = passages(
        {"question_zh": "王大明無法登入", "answer_en": "wang DA-MING: try again"},
        ["王大明", "Wang Da-Ming", "王"],
    )
    assert [(each.field, each.text) for each in found] == [
        ("question_zh", "王大明"),
        ("answer_en", "Wang Da-Ming"),
    ]


def test_what_is_found_has_a_bound():
    text = "，".join(f"09{n:08}" for n in range(200))
    assert len(passages({"answer_zh": text})) == 50
