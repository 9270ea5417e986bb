"""Each process has a folder of its own, and a build that is lost, damaged or of another version is made anew."""

import json
import shutil
import signal
import subprocess
import sys

import pytest
from mtnet_search import tantivy_index
from mtnet_search.folders import MOST_PROCESSES, NoFreeFolder, OwnFolder
from mtnet_search.following import Follower
from mtnet_search.interface import Changes, Cursor, Document
from mtnet_search.tantivy_index import TantivyIndex

ONE = [Document("1", "帳號", "凍結")]


@pytest.fixture
def filled(tmp_path):
    index = TantivyIndex(tmp_path)
    index.rebuild(ONE, Cursor("db", 5))
    return index


def test_an_index_is_there_again_after_a_restart(tmp_path, filled):
    filled.apply(Changes((Document("2", "密碼", ""),), (), Cursor("db", 6)))
    filled.close()
    again = TantivyIndex(tmp_path)
    assert (again.cursor(), [hit.key for hit in again.search("密碼")]) == (Cursor("db", 6), ["2"])
    again.close()


def test_an_index_of_another_version_is_rebuilt(tmp_path, filled, monkeypatch):
    filled.close()
    monkeypatch.setitem(tantivy_index.MADE_BY, "format", 2)
    again = TantivyIndex(tmp_path)
    assert again.cursor() is None
    assert list((tmp_path / "0").glob("build-*")) == []
    again.close()


@pytest.mark.parametrize("harm", ["made-by.json", "meta.json", "all"])
def test_a_damaged_index_is_rebuilt(tmp_path, filled, harm):
    filled.close()
    (build,) = (tmp_path / "0").glob("build-*")
    if harm == "all":
        shutil.rmtree(build)
    else:
        (build / harm).write_text("{")
    again = TantivyIndex(tmp_path)
    assert again.cursor() is None
    again.rebuild(ONE, Cursor("db", 7))
    assert again.cursor() == Cursor("db", 7)
    again.close()


def test_two_processes_never_share_a_folder(tmp_path, filled):
    other = TantivyIndex(tmp_path)
    assert other.cursor() is None
    other.rebuild([Document("2", "密碼", "")], Cursor("db", 1))
    assert [hit.key for hit in filled.search("帳號")] == ["1"]
    assert other.search("帳號") == []
    filled.close()
    other.close()


def test_so_many_processes_and_no_more(tmp_path, monkeypatch):
    monkeypatch.setattr("mtnet_search.folders.MOST_PROCESSES", 2)
    taken = [OwnFolder(tmp_path, {}) for _ in range(2)]
    with pytest.raises(NoFreeFolder):
        OwnFolder(tmp_path, {})
    for folder in taken:
        folder.close()
    assert MOST_PROCESSES > 2


KILLED_IN_THE_MIDDLE = """
import os, signal, sys
from pathlib import Path
from mtnet_search.interface import Cursor, Document
from mtnet_search.tantivy_index import TantivyIndex

def documents():
    yield Document("2", "密碼", "")
    os.kill(os.getpid(), signal.SIGKILL)

TantivyIndex(Path(sys.argv[1])).rebuild(documents(), Cursor("db", 8))
"""


def test_a_process_killed_while_it_rebuilds_leaves_the_old_index(tmp_path, filled):
    filled.close()
    done = subprocess.run([sys.executable, "-c", KILLED_IN_THE_MIDDLE, str(tmp_path)], check=False)
    assert done.returncode == -signal.SIGKILL
    assert len(list((tmp_path / "0").glob("build-*"))) == 2
    again = TantivyIndex(tmp_path)
    assert (again.cursor(), [hit.key for hit in again.search("帳號")]) == (Cursor("db", 5), ["1"])
    assert len(list((tmp_path / "0").glob("build-*"))) == 1
    again.close()


class AList:
    """A source without a database: changes are numbered by their place."""

    channel = "a_list"

    def __init__(self):
        self.changes = []
        self.name = "db"

    def changes_after(self, tx, cursor, limit):
        new = self.changes[cursor.number : cursor.number + limit]
        at = cursor.number + len(new) if new else len(self.changes)
        return Changes(
            tuple(d for d in new if d.title),
            tuple(d.key for d in new if not d.title),
            Cursor(self.name, at),
            at < len(self.changes),
        )

    def everything(self, tx):
        kept = {document.key: document for document in self.changes}
        return [document for document in kept.values() if document.title], Cursor(
            self.name, len(self.changes)
        )


class NoTransaction:
    def __enter__(self):
        return None

    def __exit__(self, *_):
        return None


@pytest.fixture
def followed(tmp_path, monkeypatch):
    monkeypatch.setattr("mtnet_search.following.BATCH", 2)
    index, source = TantivyIndex(tmp_path), AList()
    yield index, source, Follower(index, source, NoTransaction, lambda act, *values: act(*values)).catch_up
    index.close()


def found(index, text):
    return sorted(hit.key for hit in index.search(text) if not hit.near)


def test_a_follower_fills_an_empty_index_and_applies_what_comes_in_batches(followed):
    index, source, catch_up = followed
    source.changes += ONE
    catch_up()
    assert found(index, "帳號") == ["1"]
    source.changes += [Document(str(n), "帳號", "") for n in range(2, 7)] + [Document("3", "", "")]
    catch_up()
    assert found(index, "帳號") == ["1", "2", "4", "5", "6"]
    assert index.cursor() == Cursor("db", len(source.changes))


def test_a_follower_rebuilds_when_the_folder_is_gone_and_when_the_source_is_older(followed, tmp_path):
    index, source, catch_up = followed
    source.changes += ONE
    catch_up()
    shutil.rmtree(tmp_path / "0")
    (tmp_path / "0").mkdir()
    source.changes.append(Document("2", "帳號", ""))
    catch_up()
    assert found(index, "帳號") == ["1", "2"]
    source.changes[:] = [Document("9", "帳號", "")]
    catch_up()
    assert found(index, "帳號") == ["9"]
    source.name, source.changes[:] = "another", [Document("7", "帳號", "")]
    catch_up()
    assert found(index, "帳號") == ["7"]


def test_what_made_an_index_is_written_beside_it(tmp_path, filled):
    (made_by,) = (tmp_path / "0").glob("build-*/made-by.json")
    assert json.loads(made_by.read_text()) == tantivy_index.MADE_BY
    filled.close()
