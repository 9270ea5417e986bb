"""Write down what the code says: docs/events.md for people, docs/asyncapi.yaml for machines, docs/events-changes.md.

`python -m mtnet_contracts.catalogue docs` writes them; with `--check` it only tells whether they are current.
AsyncAPI is written as JSON, which every YAML reader reads, so this package needs nothing but marshmallow.
"""

import argparse
import inspect
import json
import sys
from pathlib import Path
from typing import Any

from marshmallow import fields as shape

from mtnet_contracts import events as _events  # noqa: F401 - importing them fills the catalogue
from mtnet_contracts import history
from mtnet_contracts.event import Event, Holds, catalogue, payload_schema
from mtnet_contracts.examples import example_payload
from mtnet_contracts.json_schemas import json_schema, object_schema


def asyncapi() -> dict[str, Any]:
    """The AsyncAPI 3.0 document: one channel per event, on the exchange of the service that announces it."""
    channels: dict[str, Any] = {}
    operations: dict[str, Any] = {}
    messages: dict[str, Any] = {}
    for event in catalogue():
        key = f"{event.source}.{event.event_name()}"
        messages[key] = {
            "name": event.event_name(),
            "summary": _first_line(event),
            "x-holds": event.holds.value,
            "x-since": history.since(key),
            "contentType": "application/json",
            "headers": {"$ref": "#/components/schemas/CloudEventsHeaders"},
            "payload": object_schema(payload_schema(event).fields),
            "examples": [{"payload": example_payload(event)}],
        }
        channels[key] = {
            "address": event.event_name(),
            "messages": {event.event_name(): {"$ref": f"#/components/messages/{key}"}},
            "bindings": {
                "amqp": {
                    "is": "routingKey",
                    "exchange": {
                        "name": f"{event.source}.events",
                        "type": "topic",
                        "durable": True,
                        "autoDelete": False,
                    },
                    "bindingVersion": "0.3.0",
                }
            },
        }
        operations[f"announce.{key}"] = {
            "action": "send",
            "channel": {"$ref": f"#/channels/{key}"},
            "bindings": {"amqp": {"deliveryMode": 2, "mandatory": False, "bindingVersion": "0.3.0"}},
        }
    text = {"type": "string"}
    headers = {
        "type": "object",
        "required": [
            f"cloudEvents_{name}" for name in ("specversion", "id", "source", "type", "time", "subject")
        ],
        "properties": {
            "cloudEvents_specversion": {"const": "1.0"},
            "cloudEvents_id": {"type": "string", "format": "uuid"},
            "cloudEvents_source": text,
            "cloudEvents_type": text,
            "cloudEvents_time": {"type": "string", "format": "date-time"},
            "cloudEvents_subject": text,
            "cloudEvents_partitionkey": text,
            "cloudEvents_sequence": {"type": "string", "pattern": "^[0-9]{20}$"},
            "traceparent": text,
        },
    }
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "MTNet portal events",
            "version": f"{history.versions()[-1].number}.0",
            "description": "What the services tell each other and downstream systems.",
        },
        "channels": channels,
        "operations": operations,
        "components": {"messages": messages, "schemas": {"CloudEventsHeaders": headers}},
    }


# What it means for a downstream system; see docs/subscribe.md.
HELD = {
    Holds.FACTS: "Holds facts only: granted to any downstream system.",
    Holds.PERSONAL_DATA: "Holds personal data: granted with a reason, for a time.",
    Holds.SECRETS: "For the portal's own services: never granted.",
}


def events_page() -> str:
    """The catalogue as a page for people."""
    lines = [
        "# Events",
        "",
        "Generated from `libs/contracts` by `make docs`; CI checks that it is current. How they travel and",
        "what is promised: [guarantees.md](guarantees.md). For machines: [asyncapi.yaml](asyncapi.yaml). What is new:",
        "[events-changes.md](events-changes.md).",
        "",
    ]
    source = ""
    for event in catalogue():
        if event.source != source:
            source = event.source
            lines += [
                f"## {source}",
                "",
                f"Exchange `{source}.events` (topic); the routing key is the event's name.",
                "",
            ]
        lines += [
            f"### {event.event_name()}",
            "",
            inspect.cleandoc(event.__doc__ or ""),
            "",
            f"Ordered per {event.aggregate} (`{event.subject}`).",
            *(
                []
                if event.needs_subscriber
                else ["For downstream systems: no service of the portal subscribes to it."]
            ),
            HELD[event.holds],
            f"Since version {history.since(f'{event.source}.{event.event_name()}')}.",
            "",
            "| field | type | |",
            "| --- | --- | --- |",
        ]
        lines += _rows(payload_schema(event).fields)
        lines += ["", "```json", json.dumps(example_payload(event), ensure_ascii=False, indent=2), "```", ""]
    return "\n".join(lines)


def _rows(members: dict[str, shape.Field[Any]], prefix: str = "") -> list[str]:
    rows = []
    for name, field in members.items():
        inner = field.inner if isinstance(field, shape.List) else field
        described = json_schema(inner)
        kind = described.get("format", described["type"]) + (" list" if inner is not field else "")
        rows.append(f"| `{prefix}{name}` | {kind} | {'' if field.required else 'optional'} |")
        if isinstance(inner, shape.Nested):
            rows += _rows(inner.schema.fields, f"{prefix}{name}.")
    return rows


def _first_line(event: type[Event]) -> str:
    return inspect.cleandoc(event.__doc__ or "").splitlines()[0]


def documents() -> dict[str, str]:
    return {
        "events.md": events_page(),
        "events-changes.md": history.page(),
        "asyncapi.yaml": json.dumps(asyncapi(), ensure_ascii=False, indent=2) + "\n",
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--check", action="store_true", help="write nothing; fail when one is not current")
    arguments = parser.parse_args()
    stale = []
    for name, text in documents().items():
        path = arguments.folder / name
        if arguments.check:
            if not path.exists() or path.read_text(encoding="utf-8") != text:
                stale.append(name)
        else:
            path.write_text(text, encoding="utf-8")
    if stale:
        sys.stderr.write(f"Not current: {', '.join(stale)}. Run `make docs` and commit the result.\n")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
