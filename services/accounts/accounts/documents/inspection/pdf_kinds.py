"""What of a PDF is drawn: every key that is copied, by kind of dictionary or stream (ISO 32000-2)."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Kind:
    """What is copied of one kind of dictionary or stream.

    `plain` are keys whose values are numbers, names, strings, and arrays of them; `parts` say of which kind the value
    of another key is; `drawn`: the stream holds drawing operators.
    """

    plain: frozenset[str]
    parts: dict[str, str] = field(default_factory=dict)
    drawn: bool = False


def _kind(plain: str, parts: dict[str, str] | None = None, *, drawn: bool = False) -> Kind:
    return Kind(
        frozenset(f"/{key}" for key in plain.split()),
        {f"/{key}": kind for key, kind in (parts or {}).items()},
        drawn,
    )


# ISO 32000-2 by table. A kind with a star is that of each value of a dictionary, one with brackets of each item of an
# array.
KINDS = {
    "resources": _kind(
        "ProcSet",
        {
            "Font": "font*",
            "XObject": "xobject*",
            "Pattern": "pattern*",
            "Shading": "shading*",
            "ExtGState": "graphics state*",
            "ColorSpace": "colour space*",
        },
    ),
    "form": _kind(
        "Type Subtype FormType BBox Matrix", {"Resources": "resources", "Group": "group"}, drawn=True
    ),
    "group": _kind("Type S I K", {"CS": "colour space"}),
    "image": _kind(
        "Type Subtype Width Height BitsPerComponent Decode ImageMask Interpolate SMaskInData Matte Intent",
        {"ColorSpace": "colour space", "Mask": "image", "SMask": "image"},
    ),
    "font": _kind(
        "Type Subtype BaseFont Name FirstChar LastChar Widths DW W DW2 W2 FontBBox FontMatrix",
        {
            "FontDescriptor": "font descriptor",
            "Encoding": "encoding",
            "ToUnicode": "character map",
            "DescendantFonts": "font[]",
            "CIDSystemInfo": "character collection",
            "CIDToGIDMap": "bytes",
            "CharProcs": "glyph*",
            "Resources": "resources",
        },
    ),
    "font descriptor": _kind(
        "Type FontName FontFamily FontStretch FontWeight Flags FontBBox ItalicAngle Ascent Descent Leading CapHeight"
        " XHeight StemV StemH AvgWidth MaxWidth MissingWidth CharSet",
        {"FontFile": "font file", "FontFile2": "font file", "FontFile3": "font file"},
    ),
    "font file": _kind("Subtype Length1 Length2 Length3"),
    "encoding": _kind(
        "Type BaseEncoding Differences CMapName WMode",
        {"CIDSystemInfo": "character collection", "UseCMap": "character map"},
    ),
    "character map": _kind(
        "Type CMapName WMode", {"CIDSystemInfo": "character collection", "UseCMap": "character map"}
    ),
    "character collection": _kind("Registry Ordering Supplement"),
    "glyph": _kind("", drawn=True),
    "bytes": _kind(""),
    "pattern": _kind(
        "Type PatternType PaintType TilingType BBox XStep YStep Matrix",
        {"Resources": "resources", "Shading": "shading", "ExtGState": "graphics state"},
        drawn=True,
    ),
    "shading": _kind(
        "ShadingType Background BBox AntiAlias Coords Domain Extend Matrix BitsPerCoordinate BitsPerComponent"
        " BitsPerFlag Decode VerticesPerRow",
        {"ColorSpace": "colour space", "Function": "function"},
    ),
    "function": _kind(
        "FunctionType Domain Range Size BitsPerSample Order Encode Decode C0 C1 N Bounds",
        {"Functions": "function[]"},
    ),
    "graphics state": _kind(
        "Type LW LC LJ ML D RI OP op OPM FL SM SA BM CA ca AIS TK",
        {"Font": "font", "SMask": "soft mask", "TR": "function", "TR2": "function"},
    ),
    "soft mask": _kind("Type S BC", {"G": "form", "TR": "function"}),
    # What stands in the array of a colour space: a profile, parameters, a table of colours, a function.
    "colour space": _kind(
        "N Range WhitePoint BlackPoint Gamma Matrix FunctionType Domain Size BitsPerSample Order Encode Decode C0 C1"
        " Bounds",
        {"Alternate": "colour space", "Functions": "function[]"},
    ),
    "filter": _kind(
        "Predictor Colors BitsPerComponent Columns EarlyChange K EndOfLine EncodedByteAlign Rows EndOfBlock BlackIs1"
        " DamagedRowsBeforeError ColorTransform",
        {"JBIG2Globals": "bytes"},
    ),
}
STREAMS = frozenset({"xobject", "form", "image", "font file", "character map", "glyph", "bytes"})
FILTERS = frozenset(
    {
        *("/ASCIIHexDecode", "/ASCII85Decode", "/LZWDecode", "/FlateDecode", "/RunLengthDecode"),
        *("/CCITTFaxDecode", "/JBIG2Decode", "/DCTDecode", "/JPXDecode"),
        *("/AHx", "/A85", "/LZW", "/Fl", "/RL", "/CCF", "/DCT"),
    }
)
