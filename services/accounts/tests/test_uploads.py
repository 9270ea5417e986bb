"""Stamped forms as they come in: what is refused, and what is left of what should not be there."""

import os
import zlib
from io import BytesIO

import pikepdf
import pytest
import segno
from accounts.clients.uploads import LARGEST_BYTES, UploadRefused, clean_form
from PIL import Image, ImageDraw, ImageFilter

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
        (b"%PDF-" + b"0" * LARGEST_BYTES, "FILE_TOO_LARGE"),
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


@pytest.mark.parametrize("user", ["secret", ""])
def test_an_encrypted_pdf_is_refused_also_when_it_opens_without_a_password(user):
    assert refusal(a_pdf(encryption=pikepdf.Encryption(owner="owner", user=user))) == "FILE_ENCRYPTED"


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
        assert len(document.pages[0].Annots) == 2


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
    assert len(photograph) < LARGEST_BYTES
    kept = checked(photograph)
    assert (kept.media_type, kept.content[:3]) == ("image/jpeg", b"\xff\xd8\xff")
    assert len(kept.content) < LARGEST_BYTES


def test_what_grows_too_large_when_it_is_rebuilt_is_refused(monkeypatch):
    from accounts.clients import inspecting

    monkeypatch.setattr(inspecting, "LARGEST_BYTES", 1000)
    assert inspecting.inspected(a_pdf()) == ({"refused": "FILE_TOO_LARGE"}, b"")
