"""Retired words (ADR 0029) stay retired: no code, SQL or page of documentation uses them."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RETIRED = re.compile(
    r"\b(doors?|parked|ladders?|rungs?|bury|buried|look_down|thaw(ed|ing|s)?|off_the_hub)\b", re.I
)
# One thing has one name in Chinese, on pages and in messages: what it must not be called, and what it is called.
OTHER_NAMES = {
    "關閉帳號": "註銷帳號",
    "帳號已關閉": "帳號已註銷",
    "登出此案件": "結束並關閉此案件",
    "重新啟用": "恢復使用",
    "恢復帳號": "復用",
    "下游系統": "介接系統",
    "個人資料申請": "個人資料請求",
}
READ = {".py", ".sql", ".md", ".yml", ".toml", ".html"}


def retired_words(text):
    return [found[0] for found in RETIRED.finditer(text)]


def files():
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    ).stdout.split("\n")
    found = [Path(name) for name in listed if Path(name).suffix in READ]
    # Decisions keep the words of their time, and a migration that ran is never changed.
    kept = {"adr", "migrations", "sql"}
    return [path for path in found if not kept & set(path.parts) and path != Path(__file__).relative_to(ROOT)]


@pytest.mark.parametrize(
    "text", ["the door of the service", "x = LADDER", "An event is parked.", "Thawed accounts"]
)
def test_a_retired_word_is_found(text):
    assert len(retired_words(text)) == 1


@pytest.mark.parametrize("text", ["parked_event", "indoor", "outdoors", "an out-of-order event"])
def test_a_wire_name_and_another_word_are_not(text):
    assert retired_words(text) == []


def test_no_retired_word_is_used():
    paths = files()
    if not paths:
        pytest.skip("not a git checkout")
    found = {
        f"{path}:{number}": words
        for path in paths
        if (ROOT / path).exists()
        for number, line in enumerate((ROOT / path).read_text(encoding="utf-8").splitlines(), 1)
        if (words := retired_words(line))
    }
    assert found == {}


def other_names(text):
    return [name for name in OTHER_NAMES if name in text]


def test_another_name_is_found():
    assert other_names('msgstr "已收到個人資料申請"') == ["個人資料申請"]


def test_one_thing_has_one_name_in_chinese():
    found = {
        f"{path.relative_to(ROOT)}:{number}: {OTHER_NAMES[name]}"
        for folder in ("libs", "services", "infra")
        for path in (ROOT / folder).rglob("zh_Hant/LC_MESSAGES/*.po")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        for name in other_names(line)
    }
    assert found == set()
