"""Encodes an uploaded picture anew, as a viewer shows it: upright, on white paper, in sRGB, with 8 bits a colour."""

from __future__ import annotations

from io import BytesIO

from mtnet_contracts.vocabulary.limits import LARGEST_FILE_BYTES
from PIL import Image, ImageChops, ImageCms, ImageOps, UnidentifiedImageError

from accounts.documents.rules import UploadRefused

# A JPEG is unfolded at half, a quarter or an eighth of its size, so a telephone's 108 megapixels fit into memory; a PNG
# has to be unfolded whole.
MOST_PIXELS = {"JPEG": 120_000_000, "PNG": 40_000_000}
# What is kept of a picture: a sheet of A4 at 300 dots per inch. Cameras give five times that; encoding it takes long.
KEPT_PIXELS = 2480 * 3508
JPEG_SIGNATURE = b"\xff\xd8\xff"
PAPER = "white"

Image.MAX_IMAGE_PIXELS = None  # our own limit is applied before a pixel is decoded


def rebuilt_picture(content: bytes) -> tuple[Image.Image, bytes, str]:
    """The picture, encoded anew without metadata, and its type. Raises UploadRefused.

    The type is that of the signature: a telephone's JPEG may carry a second picture, which Pillow calls MPO. A PNG
    that would not fit as one, a photograph of many colours, becomes a JPEG.
    """
    kind = "JPEG" if content.startswith(JPEG_SIGNATURE) else "PNG"
    try:
        with Image.open(BytesIO(content), formats=("JPEG", "PNG")) as given:
            if given.width * given.height > MOST_PIXELS[kind]:
                raise UploadRefused("FILE_TOO_MANY_PIXELS")
            given.draft(None, kept_size(given))
            given.load()
            ImageOps.exif_transpose(given, in_place=True)
            plain = on_paper(given)
            if plain.size != kept_size(plain):
                plain = plain.resize(kept_size(plain), reducing_gap=2.0)
            plain = in_srgb(plain, given.info.get("icc_profile"))
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError) as problem:
        raise UploadRefused("FILE_UNREADABLE") from problem
    plain.info.clear()  # Pillow would write comments and profiles into the new file
    encoded, media_type = encoded_as(plain, kind)
    return plain, encoded, media_type


def on_paper(given: Image.Image) -> Image.Image:
    """In 8 bits a colour (L, RGB or CMYK), with white paper under what is transparent."""
    seen_through = given.info.get("transparency")
    if given.mode in ("I", "I;16", "I;16B", "I;16L", "I;16N"):
        grey = eight_bits(given)
        if isinstance(seen_through, int):
            grey.paste(255, mask=exactly(given, seen_through))
        return grey
    if isinstance(seen_through, tuple) and max(seen_through) > 255:
        # A PNG of 16 bits a colour: Pillow keeps the upper eight of each, so these are compared.
        given.info["transparency"] = tuple(part >> 8 for part in seen_through)
    if "A" in given.getbands() or "a" in given.getbands() or seen_through is not None:
        paper = Image.new("RGBA", given.size, PAPER)
        paper.alpha_composite(given.convert("RGBA"))
        return paper.convert("L" if given.mode in ("LA", "La", "L", "1") else "RGB")
    if given.mode in ("1", "L"):
        return given.convert("L")
    return given.copy() if given.mode == "CMYK" else given.convert("RGB")


def eight_bits(given: Image.Image) -> Image.Image:
    """65,535 shades of grey as 255: Pillow's own conversion calls everything above 255 white."""
    return given.convert("I").point(lambda shade: shade * (1 / 257) + 0.5).convert("L")


def exactly(given: Image.Image, shade: int) -> Image.Image:
    """A mask of the pixels of one shade out of 65,536."""
    wide = given.convert("I")
    brighter = wide.point(lambda value: value * 1 - shade).convert("L")
    darker = wide.point(lambda value: value * -1 + shade).convert("L")
    return ImageChops.add(brighter, darker).point(lambda difference: 0 if difference else 255)


def in_srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """L or RGB by the colour profile of the file; one that cannot be used counts for nothing."""
    kept = "L" if picture.mode == "L" else "RGB"
    if profile:
        try:
            source = ImageCms.ImageCmsProfile(BytesIO(profile))
            target = ImageCms.createProfile("sRGB")
            converted = ImageCms.profileToProfile(picture, source, target, outputMode="RGB")
            return (converted or picture).convert(kept)
        except (ImageCms.PyCMSError, OSError, ValueError):
            pass
    return picture.convert(kept)


def kept_size(picture: Image.Image) -> tuple[int, int]:
    """Width and height as they will be kept, upright or not."""
    share = min(1.0, (KEPT_PIXELS / (picture.width * picture.height)) ** 0.5)
    return max(1, int(picture.width * share)), max(1, int(picture.height * share))


def encoded_as(picture: Image.Image, kind: str) -> tuple[bytes, str]:
    output = BytesIO()
    picture.save(output, kind, quality=90)
    if kind == "PNG" and output.tell() > LARGEST_FILE_BYTES:
        return encoded_as(picture, "JPEG")
    return output.getvalue(), f"image/{kind.lower()}"
