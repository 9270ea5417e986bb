"""How calls have grown: what each takes and answers, as released; a test compares it with the contracts.

Services are deployed one by one, in any order. A gateway may be newer than a service, and a service newer than a
gateway. So calls grow as events do (`mtnet_contracts.history`): nothing is removed, renamed or given another type, and
what is new is optional. A new field of a reply has a `load_default`: what an answer without it means. What an answer
lacks is filled in with it (`completing.py`), so no page fails on it. A new field of a request has one, too.

`python -m mtnet_contracts.calls.growth` writes what is new into `calls/released.txt`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from marshmallow import Schema, fields, missing

from mtnet_contracts import calls as _calls  # noqa: F401 - importing them fills CALLS
from mtnet_contracts.calls.call import CALLS
from mtnet_contracts.history import Contracts, Fields, broken, unrecorded
from mtnet_contracts.json_schemas import JSON_TYPES

FILE = Path(__file__).parent / "released.txt"


def released() -> Contracts:
    """By call and what of it: `helpdesk.incidents reply` -> the type of each field by its path."""
    found: Contracts = {}
    for line in FILE.read_text(encoding="utf-8").splitlines():
        if not line.startswith(" "):
            fields_of_call = found[line] = {}
            continue
        above, _, members = line.strip().partition(": ")
        prefix = "" if above == "." else f"{above}."
        fields_of_call |= {
            prefix + name: kind for name, kind in (each.split(" ", 1) for each in members.split(", "))
        }
    return found


def written(contracts: Contracts) -> str:
    """As the file has it: a line for each object, which `.` or its path begins."""
    lines = []
    for name, members in sorted(contracts.items()):
        lines.append(name)
        objects: dict[str, list[str]] = {}
        for path, kind in members.items():
            above, _, last = path.rpartition(".")
            objects.setdefault(above or ".", []).append(f"{last} {kind}")
        lines += [f"  {above}: {', '.join(inside)}" for above, inside in objects.items()]
    return "\n".join(lines) + "\n"


def present() -> Contracts:
    """What the calls say now."""
    return {
        f"{name} {what}": _fields(shape)
        for name, call in sorted(CALLS.items())
        for what, shape in (("request", call.request), ("reply", call.reply))
    }


def without_a_meaning() -> list[str]:
    """Optional fields of replies that do not say what an answer without them means."""
    return sorted(
        f"{name}: {path}"
        for name, call in CALLS.items()
        for path, field in _walk(call.reply)
        if not field.required and field.load_default is missing
    )


def _fields(shape: type[Schema]) -> Fields:
    return {path: _kind(field) + ("" if field.required else "?") for path, field in _walk(shape)}


def _walk(
    shape: type[Schema], prefix: str = "", above: tuple[type[Schema], ...] = ()
) -> Iterator[tuple[str, fields.Field[Any]]]:
    for name, field in shape().fields.items():
        yield f"{prefix}{name}", field
        inner = field.inner if isinstance(field, fields.List) else field
        if isinstance(inner, fields.Nested) and type(inner.schema) not in above:
            yield from _walk(type(inner.schema), f"{prefix}{name}.", (*above, shape))


def _kind(field: fields.Field[Any]) -> str:
    if isinstance(field, fields.List):
        return f"{_kind(field.inner)} list"
    if isinstance(field, fields.Nested | fields.Mapping):
        return "object"
    described = next(
        (described for kind, described in JSON_TYPES if isinstance(field, kind)), {"type": "any"}
    )
    return described.get("format", described["type"])


def main() -> int:
    known, now = released() if FILE.exists() else {}, present()
    if problems := broken(known, now):
        sys.stderr.write("\n".join(["Contracts only grow:", *problems]) + "\n")
        return 1
    new = unrecorded(known, now)
    for name, added in new.items():
        known.setdefault(name, {}).update(added)
    known |= {name: {} for name in now if name not in known}
    FILE.write_text(written(known), encoding="utf-8")
    sys.stdout.write(f"New: {', '.join(new)}\n" if new else "Every change of the calls is recorded.\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
