"""What a viewer shows of a PDF on screen: which layers are on, which annotations and fields appear, and as what.

ISO 32000-2: layers 8.11, annotations 12.5, form fields 12.7.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pikepdf

INVISIBLE, HIDDEN, NO_VIEW = 1, 2, 32  # Table 167; bits 1, 2 and 6
NO_ROTATE = 16
# Those of Table 171: `Invisible` concerns only annotations of other kinds.
KNOWN_ANNOTATIONS = frozenset(
    {
        *(
            "/Text",
            "/Link",
            "/FreeText",
            "/Line",
            "/Square",
            "/Circle",
            "/Polygon",
            "/PolyLine",
            "/Highlight",
        ),
        *("/Underline", "/Squiggly", "/StrikeOut", "/Caret", "/Stamp", "/Ink", "/Popup", "/FileAttachment"),
        *(
            "/Sound",
            "/Movie",
            "/Screen",
            "/Widget",
            "/PrinterMark",
            "/TrapNet",
            "/Watermark",
            "/3D",
            "/Redact",
        ),
        *("/Projection", "/RichMedia"),
    }
)
# A pop-up is opened by a click; it is no part of the page.
NEVER_SHOWN = frozenset({"/Popup", "/TrapNet"})
DEEPEST_EXPRESSION = 20
DEEPEST_FIELD = 32

# What paints, and what stands in its place where a layer is off: the path still ends, the line still advances.
PAINTING = {
    **dict.fromkeys(("S", "s", "f", "F", "f*", "B", "B*", "b", "b*"), "n"),
    **dict.fromkeys(("Do", "sh", "Tj", "TJ", "INLINE IMAGE"), ""),
    "'": "T*",
    '"': "T*",
}


class Layers:
    """The optional content of a document, as its default configuration switches it for viewing."""

    def __init__(self, document: pikepdf.Pdf) -> None:
        self._off: set[tuple[int, int]] = set()
        properties = document.Root.get("/OCProperties")
        if not isinstance(properties, pikepdf.Dictionary):
            return
        config = _dictionary(properties.get("/D"))
        groups = {group.objgen: group for group in _dictionaries(properties.get("/OCGs"))}
        if config.get("/BaseState") == "/OFF":
            self._off |= groups.keys()
        self._off -= {group.objgen for group in _dictionaries(config.get("/ON"))}
        self._off |= {group.objgen for group in _dictionaries(config.get("/OFF"))}
        for usage in _dictionaries(config.get("/AS")):
            if usage.get("/Event") == "/View":
                self._apply(usage)
        wanted = _names(config.get("/Intent", pikepdf.Name.View))
        if "/All" not in wanted:
            self._off -= {
                key
                for key, group in groups.items()
                if wanted.isdisjoint(_names(group.get("/Intent", pikepdf.Name.View)))
            }

    def _apply(self, usage: Any) -> None:
        """Groups that switch themselves for viewing at 100 %."""
        categories = _names(usage.get("/Category"))
        for group in _dictionaries(usage.get("/OCGs")):
            said = _dictionary(group.get("/Usage"))
            wanted = []
            for category, key in (
                ("/View", "/ViewState"),
                ("/Print", "/PrintState"),
                ("/Export", "/ExportState"),
            ):
                state = _dictionary(said.get(category)).get(key)
                if category in categories and state is not None:
                    wanted.append(state == "/ON")
            if "/Zoom" in categories and "/Zoom" in said:
                zoom = _dictionary(said.get("/Zoom"))
                wanted.append(float(zoom.get("/min", 0)) <= 1 < float(zoom.get("/max", 2)))
            if wanted and all(wanted):
                self._off.discard(group.objgen)
            elif wanted:
                self._off.add(group.objgen)

    @property
    def all_on(self) -> bool:
        return not self._off

    def shows(self, membership: Any) -> bool:
        """Whether what belongs to this group, or membership of groups, is shown."""
        if self.all_on or not isinstance(membership, pikepdf.Dictionary):
            return True
        if membership.get("/Type") != "/OCMD":
            return membership.objgen not in self._off
        if isinstance(membership.get("/VE"), pikepdf.Array):
            return self._holds(membership.get("/VE"), 0)
        given = membership.get("/OCGs")
        groups = [given] if isinstance(given, pikepdf.Dictionary) else _dictionaries(given)
        states = [group.objgen not in self._off for group in groups]
        policy = str(membership.get("/P", "/AnyOn"))
        if not states:
            return True
        return {
            "/AllOn": all(states),
            "/AnyOff": not all(states),
            "/AllOff": not any(states),
        }.get(policy, any(states))

    def _holds(self, expression: Any, depth: int) -> bool:
        if isinstance(expression, pikepdf.Dictionary):
            return expression.objgen not in self._off
        if not isinstance(expression, pikepdf.Array) or len(expression) == 0 or depth > DEEPEST_EXPRESSION:
            return True
        operator, *operands = expression
        states = [self._holds(operand, depth + 1) for operand in operands]
        if operator == "/Not":
            return not all(states)
        return any(states) if operator == "/Or" else all(states)

    def shown_part(self, content: pikepdf.Stream, properties: Any) -> bytes:
        """A content stream without what paints in layers that are off. `properties` names the layers."""
        kept, inside = [], []
        for operands, operator in pikepdf.parse_content_stream(content):
            word = str(operator)
            if word in ("BMC", "BDC"):
                inside.append(_hides(self, word, operands, properties))
            elif word == "EMC" and inside:
                inside.pop()
            elif any(inside) and word in PAINTING:
                if word == '"':
                    kept += [([operands[0]], pikepdf.Operator("Tw")), ([operands[1]], pikepdf.Operator("Tc"))]
                if PAINTING[word]:
                    kept.append(([], pikepdf.Operator(PAINTING[word])))
                continue
            kept.append((operands, operator))
        written: bytes = pikepdf.unparse_content_stream(kept)
        return written


def _hides(layers: Layers, word: str, operands: Any, properties: Any) -> bool:
    if (
        word != "BDC"
        or len(operands) != 2
        or operands[0] != "/OC"
        or not isinstance(operands[1], pikepdf.Name)
    ):
        return False
    return not layers.shows(_dictionary(properties).get(str(operands[1])))


def shown_annotations(page: pikepdf.Dictionary, layers: Layers) -> list[Any]:
    """The annotations, form fields among them, that a viewer shows on screen, lowest first."""
    return [one for one in _dictionaries(page.get("/Annots")) if is_shown(one, layers)]


def is_shown(annotation: Any, layers: Layers) -> bool:
    flags = flags_of(annotation)
    kind = str(annotation.get("/Subtype"))
    return not (
        kind in NEVER_SHOWN
        or flags & (HIDDEN | NO_VIEW)
        or (flags & INVISIBLE and kind not in KNOWN_ANNOTATIONS)
        or not layers.shows(annotation.get("/OC"))
    )


def flags_of(annotation: Any) -> int:
    """Where they are no number, none is set."""
    flags = annotation.get("/F")
    return int(flags) if isinstance(flags, int | Decimal | float) else 0


def appearance(annotation: Any) -> pikepdf.Stream | None:
    """What is drawn for it: the normal appearance, of a button that of its state."""
    normal = _dictionary(annotation.get("/AP")).get("/N")
    if isinstance(normal, pikepdf.Stream):
        return normal
    if not isinstance(normal, pikepdf.Dictionary):
        return None
    state = annotation.get("/AS")
    if state is None:
        state = inherited(annotation, "/V")
    found = normal.get(str(state)) if isinstance(state, pikepdf.Name) else None
    if found is None and annotation.get("/AS") is None:
        found = normal.get("/Off")
    return found if isinstance(found, pikepdf.Stream) else None


def lacks_appearance(annotation: Any) -> bool:
    """Whether a viewer draws it by itself, since the file does not say how.

    A link has none; a button without one for its state is meant to be empty; a signature that was never made is.
    """
    kind = annotation.get("/Subtype")
    if kind == "/Link" or (kind == "/Widget" and inherited(annotation, "/FT") in ("/Sig", None)):
        return False
    return _dictionary(annotation.get("/AP")).get("/N") is None


def inherited(given: Any, key: str) -> Any:
    """A field's or page's own value, else that of what it belongs to."""
    for _ in range(DEEPEST_FIELD):
        if not isinstance(given, pikepdf.Dictionary):
            return None
        if key in given:
            return given.get(key)
        given = given.get("/Parent")
    return None


def _dictionary(value: Any) -> Any:
    return value if isinstance(value, pikepdf.Dictionary) else pikepdf.Dictionary()


def _dictionaries(value: Any) -> list[Any]:
    return (
        [one for one in value if isinstance(one, pikepdf.Dictionary)]
        if isinstance(value, pikepdf.Array)
        else []
    )


def _names(value: Any) -> set[str]:
    if isinstance(value, pikepdf.Array):
        return {str(name) for name in value}
    return {str(value)} if value is not None else set()
