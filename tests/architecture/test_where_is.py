"""CONTRIBUTING's tables of where things are name files and folders that exist."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
TABLE = re.compile(r"^\| (?:what all share|\w+: `(?P<folder>services/\w+/\w+/)`) \| \|$")
NAMED = re.compile(r"`([\w./]*\w/[\w./]*|[\w.]+\.(?:py|toml))`")
# Said of every service or topic.
EVERYWHERE = {"endpoints.py", "rules.py", "retention.py"}


def missing(text: str) -> list[str]:
    """Paths named in a table that stand neither in its folder, nor in the project, nor beside the path named before."""
    found, folder = [], None
    for line in text.splitlines():
        if begins := TABLE.match(line):
            folder = begins["folder"] or ""
        elif not line.startswith("|"):
            folder = None
        elif folder is not None:
            last = ROOT
            for path in NAMED.findall(line.split("|", 2)[2]):
                places = [ROOT / folder / path, ROOT / path, last / path]
                if place := next((each for each in places if each.exists()), None):
                    last = place if place.is_dir() else place.parent
                elif path not in EVERYWHERE:
                    found.append(path)
    return found


def test_every_file_named_in_the_tables_exists():
    assert missing((ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")) == []


def test_a_file_that_is_gone_is_found():
    table = "| accounts: `services/accounts/accounts/` | |\n| --- | --- |\n| x | `login/rules.py`, `login/rule.py` |\n"
    assert missing(table) == ["login/rule.py"]
