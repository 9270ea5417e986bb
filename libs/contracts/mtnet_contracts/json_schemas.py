"""The JSON Schema of marshmallow fields, for the documents about events."""

from typing import Any

from marshmallow import fields as shape

JSON_TYPES: list[tuple[type[shape.Field[Any]], dict[str, str]]] = [
    (shape.UUID, {"type": "string", "format": "uuid"}),
    (shape.AwareDateTime, {"type": "string", "format": "date-time"}),
    (shape.Date, {"type": "string", "format": "date"}),
    (shape.Boolean, {"type": "boolean"}),
    (shape.Integer, {"type": "integer"}),
    (shape.String, {"type": "string"}),
]


def json_schema(field: shape.Field[Any]) -> dict[str, Any]:
    """The JSON Schema of one marshmallow field."""
    if isinstance(field, shape.Nested):
        return object_schema(field.schema.fields)
    if isinstance(field, shape.List):
        return {"type": "array", "items": json_schema(field.inner)}
    return dict(next(described for kind, described in JSON_TYPES if isinstance(field, kind)))


def object_schema(members: dict[str, shape.Field[Any]]) -> dict[str, Any]:
    return {
        "type": "object",
        "required": [name for name, field in members.items() if field.required],
        "properties": {name: json_schema(field) for name, field in members.items()},
    }
