"""An index of many texts is filled in steps while it answers; what is new goes before what is old."""

import shutil

import pytest
from mtnet_search.filling import Filling, Step
from mtnet_search.number_index import NumberedText, NumberIndex, Progress


class AList:
    """A source without a database: each change is a text, or the key of one that is gone; numbered from 1 on."""

    def __init__(self):
        self.name, self.forgotten_to, self.changes = "db", 0, []
        self.asked = []

    def place(self, tx):
        return self.name, len(self.changes), self.forgotten_to

    def after(self, tx, number, limit):
        self.asked.append("after")
        some = self.changes[number : number + limit]
        return self._step(some, number + len(some))

    def up_to(self, tx, number, limit):
        self.asked.append("up_to")
        first = max(number - limit, 0)
        return self._step(self.changes[first:number], first + 1 if first else 0)

    def _step(self, some, number):
        last = {each if isinstance(each, str) else each.key: each for each in some}
        gone = tuple(key for key, each in last.items() if isinstance(each, str))
        return Step(tuple(each for each in last.values() if not isinstance(each, str)), gone, number)


class NoTransaction:
    def __enter__(self):
        return None

    def __exit__(self, *_):
        return None


@pytest.fixture
def filling(tmp_path, monkeypatch):
    monkeypatch.setattr("mtnet_search.filling.STEP", 3)
    index, source = NumberIndex(tmp_path), AList()
    yield index, source, Filling(index, source, NoTransaction, lambda act, *values: act(*values))
    index.close()


def text(number, body="船"):
    return NumberedText(str(number), number, body)


def test_an_empty_index_answers_from_what_there_is_newest_first_until_all_is_filled_in(filling):
    index, source, follower = filling
    source.changes += [text(n) for n in range(1, 9)]
    assert follower._step()
    assert (index.progress().unfilled, index.numbers("船")) == (8, [])
    assert follower._step()
    assert (index.progress().unfilled, index.numbers("船")) == (5, [8, 7, 6])
    # What is new is found at once, before what is still missing.
    source.changes.append(text(9))
    assert follower._step()
    assert index.numbers("船") == [9, 8, 7, 6]
    follower.catch_up()
    assert (index.progress().unfilled, index.numbers("船")) == (0, list(range(9, 0, -1)))
    assert source.asked == ["up_to", "after", "up_to", "up_to"]


def test_a_text_that_changes_or_goes_while_the_index_is_filled_does_not_come_back(filling):
    index, source, follower = filling
    source.changes += [text(n) for n in range(1, 7)]
    follower._step()
    source.changes += [text(1, "港"), "2"]
    # As the table has it: a change of a text that was changed later is that later one.
    source.changes[0] = source.changes[1] = text(0, "x")
    follower.catch_up()
    assert (index.numbers("船"), index.numbers("港")) == ([6, 5, 4, 3], [1])


@pytest.mark.parametrize("harm", ["folder", "older", "another", "forgotten"])
def test_an_index_that_cannot_be_followed_is_filled_anew(filling, tmp_path, harm):
    index, source, follower = filling
    source.changes += [text(n) for n in range(1, 6)]
    follower.catch_up()
    if harm == "folder":
        shutil.rmtree(tmp_path / "0")
        source.changes.append(text(6))
    elif harm == "older":
        del source.changes[3:]
    elif harm == "another":
        source.name, source.changes[:] = "other", [text(9)]
    else:
        source.changes += ["5"] * 3
        source.forgotten_to = 7
        source.changes[4] = "5"
    follower.catch_up()
    expected = {"folder": [6, 5, 4, 3, 2, 1], "older": [3, 2, 1], "another": [9], "forgotten": [4, 3, 2, 1]}
    assert index.numbers("船") == expected[harm]
    assert index.progress().source == source.name


def test_it_stops_between_two_steps_and_goes_on_where_it_was(filling):
    index, source, follower = filling
    source.changes += [text(n) for n in range(1, 9)]
    left = iter([False, False, True])
    follower._stopping = lambda: next(left)
    follower.catch_up()
    assert index.progress() == Progress("db", 8, 5, 8)
    follower._stopping = lambda: False
    follower.catch_up()
    assert len(index.numbers("船")) == 8
