"""How the contracts of events have grown: which event and which field there is since which version.

`events/history.toml` records each version's additions. A test compares it with the contracts, so that none changes
without an entry; `python -m mtnet_contracts.history "what it is for"` writes the entry.

The rule how contracts grow: a new event, or a new field that is optional. Nothing is removed, renamed or given another
type or meaning, and an optional field never becomes required, nor the other way round: that would be a new event.
"""

from __future__ import annotations

import argparse
import sys
import tomllib
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

from marshmallow import fields as shape

from mtnet_contracts import events as _events  # noqa: F401 - importing them fills the catalogue
from mtnet_contracts.event import catalogue, payload_schema
from mtnet_contracts.json_schemas import json_schema

HELD = {"facts": "facts", "personal data": "personal data", "secrets": "for the portal's own services"}
FILE = Path(__file__).parent / "events" / "history.toml"

# The type of each field by its path: "answers.company.phone" -> "string?"; a question mark where it may be absent.
Fields = dict[str, str]
# By event: "accounts.AccountActivated".
Contracts = dict[str, Fields]


@dataclass(frozen=True)
class Version:
    """What one version added. `about` says what it is for, in a sentence."""

    number: str
    on: date
    about: str
    added: Contracts


@cache
def versions() -> tuple[Version, ...]:
    """The oldest first."""
    found = tomllib.loads(FILE.read_text(encoding="utf-8"))["version"]
    return tuple(
        Version(
            number=each["number"],
            on=each["on"],
            about=each["about"],
            added={event: _read(lines) for event, lines in each["added"].items()},
        )
        for each in found
    )


def _read(lines: str) -> Fields:
    return dict(line.split(" ", 1) for line in lines.strip().splitlines())


def recorded() -> Contracts:
    """All that the versions have added so far."""
    found: Contracts = {}
    for version in versions():
        for event, fields in version.added.items():
            found.setdefault(event, {}).update(fields)
    return found


@cache
def present() -> Contracts:
    """What the contracts say now."""
    return {
        f"{event.source}.{event.event_name()}": {"holds": event.holds.value}
        | _fields(payload_schema(event).fields)
        for event in catalogue()
    }


def _fields(members: dict[str, shape.Field[object]], prefix: str = "") -> Fields:
    found: Fields = {}
    for name, field in members.items():
        inner = field.inner if isinstance(field, shape.List) else field
        described = json_schema(inner)
        kind = described.get("format", described["type"]) + (" list" if inner is not field else "")
        found[f"{prefix}{name}"] = f"{kind}{'' if field.required else '?'}"
        if isinstance(inner, shape.Nested):
            found |= _fields(inner.schema.fields, f"{prefix}{name}.")
    return found


def unrecorded(known: Contracts, now: Contracts) -> Contracts:
    """What the contracts have and no version added."""
    found = {
        event: {path: kind for path, kind in fields.items() if path not in known.get(event, {})}
        for event, fields in now.items()
    }
    return {event: fields for event, fields in found.items() if fields}


def broken(known: Contracts, now: Contracts) -> list[str]:
    """Where a contract did other than grow, in words: a system that relies on it would fail."""
    found = [f"{event} is gone" for event in known.keys() - now.keys()]
    for event, fields in known.items():
        if event not in now:
            continue
        for path, kind in fields.items():
            if path not in now[event]:
                found.append(f"{event}: {path} is gone")
            elif now[event][path] != kind:
                found.append(f"{event}: {path} was {kind}, and is {now[event][path]}")
        for path, kind in now[event].items():
            above = path.rpartition(".")[0]
            if path not in fields and not kind.endswith("?") and (not above or above in fields):
                found.append(f"{event}: {path} is new, so that what is older lacks it; let it be optional")
    return sorted(found)


def since(event: str) -> str:
    """The version that brought it, or an empty text where it is in none yet."""
    return next((version.number for version in versions() if event in version.added), "")


def page() -> str:
    """The change log of events, for people: docs/events-changes.md."""
    lines = [
        "# Changes of events",
        "",
        "Which event and which field there is since which version, the newest first. Written by `make docs` from",
        "`libs/contracts/mtnet_contracts/events/history.toml`; a test fails when a contract changes without an entry.",
        "",
        "**How contracts grow.** A new event, or a new field that is optional. Nothing is removed, renamed or given",
        "another type or meaning, and no optional field becomes required: that would be a new event beside the old",
        "one. So pass over events and fields that you do not know.",
        "",
    ]
    known: set[str] = set()
    parts = []
    for version in versions():
        parts.append("\n".join(_of_version(version, known)))
        known |= version.added.keys()
    return "\n".join([*lines, *reversed(parts)])


def _of_version(version: Version, known: set[str]) -> list[str]:
    new = [event for event in version.added if event not in known]
    lines = [f"## {version.number}, {version.on.isoformat()}", "", version.about, ""]
    if new:
        lines += [
            "New events:",
            "",
            *(f"- `{event}` ({HELD[version.added[event]['holds']]})" for event in new),
            "",
        ]
    grown = [event for event in version.added if event in known]
    if grown:
        lines += [
            "New fields:",
            "",
            *(
                f"- `{event}`: " + ", ".join(f"`{path}`" for path in _outermost(version.added[event]))
                for event in grown
            ),
            "",
        ]
    return lines


def _outermost(fields: Fields) -> list[str]:
    """Without the fields inside one that is new itself."""
    return [path for path in fields if path.rpartition(".")[0] not in fields]


def entry(number: str, on: date, about: str, added: Contracts) -> str:
    """A version as the file has it."""
    lines = ["", "[[version]]", f'number = "{number}"', f"on = {on.isoformat()}", f'about = "{about}"', ""]
    lines.append("[version.added]")
    for event, fields in added.items():
        lines += [f'"{event}" = """', *(f"{path} {kind}" for path, kind in fields.items()), '"""']
    return "\n".join(lines) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("about", help="what the change is for, in a sentence")
    about = parser.parse_args().about.strip()
    if not about.isprintable() or '"' in about or "\\" in about:
        sys.stderr.write("Say it on one line, without quotation marks.\n")
        return 1
    known, now = recorded(), present()
    problems, added = broken(known, now), unrecorded(known, now)
    if problems:
        sys.stderr.write("\n".join(["Contracts only grow:", *problems]) + "\n")
        return 1
    if not added:
        sys.stdout.write("Every change of the events is recorded.\n")
        return 0
    major, minor = versions()[-1].number.split(".")
    number = f"{major}.{int(minor) + 1}"
    with FILE.open("a", encoding="utf-8") as file:
        file.write(entry(number, datetime.now(UTC).date(), about, added))
    sys.stdout.write(f"{number}: {', '.join(added)}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
