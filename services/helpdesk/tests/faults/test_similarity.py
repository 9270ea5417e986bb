"""Which tickets read alike: the same trouble in other words, in either language; and what has nothing in common."""

from uuid import uuid4

import pytest
from helpdesk.faults.similarity import ALIKE, Report, groups_of, likeness, likest, pairs_of
from hypothesis import given
from hypothesis import strategies as st

PORT = (
    "進港申請無法送出",
    "您好，進港申請送出時出現錯誤",
    "船舶進港申請送不出去，請協助",
    "請問進港申請是不是壞了？一直無法送出",
    "進港申請按送出沒有反應",
)
OTHERS = ("忘記密碼想重設", "船員證照換發要準備什麼文件", "How do I get a receipt?")


def reports(*texts):
    return [Report(uuid4(), text) for text in texts]


def test_five_who_report_one_fault_are_one_group_and_the_others_are_none():
    found = reports(*PORT[:2], OTHERS[0], *PORT[2:], *OTHERS[1:])
    (group,) = groups_of(found)
    texts = {each.ticket_id: each.text for each in found}
    assert {texts[ticket_id] for ticket_id in group} == set(PORT)


def test_two_faults_are_two_groups_the_larger_one_first():
    login = ("無法登入系統", "登入系統失敗，無法登入")
    found = reports(*login, *PORT)
    first, second = groups_of(found)
    assert (len(first), len(second)) == (len(PORT), len(login))


@pytest.mark.parametrize(
    ("one", "other"),
    [("臺北港系統", "台北港系統"), ("ＭＴＮＥＴ　登入", "mtnet 登入"), ("您好，無法登入，謝謝", "無法登入")],
)
def test_ways_of_writing_make_no_difference(one, other):
    assert likeness(pairs_of(one), pairs_of(other)) == 1


def test_english_is_compared_too():
    one, other = "Cannot send the arrival notice", "arrival notice cannot be sent"
    assert likeness(pairs_of(one), pairs_of(other)) >= ALIKE


def test_the_likest_comes_first_and_no_more_than_are_asked_for():
    found = reports(*OTHERS, *PORT)
    ids = likest("進港申請無法送出", found)[:3]
    assert ids[0] == next(each.ticket_id for each in found if each.text == PORT[0])
    assert len(ids) == 3


TEXTS = st.text(alphabet="進港申請送出登入密碼 ab12臺台", max_size=40)


@given(TEXTS, TEXTS)
def test_likeness_is_between_nothing_and_the_same_from_both_sides(one, other):
    first, second = pairs_of(one), pairs_of(other)
    assert 0 <= likeness(first, second) <= 1
    assert likeness(first, second) == likeness(second, first)
    assert likeness(first, first) == (1 if first else 0)


@given(st.lists(TEXTS, max_size=15))
def test_a_report_is_in_one_group_at_most_and_no_group_is_of_one(texts):
    found = reports(*texts)
    groups = groups_of(found)
    ids = [ticket_id for group in groups for ticket_id in group]
    assert len(ids) == len(set(ids))
    assert set(ids) <= {each.ticket_id for each in found}
    assert all(len(group) >= 2 for group in groups)
    assert [len(group) for group in groups] == sorted((len(group) for group in groups), reverse=True)


@given(st.text(max_size=2000))
def test_anything_that_people_write_can_be_compared(text):
    assert all(len(pair) == 2 for pair in pairs_of(text))
