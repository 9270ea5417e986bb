"""PDFs as other software writes them: taken as viewers take them, without what a photograph says of itself."""

import base64
import zlib
from io import BytesIO

import pikepdf
import pypdfium2
import pytest
from accounts.documents.inspection.inspecting import inspected
from accounts.documents.inspection.rebuilding import rebuilt_pdf
from pikepdf import Array, Dictionary, Name, Stream, String
from PIL import Image

from .test_rebuilding import RED, SIDE, VIEWERS, difference, pixels, shown_by_poppler

pytestmark = pytest.mark.slow


def test_a_crop_box_beside_the_page_is_passed_over():
    for crop, side in (((2000, 2000, 3000, 3000), SIDE), ((-50, 0, 0, SIDE), SIDE), ((0, 0, 100, SIDE), 100)):
        given = sheet_with_a_mark(crop=crop)
        kept, _ = rebuilt_pdf(given)
        shown = pypdfium2.PdfDocument(kept)[0]
        assert shown.get_size() == (side, SIDE)
        assert pixels(shown_by_poppler(kept), RED) > 500
        result, _ = inspected(given)
        assert "refused" not in result


@pytest.mark.parametrize(
    "flags", [None, String("4"), Name("/Print"), Array([4]), 4, pikepdf.Object.parse(b"4.0")], ids=str
)
def test_flags_that_are_no_number_hide_nothing(flags):
    kept, _ = rebuilt_pdf(sheet_with_a_mark(flags=flags))
    assert all(pixels(viewer(kept), RED) > 500 for viewer in VIEWERS)


def test_a_drawing_that_does_not_call_itself_one_is_drawn():
    for keys in ({}, {"Type": Name.XObject}, {"Subtype": Name.Form}):
        given = sheet_with_a_mark(drawing=keys)
        kept, _ = rebuilt_pdf(given)
        assert all(pixels(viewer(kept), RED) > 500 for viewer in VIEWERS)
        assert all(difference(viewer(given), viewer(kept)) < 1 for viewer in VIEWERS)


def sheet_with_a_mark(crop=None, flags=4, drawing=None):
    """A page of SIDE with a line of black, and an annotation drawn as a red square at its lower left."""
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page(page_size=(SIDE, SIDE)).obj
        page.Contents = pdf.make_stream(b"0 g 10 150 80 20 re f")
        if crop:
            page.CropBox = Array(crop)
        look = Stream(pdf, b"1 0 0 rg 0 0 50 50 re f")
        look.BBox = Array([0, 0, 50, 50])
        for key, value in ({"Subtype": Name.Form} if drawing is None else drawing).items():
            look[f"/{key}"] = value
        mark = Dictionary(
            Type=Name.Annot, Subtype=Name.Stamp, Rect=Array([20, 20, 70, 70]), AP=Dictionary(N=look)
        )
        if flags is not None:
            mark.F = flags
        page.Annots = Array([mark])
        output = BytesIO()
        pdf.save(output)
    return output.getvalue()


def jpeg_with_a_secret():
    exif = Image.Exif()
    exif[0x010E] = "SECRET PLACE"
    output = BytesIO()
    Image.new("RGB", (80, 80), RED).save(output, "JPEG", exif=exif, comment=b"SECRET PLACE")
    return output.getvalue()


def jpeg_2000_with_a_secret():
    """Boxes before and behind the picture itself, one that lasts to the end of the file."""
    output = BytesIO()
    Image.new("RGB", (80, 80), RED).save(output, "JPEG2000")
    plain = output.getvalue()
    at = plain.index(b"jp2c") - 4
    boxes = [
        (b"xml ", b"<a>SECRET PLACE</a>"),
        (b"uuid", b"x" * 16 + b"SECRET PLACE"),
        (b"free", b"SECRET PLACE"),
    ]
    written = b"".join((8 + len(held)).to_bytes(4) + kind + held for kind, held in boxes)
    long = (1).to_bytes(4) + b"xml " + (16 + 12).to_bytes(8) + b"SECRET PLACE"
    code = (len(plain) - at).to_bytes(4) + plain[at + 4 :]
    return plain[:at] + written + long + code + (0).to_bytes(4) + b"uuid" + b"x" * 16 + b"SECRET PLACE"


PACKED = {
    "as it is": ([], lambda file: file),
    "packed": (["/FlateDecode"], zlib.compress),
    "packed twice": (
        ["/ASCII85Decode", "/FlateDecode"],
        lambda file: base64.a85encode(zlib.compress(file)) + b"~>",
    ),
}


@pytest.mark.parametrize("how", PACKED)
@pytest.mark.parametrize(
    ("kind", "made"), [("/DCTDecode", jpeg_with_a_secret), ("/JPXDecode", jpeg_2000_with_a_secret)]
)
def test_a_photograph_loses_what_it_says_of_itself_however_it_is_packed(kind, made, how):
    around, pack = PACKED[how]
    assert b"SECRET PLACE" in made()
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page(page_size=(SIDE, SIDE)).obj
        picture = Stream(pdf, pack(made()))
        picture.Subtype, picture.Width, picture.Height = Name.Image, 80, 80
        picture.ColorSpace, picture.BitsPerComponent = Name.DeviceRGB, 8
        picture.Filter = Array([Name(name) for name in [*around, kind]])
        page.Resources = Dictionary(XObject=Dictionary(Photo=picture))
        page.Contents = pdf.make_stream(b"q 100 0 0 100 20 20 cm /Photo Do Q")
        output = BytesIO()
        pdf.save(output)
    kept, _ = rebuilt_pdf(output.getvalue())
    assert all(difference(viewer(output.getvalue()), viewer(kept)) < 0.1 for viewer in VIEWERS)
    assert all(pixels(viewer(kept), RED) > 2000 for viewer in VIEWERS)
    with pikepdf.open(BytesIO(kept)) as pdf:
        (photo,) = [one for one in pdf.objects if isinstance(one, Stream) and one.get("/Subtype") == "/Image"]
        assert str(photo.Filter) == kind or list(photo.Filter) == [kind]
        assert b"SECRET" not in photo.read_raw_bytes()
    assert b"SECRET" not in kept
