"""What a viewer shows of an uploaded PDF is kept, all of it and nothing else."""

import subprocess
from io import BytesIO
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from accounts.documents.inspection.copying import without_metadata
from accounts.documents.inspection.inspecting import inspected
from accounts.documents.inspection.rebuilding import rebuilt_pdf
from accounts.documents.rules import UploadRefused
from pikepdf import Array, Dictionary, Name, Stream, String
from PIL import Image, ImageChops, ImageStat

pytestmark = pytest.mark.slow

UPLOADS = Path(__file__).parent / "uploads"
SIDE = 200
RED, GREEN, BLUE = (255, 0, 0), (0, 255, 0), (0, 0, 255)


def upload(name):
    return (UPLOADS / name).read_bytes()


def shown_by_poppler(pdf, page=1):
    """As one viewer shows it on screen."""
    command = ["pdftoppm", "-r", "60", "-cropbox", "-f", str(page), "-l", str(page), "-"]
    return Image.open(BytesIO(subprocess.run(command, input=pdf, capture_output=True, check=True).stdout))


def shown_by_pdfium(pdf, page=1):
    """As another does, Chrome's."""
    document = pypdfium2.PdfDocument(pdf)
    document.init_forms()
    return document[page - 1].render(scale=60 / 72).to_pil().convert("RGB")


VIEWERS = (shown_by_poppler, shown_by_pdfium)


def pixels(picture, colour):
    """How many pixels are of about this colour."""
    red, green, blue = ImageChops.difference(
        picture.convert("RGB"), Image.new("RGB", picture.size, colour)
    ).split()
    return sum(ImageChops.lighter(ImageChops.lighter(red, green), blue).histogram()[:60])


def difference(one, other):
    """The mean difference in grey levels; pictures of different size differ wholly."""
    if one.size != other.size:
        return 255
    return max(ImageStat.Stat(ImageChops.difference(one.convert("RGB"), other.convert("RGB"))).mean)


def same_in_both_viewers(pdf, page=1):
    kept, _ = rebuilt_pdf(pdf)
    for viewer in VIEWERS:
        # Fields and pages smooth the edges of letters differently.
        assert difference(viewer(pdf, page), viewer(kept, page)) < 0.3
    return kept


@pytest.mark.parametrize(
    "name",
    [
        "plain_control",
        "signature_field_red_disc",
        "hidden_signature_field_control",
        "stamp_annotation_red_disc_control",
        "text_field_blue_words",
        "only_form_fields",
        "owner_password_only_R6",
    ],
)
def test_what_a_viewer_shows_of_a_file_is_what_is_kept(name):
    same_in_both_viewers(upload(f"{name}.pdf"))


@pytest.mark.parametrize(
    ("name", "colour", "least", "most"),
    [
        ("signature_field_red_disc", RED, 1500, 5000),
        ("stamp_annotation_red_disc_control", RED, 1500, 5000),
        ("hidden_signature_field_control", RED, 0, 0),
        ("text_field_blue_words", BLUE, 100, 2000),
        ("only_form_fields", RED, 1500, 5000),
    ],
)
def test_the_seal_and_the_words_are_on_the_page(name, colour, least, most):
    result, kept = inspected(upload(f"{name}.pdf"))
    assert result["pages"] == 1
    assert least <= pixels(shown_by_poppler(kept), colour) <= most
    with pikepdf.open(BytesIO(kept)) as document:
        assert "/Annots" not in document.pages[0]
        assert "/AcroForm" not in document.Root


@pytest.mark.parametrize("name", ["padded_3000_nul_after_end", "bom_before_header", "line_end_before_header"])
def test_what_software_puts_around_a_file_does_no_harm(name):
    kept, pages = rebuilt_pdf(upload(f"{name}.pdf"))
    assert (kept, pages) == rebuilt_pdf(upload("plain_control.pdf"))


PLAIN = upload("plain_control.pdf")
PJL = b"\x1b%-12345X@PJL JOB\r\n@PJL ENTER LANGUAGE=PDF\r\n"


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbf\r\n" + PLAIN,
        b"\0" * 1024 + PLAIN,
        PJL + PLAIN + b"\x1b%-12345X",
        PLAIN + b"\r\n" * 3000,
        PLAIN + b"\x1a" * 2000,
        PLAIN.rstrip(b"\n"),
        PLAIN.replace(b"0000000251", b"0000000261"),
        PLAIN.replace(b"startxref\n580", b"startxref\n585"),
        PLAIN + b"<html><body>" + b"x" * 5000 + b"</body></html>",
    ],
    ids=[
        "bom and line end",
        "1024 zeros",
        "printer job",
        "blank lines",
        "ctrl-z",
        "no last line end",
        "wrong offset",
        "wrong start",
        "a page behind",
    ],
)
def test_other_things_around_a_file_do_no_harm_either(content):
    assert rebuilt_pdf(content) == rebuilt_pdf(PLAIN)


def test_offsets_counted_from_the_start_of_the_file_are_found_too():
    prefix = b"\xef\xbb\xbf\r\n"
    lines = PLAIN.split(b"\n")
    moved = b"\n".join(
        b"%010d%s" % (int(line[:10]) + len(prefix), line[10:])
        if line.endswith(b" n ")
        else b"%d" % (int(line) + len(prefix))
        if line.isdigit() and int(line) > 500
        else line
        for line in lines
    )
    assert rebuilt_pdf(prefix + moved) == rebuilt_pdf(PLAIN)


@pytest.mark.parametrize(
    "content",
    [
        b"\0" * 1025 + PLAIN,
        b"<html>" + PLAIN + b"</html>",
        b"GIF89a" + PLAIN,
        PLAIN[: len(PLAIN) // 2],
        PLAIN[:-60],
        PLAIN + b"\n6 0 obj\n<< /Type /Annot >>\nendobj\n7 0 ob",
    ],
    ids=["too far in", "html", "gif", "half", "no end", "half a second version"],
)
def test_what_is_cut_off_or_something_else_is_refused(content):
    with pytest.raises(UploadRefused):
        rebuilt_pdf(content)


# Files made here: a page with a grey square on it, and one thing more.


class Sheet:
    def __init__(self, **page):
        self.pdf = pikepdf.new()
        self.pdf.add_blank_page(page_size=(SIDE, SIDE))
        self.page = self.pdf.pages[0].obj
        self.page.Contents = Stream(self.pdf, b"0.5 g 150 150 30 30 re f")
        for key, value in page.items():
            self.page[f"/{key}"] = value
        self.fields = []

    def drawing(self, content=b"1 0 0 rg 0 0 40 40 re f", box=(0, 0, 40, 40), **keys):
        return Stream(
            self.pdf,
            content,
            Type=Name.XObject,
            Subtype=Name.Form,
            BBox=Array(box),
            Resources=keys.pop("Resources", Dictionary()),
            **keys,
        )

    def note(self, kind="Stamp", rect=(20, 20, 60, 60), **keys):
        keys = {key: Array(value) if isinstance(value, tuple) else value for key, value in keys.items()}
        made = self.pdf.make_indirect(
            Dictionary(Type=Name.Annot, Subtype=Name(f"/{kind}"), Rect=Array(rect), **keys)
        )
        self.page.Annots = Array([*self.page.get("/Annots", []), made])
        return made

    def widget(self, rect=(20, 20, 180, 40), **keys):
        keys.setdefault("T", String(f"field{len(self.fields)}"))
        made = self.note("Widget", rect, **keys)
        self.fields.append(made)
        return made

    def layer(self, on=True, **keys):
        group = self.pdf.make_indirect(Dictionary(Type=Name.OCG, Name=String("layer"), **keys))
        root = self.pdf.Root
        if "/OCProperties" not in root:
            root.OCProperties = Dictionary(OCGs=Array([]), D=Dictionary(OFF=Array([]), ON=Array([])))
        root.OCProperties.OCGs.append(group)
        (root.OCProperties.D.ON if on else root.OCProperties.D.OFF).append(group)
        return group

    def bytes(self):
        if self.fields:
            font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
            form = self.pdf.Root.get("/AcroForm", Dictionary())
            form.Fields, form.DR = Array(self.fields), Dictionary(Font=Dictionary(Helv=font))
            self.pdf.Root.AcroForm = form
        output = BytesIO()
        self.pdf.save(output)
        return output.getvalue()

    def rebuilt(self):
        return rebuilt_pdf(self.bytes())[0]

    def red(self):
        """Red pixels of the file as two viewers show it, and of what is kept of it."""
        given, kept = self.bytes(), self.rebuilt()
        return [pixels(viewer(pdf), RED) for pdf in (given, kept) for viewer in VIEWERS]


def everything(pdf):
    """All that can be read in a PDF, unpacked."""
    with pikepdf.open(BytesIO(pdf)) as document:
        found = [document.trailer.unparse(resolved=True)]
        for one in document.objects:
            if isinstance(one, Stream):
                found += [one.read_raw_bytes() if one.get("/Filter") == "/DCTDecode" else one.read_bytes()]
                found += [str(key).encode() + repr(value).encode() for key, value in one.items()]
            else:
                found.append(one.unparse(resolved=True))
        return b"\n".join(found)


@pytest.mark.parametrize(
    ("flags", "shown"),
    [(0, True), (1, True), (2, False), (4, True), (32, False), (36, False), (64 + 128, True)],
)
@pytest.mark.parametrize("kind", ["Stamp", "Widget"])
def test_flags_say_what_is_shown_on_screen_whatever_is_printed(kind, flags, shown):
    sheet = Sheet()
    ap = Dictionary(N=sheet.drawing())
    if kind == "Widget":
        sheet.widget((20, 20, 60, 60), FT=Name.Sig, F=flags, AP=ap)
    else:
        sheet.note(kind, F=flags, AP=ap)
    before, after = sheet.red()[0], sheet.red()[2]
    assert (before > 900, after > 900) == (shown, shown)


COMMENTS = {
    "FreeText": {"DA": String("/Helv 12 Tf")},
    "Ink": {"InkList": Array([Array([20, 20, 60, 60])])},
    "Highlight": {"QuadPoints": (20, 60, 60, 60, 20, 20, 60, 20), "C": (1, 0, 0)},
    "Line": {"L": Array([20, 20, 60, 60])},
    "Square": {},
    "Text": {},
    "FileAttachment": {"FS": Dictionary(F=String("evil"))},
    "Watermark": {},
}


@pytest.mark.parametrize("kind", COMMENTS)
def test_every_kind_of_comment_is_kept_as_it_is_drawn(kind):
    sheet = Sheet()
    address = Dictionary(S=Name.URI, URI=String("http://evil.example"))
    sheet.note(kind, F=4, AP=Dictionary(N=sheet.drawing()), A=address, **COMMENTS[kind])
    given, kept = sheet.bytes(), sheet.rebuilt()
    assert difference(shown_by_pdfium(given), shown_by_pdfium(kept)) < 0.3
    assert pixels(shown_by_poppler(kept), RED) > 900
    assert b"evil" not in everything(kept)


def test_a_pop_up_is_not_shown():
    sheet = Sheet()
    sheet.note("Popup", F=4, AP=Dictionary(N=sheet.drawing()))
    assert sheet.red()[2:] == [0, 0]


def test_a_highlight_that_multiplies_leaves_what_is_under_it_readable():
    sheet = Sheet()
    sheet.page.Contents = Stream(sheet.pdf, b"0 g 20 38 40 4 re f")
    multiply = Dictionary(ExtGState=Dictionary(G0=Dictionary(Type=Name.ExtGState, BM=Name.Multiply)))
    drawing = sheet.drawing(b"/G0 gs 1 1 0 rg 0 0 40 40 re f", Resources=multiply)
    sheet.note("Highlight", F=4, AP=Dictionary(N=drawing), QuadPoints=COMMENTS["Highlight"]["QuadPoints"])
    given, kept = sheet.bytes(), sheet.rebuilt()
    assert difference(shown_by_pdfium(given), shown_by_pdfium(kept)) < 0.3
    assert pixels(shown_by_poppler(kept), (0, 0, 0)) > 50
    assert pixels(shown_by_poppler(kept), (255, 255, 0)) > 500


@pytest.mark.parametrize("turned", [0, 90, 180, 270])
@pytest.mark.parametrize(
    ("matrix", "box"),
    [
        ((1, 0, 0, 1, 0, 0), (0, 0, 40, 40)),
        ((0, 1, -1, 0, 0, 0), (0, 0, 40, 40)),
        ((2, 0, 0, 1, 7, -3), (-20, -20, 20, 20)),
        ((0.7, 0.7, -0.7, 0.7, 0, 0), (10, 10, 50, 30)),
    ],
)
def test_turned_pages_and_turned_drawings_are_kept_where_they_were(turned, matrix, box):
    sheet = Sheet(Rotate=turned, CropBox=Array([10, 10, 190, 180]))
    drawing = sheet.drawing(b"1 0 0 rg -30 -30 60 60 re f 0 0 1 rg 0 0 10 10 re f", box, Matrix=Array(matrix))
    sheet.note(F=4, rect=(20, 30, 90, 70), AP=Dictionary(N=drawing))
    assert pixels(shown_by_poppler(same_in_both_viewers(sheet.bytes())), RED) > 300


def test_what_a_page_inherits_is_kept_and_a_page_without_resources_too():
    sheet = Sheet()
    pages = sheet.pdf.Root.Pages
    for key in ("MediaBox", "Rotate", "Resources"):
        if f"/{key}" in sheet.page:
            del sheet.page[f"/{key}"]
    pages.MediaBox, pages.Rotate = Array([0, 0, 300, SIDE]), 90
    font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
    pages.Resources = Dictionary(Font=Dictionary(F1=font))
    sheet.page.Contents = Stream(sheet.pdf, b"BT /F1 30 Tf 1 0 0 rg 20 100 Td (STAMPED) Tj ET")
    assert pixels(shown_by_poppler(same_in_both_viewers(sheet.bytes())), RED) > 100
    bare = Sheet()
    del bare.page.Resources
    bare.note(F=4, AP=Dictionary(N=bare.drawing()))
    same_in_both_viewers(bare.bytes())


def test_a_page_that_ends_in_the_middle_of_its_state_moves_nothing():
    sheet = Sheet()
    sheet.page.Contents = Array(
        [
            Stream(sheet.pdf, b"q 0.5 0 0 0.5 50 50 cm 0 0 5 5 re W n q 0.5 g 0 0 9"),
            Stream(sheet.pdf, b"9 re f"),
        ]
    )
    sheet.note(F=4, AP=Dictionary(N=sheet.drawing()))
    assert pixels(shown_by_poppler(sheet.rebuilt()), RED) > 900


@pytest.mark.parametrize("state", ["Yes", "Off", None])
def test_a_check_box_is_drawn_in_its_state(state):
    sheet = Sheet()
    states = Dictionary(Yes=sheet.drawing(), Off=sheet.drawing(b"0 0 1 RG 1 1 38 38 re S"))
    chosen = {"AS": Name(f"/{state}")} if state else {"V": Name.Yes}
    sheet.widget((20, 20, 60, 60), FT=Name.Btn, F=4, AP=Dictionary(N=states), **chosen)
    red = pixels(shown_by_pdfium(sheet.rebuilt()), RED)
    assert (red > 900) is (state != "Off")
    if state:
        same_in_both_viewers(sheet.bytes())


def dark(picture, box):
    """Pixels of writing in a part of a page, given in its units."""
    scale = 60 / 72
    left, low, right, high = (round(side * scale) for side in box)
    part = picture.convert("L").crop((left, picture.height - high, right, picture.height - low))
    return sum(part.histogram()[:150])


FILLED = {
    "one line": {"FT": Name.Tx, "V": String("Example Shipping"), "DA": String("/Helv 0 Tf 0 g")},
    "Chinese": {"FT": Name.Tx, "V": String("範例航運股份有限公司"), "DA": String("/Helv 12 Tf 0 g")},
    "several lines": {
        "FT": Name.Tx,
        "Ff": 1 << 12,
        "V": String("one\rtwo 二"),
        "DA": String("/Helv 8 Tf 0 g"),
    },
    "one of a list": {
        "FT": Name.Ch,
        "Ff": 1 << 17,
        "V": String("b"),
        "Opt": Array([Array([String("b"), String("基隆")])]),
        "DA": String("/Helv 12 Tf 0 g"),
    },
    "ticked": {"FT": Name.Btn, "V": Name.Yes, "AS": Name.Yes, "MK": Dictionary(CA=String("4"))},
    "a box a digit": {
        "FT": Name.Tx,
        "Ff": 1 << 24,
        "MaxLen": 8,
        "V": String("04595257"),
        "DA": String("/Helv 10 Tf 0 g"),
    },
}


@pytest.mark.parametrize("wanted", [True, False], ids=["viewer is asked", "nobody is asked"])
@pytest.mark.parametrize("kind", FILLED)
def test_what_was_filled_in_is_kept_also_where_the_file_does_not_say_how_it_looks(kind, wanted):
    sheet = Sheet()
    sheet.widget(F=4, **FILLED[kind])
    sheet.pdf.Root.AcroForm = Dictionary(NeedAppearances=wanted)
    given, kept = sheet.bytes(), sheet.rebuilt()
    written = dark(shown_by_pdfium(given), (20, 20, 180, 40))
    assert written > 10
    assert abs(dark(shown_by_pdfium(kept), (20, 20, 180, 40)) - written) <= written * 0.1


def test_a_hidden_field_without_a_look_stays_hidden():
    sheet = Sheet()
    sheet.widget(F=2, **FILLED["one line"])
    sheet.widget((20, 100, 180, 120), F=4, **FILLED["one line"])
    kept = sheet.rebuilt()
    assert dark(shown_by_pdfium(kept), (20, 20, 180, 40)) == 0
    assert dark(shown_by_pdfium(kept), (20, 100, 180, 120)) > 10


@pytest.mark.parametrize(
    ("kind", "keys"),
    [
        ("Square", {}),
        ("Ink", {"InkList": Array([Array([20, 20, 60, 60, 60, 20])])}),
        ("Line", {"L": Array([20, 20, 60, 60])}),
        ("PolyLine", {"Vertices": Array([20, 20, 60, 60, 60, 20])}),
    ],
)
def test_comments_without_a_look_are_drawn(kind, keys):
    sheet = Sheet()
    sheet.note(kind, F=4, C=Array([1, 0, 0]), BS=Dictionary(W=4), **keys)
    assert pixels(shown_by_poppler(sheet.bytes()), RED) > 40
    assert pixels(shown_by_poppler(sheet.rebuilt()), RED) > 40


# Layers


def in_layer(sheet, layer, way):
    """A red square that belongs to a layer."""
    if way == "content":
        sheet.page.Resources = Dictionary(Properties=Dictionary(MC0=layer))
        sheet.page.Contents = Stream(
            sheet.pdf,
            b"q 1 0 0 rg /OC /MC0 BDC 20 20 40 40 re f /Span BMC EMC EMC Q 0.5 g 150 150 30 30 re f",
        )
    elif way in ("form", "image"):
        drawing = sheet.drawing(OC=layer)
        if way == "image":
            drawing = Stream(
                sheet.pdf,
                b"\xff\0\0",
                Type=Name.XObject,
                Subtype=Name.Image,
                Width=1,
                Height=1,
                BitsPerComponent=8,
                ColorSpace=Name.DeviceRGB,
                OC=layer,
            )
        sheet.page.Resources = Dictionary(XObject=Dictionary(X0=drawing))
        scale = b"40 0 0 40 20 20 cm" if way == "image" else b"1 0 0 1 20 20 cm"
        sheet.page.Contents = Stream(sheet.pdf, b"q " + scale + b" /X0 Do Q 0.5 g 150 150 30 30 re f")
    elif way == "annotation":
        sheet.note(F=4, OC=layer, AP=Dictionary(N=sheet.drawing()))


@pytest.mark.parametrize("way", ["content", "form", "image", "annotation"])
@pytest.mark.parametrize("on", [True, False])
def test_a_layer_is_kept_as_it_is_switched(way, on):
    sheet = Sheet()
    in_layer(sheet, sheet.layer(on), way)
    given, kept = sheet.bytes(), sheet.rebuilt()
    assert difference(shown_by_poppler(given), shown_by_poppler(kept)) < 0.1
    assert (pixels(shown_by_pdfium(kept), RED) > 900) is on
    assert b"/OCG" not in everything(kept)


def test_words_in_a_layer_that_is_off_are_gone_from_the_file():
    sheet = Sheet()
    font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
    sheet.page.Resources = Dictionary(
        Font=Dictionary(F1=font), Properties=Dictionary(MC0=sheet.layer(False), MC1=sheet.layer(True))
    )
    sheet.page.Contents = Stream(
        sheet.pdf,
        b"BT /F1 20 Tf 20 20 Td /OC /MC0 BDC /OC /MC1 BDC (SECRET) Tj EMC [(SEC)-5(RET)] TJ (SECRET) ' EMC"
        b" /OC /MC1 BDC (PUBLIC) Tj EMC ET",
    )
    kept = sheet.rebuilt()
    assert b"SECRET" not in everything(kept)
    assert b"PUBLIC" in everything(kept)


@pytest.mark.parametrize(
    ("policy", "shown"),
    [("AllOn", False), ("AnyOn", True), ("AnyOff", True), ("AllOff", False), (None, True)],
)
def test_membership_of_several_layers_follows_its_policy(policy, shown):
    sheet = Sheet()
    given = {"P": Name(f"/{policy}")} if policy else {}
    both = Dictionary(Type=Name.OCMD, OCGs=Array([sheet.layer(True), sheet.layer(False)]), **given)
    in_layer(sheet, sheet.pdf.make_indirect(both), "content")
    assert (sheet.red()[2] > 900) is shown
    same_in_both_viewers(sheet.bytes())


@pytest.mark.parametrize(("operator", "shown"), [("And", False), ("Or", True), ("Not", False)])
def test_membership_by_an_expression_is_followed(operator, shown):
    sheet = Sheet()
    on, off = sheet.layer(True), sheet.layer(False)
    expression = Array([Name(f"/{operator}"), on] if operator == "Not" else [Name(f"/{operator}"), on, off])
    in_layer(sheet, sheet.pdf.make_indirect(Dictionary(Type=Name.OCMD, VE=expression)), "content")
    assert (sheet.red()[2] > 900) is shown


def test_layers_are_off_where_the_base_state_says_so():
    sheet = Sheet()
    on, off = sheet.layer(True), sheet.layer(True)
    config = sheet.pdf.Root.OCProperties.D
    config.BaseState, config.ON = Name.OFF, Array([on])
    in_layer(sheet, off, "content")
    in_layer(sheet, on, "annotation")
    assert sheet.red()[2] == sheet.red()[0]
    in_layer(sheet, off, "annotation")
    assert b"40 40 re" not in everything(sheet.rebuilt()).split(b"/Sheet")[0]


@pytest.mark.parametrize(("event", "shown"), [("View", False), ("Print", True)])
def test_a_layer_that_switches_itself_off_for_viewing_is_off(event, shown):
    sheet = Sheet()
    layer = sheet.layer(True, Usage=Dictionary(View=Dictionary(ViewState=Name.OFF)))
    usage = Dictionary(Event=Name(f"/{event}"), Category=Array([Name.View]), OCGs=Array([layer]))
    sheet.pdf.Root.OCProperties.D.AS = Array([usage])
    in_layer(sheet, layer, "annotation")
    assert (pixels(shown_by_poppler(sheet.rebuilt()), RED) > 900) is shown


# What acts or hides


def script(depth=0):
    found = Dictionary(S=Name.JavaScript, JS=String("EVIL-SCRIPT"))
    for _ in range(depth):
        found = Dictionary(X=Array([found]))
    return found


def arm_actions(sheet):
    for kind, key, value in (("Launch", "F", "EVIL"), ("SubmitForm", "F", "EVIL"), ("URI", "URI", "EVIL")):
        action = Dictionary(Type=Name.Wrong, S=Name(f"/{kind}"))
        action[f"/{key}"] = String(value)
        sheet.note("Link", A=action, PA=action, Border=Array([0, 0, 0]))
        sheet.page.AA = Dictionary(O=action)


def arm_page(sheet):
    sheet.page.PresSteps = Dictionary(Type=Name.NavNode, NA=script(), PA=script())
    sheet.page.PieceInfo = Dictionary(App=Dictionary(Private=String("EVIL")))
    sheet.page.Metadata = Stream(sheet.pdf, b"EVIL")
    sheet.page.Thumb = Stream(sheet.pdf, b"EVIL")
    sheet.page.B = Array([Dictionary(T=String("EVIL"))])
    sheet.page["/AF"] = Array([Dictionary(F=String("EVIL"))])


def arm_document(sheet):
    root = sheet.pdf.Root
    root.Metadata = Stream(sheet.pdf, b"EVIL")
    root.PieceInfo = Dictionary(App=String("EVIL"))
    root.OpenAction, root.URI = script(30), Dictionary(Base=String("EVIL"))
    root.Outlines = Dictionary(First=Dictionary(Title=String("EVIL"), A=script()))
    root.StructTreeRoot = Dictionary(K=Dictionary(ActualText=String("EVIL")))
    root.Names = Dictionary(JavaScript=Dictionary(Names=Array([String("EVIL"), script()])))
    root.AcroForm = Dictionary(Fields=Array([]), XFA=Stream(sheet.pdf, b"EVIL"))
    sheet.pdf.docinfo["/Author"] = "EVIL"


def arm_resources(sheet):
    drawing = sheet.drawing(
        Metadata=Stream(sheet.pdf, b"EVIL"),
        PieceInfo=Dictionary(App=String("EVIL")),
        Ref=Dictionary(F=String("EVIL")),
        OPI=Dictionary(F=String("EVIL")),
        AF=Array([Dictionary(F=String("EVIL"))]),
        Deep=script(40),
    )
    image = Stream(
        sheet.pdf,
        b"\xff\0\0",
        Type=Name.XObject,
        Subtype=Name.Image,
        Width=1,
        Height=1,
        BitsPerComponent=8,
        ColorSpace=Name.DeviceRGB,
        Alternates=Array([Dictionary(Image=Stream(sheet.pdf, b"EVIL"))]),
        Metadata=Stream(sheet.pdf, b"EVIL"),
    )
    state = Dictionary(Type=Name.ExtGState, CA=1, Evil=script(25), HT=Dictionary(HalftoneName=String("EVIL")))
    sheet.page.Resources = Dictionary(
        XObject=Dictionary(X0=drawing, I0=image), ExtGState=Dictionary(G0=state), Evil=script()
    )
    sheet.page.Contents = Stream(sheet.pdf, b"/G0 gs /X0 Do q 40 0 0 40 90 90 cm /I0 Do Q")


def arm_fields(sheet):
    drawing = sheet.drawing(Metadata=Stream(sheet.pdf, b"EVIL"))
    parent = sheet.pdf.make_indirect(
        Dictionary(T=String("EVIL"), AA=Dictionary(C=script()), TU=String("EVIL"), V=String("EVIL"))
    )
    sheet.widget(
        (20, 20, 60, 60),
        FT=Name.Tx,
        F=4,
        AP=Dictionary(N=drawing, D=sheet.drawing(b"%EVIL\n")),
        A=script(21),
        Parent=parent,
        RV=String("EVIL"),
    )


def arm_elsewhere(sheet):
    """Bytes that lie in another file."""
    sheet.page.Resources = Dictionary(
        XObject=Dictionary(
            X0=Stream(
                sheet.pdf,
                b"EVIL",
                Type=Name.XObject,
                Subtype=Name.Image,
                Width=1,
                Height=1,
                BitsPerComponent=8,
                ColorSpace=Name.DeviceGray,
                F=Dictionary(FS=Name.URL, F=String("http://EVIL.example")),
            )
        )
    )


@pytest.mark.parametrize(
    "arm",
    [arm_actions, arm_page, arm_document, arm_resources, arm_fields, arm_elsewhere],
    ids=lambda f: f.__name__,
)
def test_nothing_that_acts_or_hides_is_kept_at_any_depth(arm):
    sheet = Sheet()
    arm(sheet)
    given, kept = sheet.bytes(), sheet.rebuilt()
    assert b"EVIL" in everything(given)
    found = everything(kept)
    assert b"EVIL" not in found
    for word in (
        b"/JS",
        b"/Launch",
        b"/SubmitForm",
        b"/URI",
        b"/PresSteps",
        b"/PA",
        b"/Metadata",
        b"/PieceInfo",
        b"/AA",
    ):
        assert word not in found
    assert difference(shown_by_poppler(given), shown_by_poppler(kept)) < 0.1


def test_a_photograph_in_a_pdf_loses_what_the_camera_wrote_about_itself():
    exif = Image.Exif()
    exif[0x010E] = "EVIL-PLACE"
    output = BytesIO()
    photograph = Image.effect_noise((300, 200), 80).convert("RGB")
    photograph.save(output, "JPEG", exif=exif, comment=b"EVIL", icc_profile=b"EVIL" * 40)
    bare = without_metadata(output.getvalue() + b"EVIL")
    assert b"EVIL" not in bare
    assert difference(Image.open(BytesIO(bare)), Image.open(BytesIO(output.getvalue()))) == 0


def test_what_refers_to_itself_ends():
    sheet = Sheet()
    drawing = sheet.drawing(b"1 0 0 rg 0 0 40 40 re f /X0 Do")
    drawing.Resources = Dictionary(XObject=Dictionary(X0=drawing))
    sheet.page.Resources = Dictionary(XObject=Dictionary(X0=drawing))
    sheet.page.Contents = Stream(sheet.pdf, b"/X0 Do")
    assert pixels(shown_by_pdfium(sheet.rebuilt()), RED) > 900


def test_arrays_that_unfold_without_end_are_refused():
    sheet = Sheet()
    space = Array([Name.DeviceRGB])
    for _ in range(30):
        space = sheet.pdf.make_indirect(Array([space] * 10))
    sheet.page.Resources = Dictionary(ColorSpace=Dictionary(C0=space))
    with pytest.raises(UploadRefused, match="FILE_UNREADABLE"):
        sheet.rebuilt()
