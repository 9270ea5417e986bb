"""The key file: read, changed under a running process, and refused without showing a key."""

import base64
import os

import pytest
from accounts.key_file import KeyFile, KeysUnreadable, keys_from, text_of, with_first, with_new_key

ONE, TWO = bytes(32), bytes(range(32))


def line(name, key):
    return f"{name}:{base64.b64encode(key).decode()}"


def test_keys_are_read_from_lines_and_from_a_list():
    for separator in (",", "\n", "\r\n", ", "):
        keys = keys_from(separator.join([line("k2", TWO), line("k1", ONE)]))
        assert list(keys.items()) == [("k2", TWO), ("k1", ONE)]
    assert keys_from(text_of(keys)) == keys


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "k1",
        "k1:",
        ":" + base64.b64encode(ONE).decode(),
        line("k1", ONE[:31]),
        line("k1", ONE + b"x"),
        "k1:hidden!",
        line("k1", ONE) + "\n" + line("k1", TWO),
    ],
)
def test_what_is_no_key_is_refused_without_being_shown(text):
    with pytest.raises(KeysUnreadable) as refused:
        keys_from(text)
    assert base64.b64encode(ONE).decode()[:10] not in str(refused.value)
    assert "hidden" not in str(refused.value)


def test_a_new_key_waits_behind_the_others_until_it_is_put_first():
    name, keys = with_new_key({"k9": ONE, "old": TWO})
    assert name == "k10"
    assert list(keys) == ["k9", "old", "k10"]
    assert len(keys["k10"]) == 32
    assert list(with_first(keys, "k10")) == ["k10", "k9", "old"]
    assert with_new_key(keys)[1]["k11"] != keys["k10"]


def test_a_running_process_sees_a_changed_file(tmp_path):
    file = KeyFile(tmp_path / "keys")
    file.path.write_text(line("k1", ONE))
    file.path.chmod(0o640)
    assert file.keys() == {"k1": ONE}
    KeyFile(file.path).write({"k2": TWO, "k1": ONE})
    assert list(file.keys()) == ["k2", "k1"]
    assert file.path.stat().st_mode & 0o777 == 0o640
    assert os.listdir(tmp_path) == ["keys"]


def test_a_damaged_file_is_not_hidden_by_what_was_read_before(tmp_path):
    file = KeyFile(tmp_path / "keys")
    file.path.write_text(line("k1", ONE))
    assert file.keys()
    file.path.write_text("k1:damaged, and longer than before so that its size differs")
    with pytest.raises(KeysUnreadable):
        file.keys()
    file.path.unlink()
    with pytest.raises(FileNotFoundError):
        file.keys()
