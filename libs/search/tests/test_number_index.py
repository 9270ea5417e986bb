"""Of many texts only numbers are asked for: newest first, narrowed by tags, a part at a time."""

import pytest
from mtnet_search import number_index
from mtnet_search.interface import NotReady
from mtnet_search.number_index import MADE_BY, NumberedText, NumberIndex, Progress

AT = Progress("db", 1, 0)


@pytest.fixture
def index(tmp_path):
    made = NumberIndex(tmp_path, 10)
    made.begin(AT)
    yield made
    made.close()


def filled(index, texts, **progress):
    index.apply(
        [
            NumberedText(str(number), number, body, tags)
            for number, body, *tags in texts
            for tags in [tuple(tags)]
        ],
        (),
        AT._replace(**progress),
    )
    return index


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("密碼", [30, 10]),
        ("忘記密碼", [10]),
        ("密 碼", [30, 10]),
        ("拖", [20]),
        ("0800-022-120", [20]),
        ("0800022120", [20]),
        ("HD2026-000010", [10]),
        ("hd2026000010", [10]),
        ("Tug", [30]),
        ("tugb", [30]),
        ("密碼 tugboat", [30]),
        ("密馬", []),
        ("……", []),
        ("", []),
    ],
)
def test_what_is_written_is_found_newest_first_and_nothing_that_is_nearly_so(index, typed, found):
    filled(
        index,
        [(10, "HD2026-000010\n忘記密碼"), (20, "拖船 0800-022-120"), (30, "Tugboat 帳號密碼")],
    )
    assert index.numbers(typed) == found


def test_all_tags_must_hold_and_of_others_one(index):
    filled(index, [(10, "船", "live", "a"), (20, "船", "live", "b"), (30, "船", "spam", "b")])
    assert index.numbers("船", tags=["live"]) == [20, 10]
    assert index.numbers("船", tags=["live", "a"]) == [10]
    assert index.numbers("船", any_of=[["a", "b"], ["spam", "none"]]) == [30]
    assert index.numbers("船", tags=["none"]) == []


def test_a_text_that_changes_is_found_by_what_it_says_now_and_one_that_is_removed_no_more(index):
    filled(index, [(10, "船舶"), (20, "船舶")])
    filled(index, [(10, "引水")])
    assert (index.numbers("船舶"), index.numbers("引水")) == ([20], [10])
    index.apply((), ("20",), AT)
    assert index.numbers("船舶") == []


def test_parts_follow_each_other_also_where_a_word_is_in_more_texts_than_are_looked_through_at_once(
    index, monkeypatch
):
    """Windows of 8 and of 32 texts, and a word in all of 200: the same is found as without windows."""
    monkeypatch.setattr(number_index, "WINDOWS", (8, 32))
    monkeypatch.setattr(number_index, "FEW_TEXTS", 20)
    filled(index, [(10 * n, "船舶進港" if n % 7 else "引水", f"t{n % 50}") for n in range(1, 201)])

    def parts(typed, **narrowed):
        found, below = [], None
        while part := index.numbers(typed, below=below, limit=9, **narrowed):
            found += part
            below = part[-1]
        return found

    everything = range(200, 0, -1)
    assert parts("進港") == [10 * n for n in everything if n % 7]
    assert parts("引水") == [10 * n for n in everything if not n % 7]
    assert parts("進港", tags=["t3"]) == [10 * n for n in everything if n % 7 and n % 50 == 3]
    assert index.numbers("進港", below=0) == []


def test_an_index_is_there_again_after_a_restart_and_one_of_another_format_is_not(tmp_path, monkeypatch):
    first = NumberIndex(tmp_path)
    with pytest.raises(NotReady):
        first.numbers("船")
    first.begin(AT)
    filled(first, [(10, "船")], number=7, unfilled=3)
    first.close()
    again = NumberIndex(tmp_path)
    assert (again.progress(), again.numbers("船")) == (Progress("db", 7, 3, 10), [10])
    again.close()
    monkeypatch.setitem(MADE_BY, "numbers", 2)
    other = NumberIndex(tmp_path)
    assert other.progress() is None
    other.close()


def test_a_text_has_bounds():
    for wrong in ({"key": ""}, {"key": "x" * 65}, {"number": -1}, {"tags": ("",)}, {"tags": ("t",) * 17}):
        with pytest.raises(ValueError, match="of a text"):
            NumberedText(**{"key": "1", "number": 1, "body": ""} | wrong)
