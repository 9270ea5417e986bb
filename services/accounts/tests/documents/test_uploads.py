"""Stamped forms as they come in: what is refused, and what is left of what should not be there."""

import os
import zlib
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
import segno
from accounts.documents.inspection.uploads import UploadRefused, clean_form
from mtnet_contracts.vocabulary.limits import LARGEST_FILE_BYTES
from PIL import Image, ImageChops, ImageCms, ImageDraw, ImageFilter, ImageOps, ImageStat

pytestmark = pytest.mark.slow

UPLOADS = Path(__file__).parent / "uploads"
CODE = "https://portal.example.com/f/PTAPPLY936EC90162340/0123456789abcdef"


def a_scan(code=CODE, size=(1240, 1754), paper=250, ink=True, angle=0, noise=0):
    """A sheet as a scanner sees it."""
    sheet = Image.new("L", size, paper)
    if code:
        picture = BytesIO()
        segno.make(code, error="q", micro=False).save(picture, kind="png", scale=5, border=4)
        sheet.paste(Image.open(picture).convert("L"), (size[0] - 350, 60))
    if ink:
        pen = ImageDraw.Draw(sheet)
        for line in range(20):
            pen.text((120, 300 + line * 40), "Example Shipping Co., Ltd. 04595257", fill=30, font_size=28)
        pen.ellipse((700, 1200, 900, 1400), outline=90, width=9)
    if noise:
        dust = Image.effect_noise(size, noise)
        sheet = Image.blend(sheet, dust, 0.06)
    return sheet.rotate(angle, fillcolor=paper) if angle else sheet


def encoded(picture, kind="JPEG", **options):
    output = BytesIO()
    picture.save(output, kind, **options)
    return output.getvalue()


def a_pdf(*pages, change=None, **options):
    """A scanned PDF; `change` may do mischief to it."""
    pages = pages or (a_scan(),)
    plain = encoded(pages[0], "PDF", save_all=True, append_images=list(pages[1:]), resolution=150)
    with pikepdf.open(BytesIO(plain)) as document:
        if change:
            change(document)
        output = BytesIO()
        document.save(output, **options)
    return output.getvalue()


def checked(content):
    return clean_form(content)


def refusal(content):
    with pytest.raises(UploadRefused) as refused:
        checked(content)
    return refused.value.code


def test_a_scanned_pdf_is_kept_and_its_code_is_read():
    kept = checked(a_pdf(a_scan(), a_scan(code=None)))
    assert (kept.media_type, kept.pages, kept.codes) == ("application/pdf", 2, (CODE,))


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_crooked_photograph_is_kept_and_its_code_is_read(kind):
    kept = checked(encoded(a_scan(angle=4, noise=60).filter(ImageFilter.GaussianBlur(1)), kind))
    assert (kept.media_type, kept.pages, kept.codes) == (f"image/{kind.lower()}", 1, (CODE,))


def test_a_poor_scan_without_a_readable_code_is_kept():
    assert checked(a_pdf(a_scan(code=None))).codes == ()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "FILE_EMPTY"),
        (b"%PDF-" + b"0" * LARGEST_FILE_BYTES, "FILE_TOO_LARGE"),
        (b"MZ\x90\0" + b"\0" * 500, "FILE_TYPE"),
        (b"<html><body>%PDF-1.7</body></html>", "FILE_TYPE"),
        (b"PK\x03\x04" + b"\0" * 500, "FILE_TYPE"),
        (b"GIF89a" + b"\0" * 500, "FILE_TYPE"),
        (b"%PDF-1.7\nnothing of the kind", "FILE_UNREADABLE"),
        (b"\xff\xd8\xff\xe0 not a picture", "FILE_UNREADABLE"),
        (b"\x89PNG\r\n\x1a\n not a picture", "FILE_UNREADABLE"),
    ],
)
def test_what_is_no_readable_pdf_jpeg_or_png_is_refused(content, code):
    assert refusal(content) == code


def test_half_a_file_is_refused():
    for whole in (a_pdf(), encoded(a_scan()), encoded(a_scan(), "PNG")):
        assert refusal(whole[: len(whole) // 2]) == "FILE_UNREADABLE"


@pytest.mark.parametrize("kind", [{"R": 6}, {"R": 4}, {"R": 3, "aes": False, "metadata": False}])
def test_a_pdf_that_opens_without_a_password_is_kept_without_its_lock(kind):
    for user in ("secret", ""):
        locked = a_pdf(encryption=pikepdf.Encryption(owner="owner", user=user, **kind))
        if user:
            assert refusal(locked) == "FILE_ENCRYPTED"
            continue
        kept = checked(locked)
        assert kept.codes == (CODE,)
        with pikepdf.open(BytesIO(kept.content)) as document:
            assert not document.is_encrypted


def test_a_pdf_locked_for_a_certificate_is_refused_as_protected():
    plain = (UPLOADS / "plain_control.pdf").read_bytes()
    locked = plain.replace(b"trailer << ", b"trailer << /Encrypt << /Filter /Adobe.PubSec /V 4 >> ")
    assert refusal(locked) == "FILE_ENCRYPTED"


def test_twenty_pages_are_kept_and_one_more_is_refused():
    small = [a_scan(code=None, size=(1000, 1500)) for _ in range(21)]
    assert checked(a_pdf(*small[:20])).pages == 20
    assert refusal(a_pdf(*small)) == "FILE_TOO_MANY_PAGES"


@pytest.mark.parametrize("paper", [255, 235, 40, 0])
def test_an_empty_sheet_is_refused_whatever_its_colour(paper):
    blank = a_scan(code=None, ink=False, paper=paper, noise=60)
    assert refusal(encoded(blank)) == "FILE_BLANK"
    assert refusal(a_pdf(blank, blank)) == "FILE_BLANK"


def test_a_blank_back_page_does_no_harm():
    assert checked(a_pdf(a_scan(), a_scan(code=None, ink=False))).pages == 2


def a_png_saying(width, height):
    def chunk(kind, body):
        return len(body).to_bytes(4) + kind + body + zlib.crc32(kind + body).to_bytes(4)

    header = width.to_bytes(4) + height.to_bytes(4) + bytes([1, 0, 0, 0, 0])
    rows = zlib.compress(b"\0" * ((width + 7) // 8 + 1) * 10)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def test_a_picture_that_would_unfold_to_more_than_forty_megapixels_is_refused():
    assert refusal(a_png_saying(30_000, 30_000)) == "FILE_TOO_MANY_PIXELS"
    bomb = encoded(Image.new("1", (8000, 6000)), "PNG")
    assert len(bomb) < 100_000
    assert refusal(bomb) == "FILE_TOO_MANY_PIXELS"


def test_a_pdf_that_holds_such_a_picture_is_refused():
    def swell(document):
        for found in document.objects:
            if isinstance(found, pikepdf.Stream) and found.get("/Subtype") == "/Image":
                found["/Width"], found["/Height"] = 30_000, 30_000

    assert refusal(a_pdf(change=swell)) == "FILE_TOO_MANY_PIXELS"


def test_a_pdf_that_unfolds_without_end_is_refused_in_time():
    def bomb(document):
        layer = zlib.compress(b"0 0 1 1 re f\n" * 25_000_000, 9)
        stream = pikepdf.Stream(document, layer)
        stream["/Filter"] = pikepdf.Name.FlateDecode
        document.pages[0].Contents = stream

    assert refusal(a_pdf(change=bomb)) == "FILE_UNREADABLE"


def test_nothing_that_acts_survives_in_a_pdf():
    script = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert('EVIL-SCRIPT')")

    def arm(document):
        root = document.Root
        root.OpenAction = document.make_indirect(script)
        root.AA = pikepdf.Dictionary(WC=script)
        root.AcroForm = pikepdf.Dictionary(
            XFA=pikepdf.Stream(document, b"EVIL-XFA"), Fields=pikepdf.Array([])
        )
        root.Names = pikepdf.Dictionary(
            JavaScript=pikepdf.Dictionary(Names=pikepdf.Array(["evil", script])),
        )
        document.attachments["evil.exe"] = b"MZ-EVIL-ATTACHMENT"
        page = document.pages[0]
        page.obj["/AA"] = pikepdf.Dictionary(O=script)
        launch = pikepdf.Dictionary(S=pikepdf.Name.Launch, F="EVIL-PROGRAM")
        area = pikepdf.Array([0, 0, 100, 100])
        page.obj["/Annots"] = pikepdf.Array(
            [
                pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Link, Rect=area, A=launch),
                document.make_indirect(
                    pikepdf.Dictionary(
                        Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Highlight, Rect=area, AA=script
                    )
                ),
                pikepdf.Dictionary(
                    Type=pikepdf.Name.Annot,
                    Subtype=pikepdf.Name.FileAttachment,
                    Rect=area,
                    FS=pikepdf.Dictionary(
                        F="EVIL-FILE", EF=pikepdf.Dictionary(F=pikepdf.Stream(document, b"EVIL-BYTES"))
                    ),
                ),
            ]
        )

    armed = a_pdf(change=arm)
    with pikepdf.open(BytesIO(armed)) as document:
        assert b"EVIL" in b"".join(_all_bytes(document))
    kept = checked(armed)
    with pikepdf.open(BytesIO(kept.content)) as document:
        everything = b"".join(_all_bytes(document))
        assert b"EVIL" not in everything
        for word in (b"/JavaScript", b"/JS", b"/Launch", b"/AA", b"/OpenAction", b"/EmbeddedFiles", b"/XFA"):
            assert word not in everything
        assert "/Annots" not in document.pages[0]


def _all_bytes(document):
    for found in document.objects:
        if isinstance(found, pikepdf.Stream):
            yield found.read_raw_bytes() if str(found.get("/Filter")) == "/DCTDecode" else found.read_bytes()
            yield b" ".join(str(key).encode() + repr(value).encode() for key, value in found.items())
        else:
            yield found.unparse(resolved=True)


def test_what_hides_before_behind_or_inside_a_picture_is_gone():
    for kind in ("JPEG", "PNG"):
        exif = Image.Exif()
        exif[0x010E] = "EVIL-COMMENT"
        polyglot = encoded(a_scan(), kind, exif=exif) + b"<?php system('EVIL'); ?>" + os.urandom(100)
        assert b"EVIL" in polyglot
        assert b"EVIL" not in checked(polyglot).content


def test_a_pdf_with_a_page_of_html_behind_it_loses_it():
    polyglot = a_pdf().rstrip() + b"\n<script>EVIL</script>\n%%EOF\n"
    assert b"EVIL" not in checked(polyglot).content


def a_photograph(size, detail=12):
    """A picture with the noise of a camera all over: no encoding makes it small."""
    sheet = a_scan(size=size).convert("RGB")
    return Image.blend(sheet, Image.effect_noise(size, 90).convert("RGB"), detail / 100)


def test_the_photograph_of_a_telephone_that_holds_a_second_picture_is_kept_as_the_jpeg_it_is():
    photograph = encoded(
        a_photograph((3024, 4032)), "MPO", save_all=True, append_images=[a_scan().convert("RGB")]
    )
    assert photograph.startswith(b"\xff\xd8\xff")
    assert Image.open(BytesIO(photograph)).format == "MPO"
    kept = checked(photograph)
    assert kept.media_type == "image/jpeg"
    assert kept.content.startswith(b"\xff\xd8\xff")
    assert Image.open(BytesIO(kept.content)).format == "JPEG"
    assert len(kept.content) < 2 * len(photograph)


@pytest.mark.parametrize(("kind", "size"), [("JPEG", (5400, 7200)), ("PNG", (4000, 5600))])
def test_a_large_photograph_is_kept_at_the_resolution_of_a_scanner(kind, size):
    photograph = encoded(a_scan(size=size, noise=2), kind)
    kept = checked(photograph)
    width, height = Image.open(BytesIO(kept.content)).size
    assert 2400 * 3300 < width * height <= 2480 * 3508
    assert abs(width / height - size[0] / size[1]) < 0.01
    assert kept.codes == (CODE,)


def test_a_photograph_that_would_not_fit_as_a_png_is_kept_as_a_jpeg():
    palette = a_photograph((2400, 3300), detail=40).convert("L").quantize(96)
    photograph = encoded(palette, "PNG")
    assert len(photograph) < LARGEST_FILE_BYTES
    kept = checked(photograph)
    assert (kept.media_type, kept.content[:3]) == ("image/jpeg", b"\xff\xd8\xff")
    assert len(kept.content) < LARGEST_FILE_BYTES


def test_what_grows_too_large_when_it_is_rebuilt_is_refused(monkeypatch):
    from accounts.documents.inspection import inspecting

    monkeypatch.setattr(inspecting, "LARGEST_FILE_BYTES", 1000)
    assert inspecting.inspected(a_pdf()) == ({"refused": "FILE_TOO_LARGE"}, b"")


# Pictures of every kind, as a viewer shows them


def kept_picture(content):
    return Image.open(BytesIO(checked(content).content)).convert("RGB")


def mean_difference(one, other):
    assert one.size == other.size
    return max(ImageStat.Stat(ImageChops.difference(one.convert("RGB"), other.convert("RGB"))).mean)


def a_png(rows, width, depth, colour, *chunks):
    """A PNG of any kind; `rows` are bytes, `chunks` stand before the pixels."""

    def chunk(kind, body):
        return len(body).to_bytes(4) + kind + body + zlib.crc32(kind + body).to_bytes(4)

    header = width.to_bytes(4) + len(rows).to_bytes(4) + bytes([depth, colour, 0, 0, 0])
    data = zlib.compress(b"".join(b"\0" + row for row in rows))
    parts = [(b"IHDR", header), *chunks, (b"IDAT", data), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts)


def wide(picture):
    """The same shades with 16 bits each, the upper eight and as many below."""
    data = picture.tobytes()
    step = picture.width * len(picture.getbands())
    rows = [data[at : at + step] for at in range(0, len(data), step)]
    return [b"".join(bytes((shade, shade)) for shade in row) for row in rows]


def a_small_scan():
    return a_scan(size=(600, 850)).convert("L")


def test_a_grey_picture_of_sixteen_bits_is_kept_as_the_one_of_eight():
    given = Image.open(UPLOADS / "grey16.png")
    eight = Image.frombytes("L", given.size, given.tobytes()[1::2])
    assert mean_difference(kept_picture((UPLOADS / "grey16.png").read_bytes()), eight) < 1
    scan = a_small_scan()
    assert mean_difference(kept_picture(a_png(wide(scan), scan.width, 16, 0)), scan) < 1


@pytest.mark.parametrize(("mode", "colour"), [("RGB", 2), ("LA", 4), ("RGBA", 6)])
def test_colours_and_transparency_of_sixteen_bits_are_kept(mode, colour):
    scan = a_small_scan().convert(mode)
    shown = scan.convert("RGB")
    if "A" in mode:
        see_through = Image.linear_gradient("L").resize(scan.size)
        scan.putalpha(see_through)
        shown = Image.composite(shown, Image.new("RGB", scan.size, "white"), see_through)
    assert mean_difference(kept_picture(a_png(wide(scan), scan.width, 16, colour)), shown) < 1


def test_the_shade_that_is_transparent_is_white_and_its_neighbours_are_not():
    rows = [b"\x00\x05" * 300 + b"\x00\x06" * 300] * 600
    kept = kept_picture(a_png(rows, 600, 16, 0, (b"tRNS", b"\x00\x05")))
    assert (kept.getpixel((10, 10)), kept.getpixel((590, 10))) == ((255, 255, 255), (0, 0, 0))
    rows = [b"\x20\x00\x40\x00\x60\x00" * 300 + b"\x00\x00" * 900] * 600
    kept = kept_picture(a_png(rows, 600, 16, 2, (b"tRNS", b"\x20\x00\x40\x00\x60\x00")))
    assert (kept.getpixel((10, 10)), kept.getpixel((590, 10))) == ((255, 255, 255), (0, 0, 0))


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "LA"])
def test_every_mode_of_a_png_is_kept_as_it_is_shown(mode):
    scan = a_small_scan().point(lambda shade: 255 if shade > 128 else 0)
    assert mean_difference(kept_picture(encoded(scan.convert(mode), "PNG")), scan) < 1


def test_a_palette_with_transparent_colours_lies_on_white_paper():
    shown = a_small_scan().point(lambda shade: 255 if shade > 128 else 0)
    scan = shown.point(lambda shade: shade // 255)
    scan.putpalette([0, 0, 0, 10, 10, 10])
    assert mean_difference(kept_picture(encoded(scan, "PNG", transparency=1)), shown) < 1


def test_a_photograph_in_printers_colours_is_kept_as_it_is_shown():
    scan = a_scan().convert("RGB")
    assert mean_difference(kept_picture(encoded(scan.convert("CMYK"), quality=95)), scan) < 2


def test_colours_are_those_of_the_profile_in_the_file():
    # A profile whose red and blue are exchanged: what the numbers call red is shown blue.
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    tags = {
        bytes(profile[at : at + 4]): at for at in range(132, 132 + 12 * int.from_bytes(profile[128:132]), 12)
    }
    red, blue = tags[b"rXYZ"], tags[b"bXYZ"]
    profile[red : red + 4], profile[blue : blue + 4] = b"bXYZ", b"rXYZ"
    scan = Image.new("RGB", (600, 800), "white")
    scan.paste((255, 0, 0), (100, 100, 500, 700))
    for kind in ("PNG", "JPEG"):
        kept = kept_picture(encoded(scan, kind, icc_profile=bytes(profile)))
        red, _, blue = kept.getpixel((300, 400))
        assert (red < 60, blue > 200) == (True, True)
        assert "icc_profile" not in Image.open(BytesIO(checked(encoded(scan, kind)).content)).info
    spoilt = encoded(scan, "PNG", icc_profile=b"no profile at all")
    assert mean_difference(kept_picture(spoilt), scan) < 1


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_telephone_held_sideways_shows_the_sheet_upright(orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    scan = a_small_scan()
    for kind in ("JPEG", "PNG"):
        given = encoded(scan, kind, exif=exif)
        upright = ImageOps.exif_transpose(Image.open(BytesIO(given)))
        assert mean_difference(kept_picture(given), upright) < (2 if kind == "JPEG" else 1)


@pytest.mark.parametrize("progressive", [False, True])
def test_the_photograph_of_a_telephone_with_many_megapixels_is_kept(progressive):
    photograph = encoded(a_scan(size=(6048, 8064)), quality=60, progressive=progressive)
    kept = checked(photograph)
    width, height = Image.open(BytesIO(kept.content)).size
    assert kept.codes == (CODE,)
    assert 2400 * 3300 < width * height <= 2480 * 3508


def test_a_photograph_of_more_pixels_than_any_telephone_takes_is_refused():
    small = encoded(Image.new("L", (64, 64)))
    at = small.index(b"\xff\xc0") + 5
    assert refusal(small[:at] + (12_000).to_bytes(2) * 2 + small[at + 4 :]) == "FILE_TOO_MANY_PIXELS"
