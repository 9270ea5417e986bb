"""Every text is translated and every translation used: what `make words` would change is a fault, and so is a doubt."""

import importlib.util
import sys
from dataclasses import replace
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "infra" / "words.py"


@pytest.fixture(scope="module")
def words():
    specification = importlib.util.spec_from_file_location("words", SOURCE)
    module = importlib.util.module_from_spec(specification)
    sys.modules["words"] = module
    specification.loader.exec_module(module)
    yield module
    del sys.modules["words"]


def test_every_text_is_translated(words):
    assert [fault for package in words.PACKAGES for fault in words.faults(package)] == []


# Each guard, seen failing

TEMPLATE = """{{ _('Start now') }} {{ pgettext('time', 'Received') }} {{ _('Case %(number)s', number=n) }}
{{ ngettext('%(num)s page', '%(num)s pages', count) }}"""
CHINESE = {
    "Start now": "開始申請",
    "Received": "收件時間",
    "Case %(number)s": "案件 %(number)s",
    ("%(num)s page", "%(num)s pages"): ("%(num)s 頁",),
}


@pytest.fixture
def package(words, tmp_path):
    """A package whose texts are all translated."""
    package = words.Package("shop", "shop", ("counter",), root=tmp_path)
    (package.path / "templates" / "counter").mkdir(parents=True)
    (package.path / "templates" / "counter" / "page.html").write_text(TEMPLATE)
    (package.path / "codes.py").write_text('OPEN = N_("Open now")\n')
    words.write(package)
    translate(words, package, "counter", CHINESE)
    translate(words, package, "shop", {"Open now": "營業中"})
    assert words.faults(package) == []
    return package


def translate(words, package, topic, translations):
    catalogue = words.stored(package)[topic]
    for message in words.texts(catalogue):
        message.string = translations.get(message.id, message.string)
    (package.translations / f"{topic}.po").write_bytes(words.as_po(catalogue))
    words.write(package)


def test_a_topic_has_a_catalogue_of_its_own(words, package):
    stored = words.stored(package)
    assert {message.id for message in words.texts(stored["counter"])} == set(CHINESE)
    assert [message.id for message in words.texts(stored["shop"])] == ["Open now"]


def test_a_text_of_several_topics_stands_once_in_the_packages_own(words, package):
    (package.path / "codes.py").write_text('OPEN = N_("Open now")\nSTART = N_("Start now")\n')
    words.write(package)
    assert "Start now" in {message.id for message in words.texts(words.stored(package)["shop"])}
    assert "Start now" not in {message.id for message in words.texts(words.stored(package)["counter"])}
    assert words.faults(package) == []


def test_a_text_of_the_package_it_uses_is_not_translated_twice(words, package, tmp_path):
    user = replace(package, folder="user", catalogue="user", topics=(), other=package)
    user.path.mkdir()
    (user.path / "page.html").write_text("{{ _('Start now') }}{{ _('Mine') }}")
    words.write(user)
    assert [message.id for message in words.texts(words.stored(user)["user"])] == ["Mine"]


def test_a_new_text_is_missing_until_it_is_extracted_and_translated(words, package):
    (package.path / "codes.py").write_text('OPEN = N_("Open now")\nSHUT = N_("Closed for today")\n')
    assert words.faults(package) == ["shop: shop.po lacks 'Closed for today': run `make words`"]
    words.write(package)
    assert words.faults(package) == ["shop: shop.po has no translation of 'Closed for today'"]
    translate(words, package, "shop", {"Closed for today": "今日休息"})
    assert words.faults(package) == []


def test_a_text_that_changed_a_little_has_to_be_looked_at(words, package):
    (package.path / "codes.py").write_text('OPEN = N_("Open now!")\n')
    words.write(package)
    assert words.faults(package) == [
        "shop: shop.po is not sure of 'Open now!': look at it, and remove `fuzzy`"
    ]


def test_a_text_that_nothing_says_any_more_goes(words, package):
    (package.path / "codes.py").write_text("")
    assert words.faults(package) == ["shop: shop.po has 'Open now', which nothing says: run `make words`"]
    words.write(package)
    assert words.faults(package) == []
    assert not (package.translations / "shop.mo").exists()


def test_a_translation_with_other_places_is_caught(words, package):
    translate(words, package, "counter", {"Case %(number)s": "案件 %(nummer)s"})
    (fault,) = words.faults(package)
    assert "other places" in fault


def test_a_compiled_catalogue_that_is_older_is_caught(words, package):
    po = package.translations / "shop.po"
    po.write_text(po.read_text().replace("營業中", "休息中"))
    assert words.faults(package) == ["shop.mo is not shop.po: run `make words`"]


def test_running_it_again_changes_nothing(words, package):
    former = {file: file.read_bytes() for file in package.translations.iterdir()}
    words.write(package)
    assert {file: file.read_bytes() for file in package.translations.iterdir()} == former
