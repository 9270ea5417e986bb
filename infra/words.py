"""`make words`: bring the catalogues up to what code and templates say, and compile them.

English stands in code and templates; a package keeps every other language in `translations/`, a catalogue for each
topic. A text that one topic uses stands in the catalogue of that topic, any other in the package's own.
"""

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from difflib import get_close_matches
from gettext import GNUTranslations
from io import BytesIO
from pathlib import Path
from typing import IO, Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

PROJECT = Path(__file__).resolve().parents[1]
LANGUAGE = "zh_Hant"
# What marks a text, and which argument is what: "c" is the context that tells equal English texts apart.
MARKS = {
    "_": None,
    "gettext": None,
    "N_": None,
    "P_": ((1, "c"), 2),
    "pgettext": ((1, "c"), 2),
    "ngettext": (1, 2),
}
# A file without any of these need not be taken apart.
MARKED = re.compile(rb"\b(?:_|gettext|N_|P_|pgettext|ngettext)\s*\(|\{%[-+]?\s*trans\b")
TEMPLATES = {"extensions": "jinja2.ext.i18n", "trimmed": "true", "silent": "false"}
# Of two texts, 1 is equal: a reworded sentence reaches this, another sentence about the same thing does not.
ALIKE = 0.7
TEMPLATE_ENDINGS = (".html", ".jinja")


@dataclass(frozen=True)
class Package:
    """`catalogue` holds the texts that belong to none of the topics, or to several.

    Texts that `other`, which the package uses, has in its catalogues stand there alone.
    """

    folder: str
    catalogue: str
    topics: tuple[str, ...] = ()
    other: "Package | None" = None
    root: Path = field(default=PROJECT)

    @property
    def path(self) -> Path:
        return self.root / self.folder

    @property
    def translations(self) -> Path:
        return self.path / "translations" / LANGUAGE / "LC_MESSAGES"

    def topic_of(self, message: Message) -> str:
        found = {self._topic_at(Path(name)) for name, _ in message.locations}
        return found.pop() if len(found) == 1 else self.catalogue

    def _topic_at(self, file: Path) -> str:
        """The topic's folder, also below `templates`, or a module of its name."""
        parts = [part for part in file.with_suffix("").parts if part != "templates"]
        return parts[0] if parts[0] in self.topics else self.catalogue


FIELDS = Package("libs/contracts/mtnet_contracts/vocabulary", "fields")
PACKAGES = (
    FIELDS,
    Package(
        "services/gateway/gateway",
        "portal",
        (
            "applying",
            "tracking",
            "sessions",
            "passwords",
            "second_factors",
            "own_reactivation",
            "lifecycle",
            "line",
            "operations",
            "audit",
            "broadcasts",
            "quick_answers",
            "faq_drafts",
            "subscribers",
            "suppressions",
            "unsubscribing",
            "profile",
            "privacy_rights",
            "consents",
            "message_templates",
            "deliveries",
            "review",
            "helpdesk",
            "contact",
            "desk_reactivations",
            "faults",
            "shifts",
            "who_is_who",
            "status",
            "public",
            "errors",
            "api",
        ),
        other=FIELDS,
    ),
    Package("services/notify/notify", "messages", other=FIELDS),
    Package("services/accounts/accounts", "documents", other=FIELDS),
)


def said(package: Package) -> Catalog:
    """Every text that code and templates of the package mark."""
    found = Catalog(locale=LANGUAGE)
    elsewhere = {(m.context, m.id) for m in texts(said(package.other))} if package.other else set()
    for file in sorted(package.path.rglob("*")):
        if file.suffix == ".py":
            method: Any = texts_of_code
            options: dict[str, str] = {}
        elif file.suffix in TEMPLATE_ENDINGS:
            method, options = "jinja2.ext:babel_extract", TEMPLATES
        else:
            continue
        content = file.read_bytes()
        if not MARKED.search(content):
            continue
        for line, text, comments, context in extract(
            method, BytesIO(content), MARKS, ("Translators:",), options
        ):
            if (context, text) not in elsewhere:
                place = (str(file.relative_to(package.path)), line)
                found.add(text, locations=[place], auto_comments=comments, context=context)
    return found


def texts_of_code(
    stream: IO[bytes], keywords: Mapping[str, object], comments: object, options: object
) -> Iterator[tuple[int, str, tuple[str | None, ...], list[str]]]:
    """As Babel's own, which would also take the key in `gettext(ERRORS["BUSY"])` for a text."""
    for node in ast.walk(ast.parse(stream.read())):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            said = [getattr(argument, "value", None) for argument in node.args]
            if name in keywords and said and isinstance(said[0], str):
                yield node.lineno, name, tuple(text if isinstance(text, str) else None for text in said), []


def stored(package: Package) -> dict[str, Catalog]:
    """The catalogues as they lie there, by topic."""
    found = {}
    for file in sorted(package.translations.glob("*.po")):
        with file.open("rb") as stream:
            found[file.stem] = read_po(stream, locale=LANGUAGE)
    return found


def texts(catalogue: Catalog) -> Iterator[Message]:
    """The messages without the header."""
    return (message for message in catalogue if message.id)


def updated(package: Package, former: Mapping[str, Catalog]) -> dict[str, Catalog]:
    """The catalogues as they should be: what is said, with the translations there are.

    A text that was changed keeps the translation of the one it resembles, marked fuzzy: somebody has to look at it.
    """
    whole = Catalog(locale=LANGUAGE)
    for catalogue in former.values():
        for message in texts(catalogue):
            _add(whole, message)
    whole.update(said(package), no_fuzzy_matching=True)
    _keep_what_was_reworded(whole)
    found: dict[str, Catalog] = {}
    for message in texts(whole):
        topic = package.topic_of(message)
        if topic not in found:
            found[topic] = _empty(topic, former.get(topic))
        _add(found[topic], message)
    return found


def _keep_what_was_reworded(whole: Catalog) -> None:
    """A new text takes the translation of the most like one that nothing says any more."""
    gone = {str(message.id): message for message in whole.obsolete.values() if message.string}
    for message in texts(whole):
        if not any(_forms(message.string or "")):
            for like in get_close_matches(str(message.id), gone, 1, ALIKE):
                message.string, message.previous_id = gone[like].string, [*_forms(gone[like].id)]
                message.flags.add("fuzzy")


def _empty(topic: str, former: Catalog | None) -> Catalog:
    """With the dates of the former one, so that a catalogue in which nothing changed stays as it is."""
    return Catalog(
        locale=LANGUAGE,
        project="MTNet portal",
        version="1",
        msgid_bugs_address="",
        header_comment=f"# Traditional Chinese: {topic}.",
        creation_date=former.creation_date if former else None,
        revision_date=former.revision_date if former else datetime.now(UTC),
        last_translator=former.last_translator if former else "",
        language_team=former.language_team if former else "",
        fuzzy=False,
    )


def _add(catalogue: Catalog, message: Message) -> None:
    catalogue.add(
        message.id,
        message.string,
        message.locations,
        message.flags,
        message.auto_comments,
        message.user_comments,
        message.previous_id,
        context=message.context,
    )


def write(package: Package) -> None:
    catalogues = updated(package, stored(package))
    if catalogues:
        package.translations.mkdir(parents=True, exist_ok=True)
    for file in package.translations.glob("*.[mp]o"):
        if file.stem not in catalogues:
            file.unlink()
    for topic, catalogue in catalogues.items():
        (package.translations / f"{topic}.po").write_bytes(as_po(catalogue))
        (package.translations / f"{topic}.mo").write_bytes(as_mo(catalogue))


def as_po(catalogue: Catalog) -> bytes:
    written = BytesIO()
    write_po(written, catalogue, width=110, sort_by_file=True, include_lineno=False, include_previous=True)
    return written.getvalue()


def as_mo(catalogue: Catalog) -> bytes:
    written = BytesIO()
    write_mo(written, catalogue)
    return written.getvalue()


def faults(package: Package) -> list[str]:
    """What keeps the catalogues from being whole: a sentence each."""
    found = []
    here = stored(package)
    wanted = updated(package, here)
    for topic in sorted({*here, *wanted}):
        name = f"{package.catalogue}: {topic}.po"
        lying = {(m.context, m.id): m for m in texts(here[topic])} if topic in here else {}
        needed = {(m.context, m.id): m for m in texts(wanted[topic])} if topic in wanted else {}
        found += [f"{name} lacks {key[1]!r}: run `make words`" for key in needed.keys() - lying.keys()]
        found += [
            f"{name} has {key[1]!r}, which nothing says: run `make words`"
            for key in lying.keys() - needed.keys()
        ]
        for message in lying.values():
            if message.fuzzy:
                found.append(f"{name} is not sure of {message.id!r}: look at it, and remove `fuzzy`")
            elif not message.string or not all(_forms(message.string)):
                found.append(f"{name} has no translation of {message.id!r}")
            else:
                found += [f"{name}: {problem}" for problem in _wrong_places(message)]
        if topic in here and not _is_compiled(here[topic], package.translations / f"{topic}.mo"):
            found.append(f"{topic}.mo is not {topic}.po: run `make words`")
    return sorted(found)


def _forms(text: Any) -> tuple[str, ...]:
    """One text, or one for each form of the plural."""
    return (text,) if isinstance(text, str) else tuple(text)


def _wrong_places(message: Message) -> list[str]:
    """A translation has the places of its text, such as %(number)s."""
    places = {place for text in _forms(message.id) for place in _places(text)}
    return [
        f"{text!r} has other places than {message.id!r}"
        for text in _forms(message.string)
        if _places(text) != places
    ]


def _places(text: str) -> set[str]:
    return {piece.partition(")")[0] for piece in text.split("%(")[1:]}


def _is_compiled(catalogue: Catalog, file: Path) -> bool:
    if not file.exists():
        return False
    with file.open("rb") as stream:
        compiled = GNUTranslations(stream)
    return all(
        _found(compiled, message) == _forms(message.string)
        for message in texts(catalogue)
        if all(_forms(message.string or "")) and not message.fuzzy
    )


def _found(compiled: GNUTranslations, message: Message) -> tuple[str, ...]:
    """What the compiled catalogue says; this language has one form of the plural."""
    one = _forms(message.id)[0]
    if message.pluralizable:
        return (compiled.ngettext(one, one, 1),)
    return (compiled.pgettext(message.context, one) if message.context else compiled.gettext(one),)


def main() -> None:
    for package in PACKAGES:
        if package.path.exists():
            write(package)
    left = [fault for package in PACKAGES if package.path.exists() for fault in faults(package)]
    print("\n".join(left) or "Every text is translated.")


if __name__ == "__main__":
    main()
