"""Which files may go with an answer, and how much of them one caller may bring."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4, uuid5

# What is kept and not sent by then is forgotten; and what one caller brings to one ticket in that time is bounded.
KEPT_FOR = timedelta(days=1)
MOST_FILES_A_DAY = 50
MOST_BYTES_A_DAY = 200 * 1024 * 1024
# Somebody waits: what nobody has looked at by then is looked at later, and opens then.
SCAN_SECONDS_TOGETHER = 5.0


class FileNotTaken(Exception):
    """A file that no answer may have. `filename` as it was given."""

    def __init__(self, filename: str) -> None:
        super().__init__(type(self).__name__)
        self.filename = filename


class UploadMissing(FileNotTaken):
    """Its bytes are not there: they are put once more."""


class UploadEmpty(FileNotTaken):
    """It has no bytes."""


class UploadTooLarge(FileNotTaken):
    """It is larger than LARGEST_FILE_BYTES."""


class KindNotTaken(FileNotTaken):
    """Of its kind the desk opens nothing, so it sends nothing of it either."""


class FileInfected(FileNotTaken):
    """A virus was found in it."""


class FilesEnough(Exception):
    """More than MOST_FILES_A_DAY or MOST_BYTES_A_DAY of one caller in one ticket."""


class FilesGone(Exception):
    """A file of an answer is not kept (any more), is somebody else's, or was sent already."""


@dataclass(frozen=True)
class Uploaded:
    """What the gateway put: where its bytes are, its name, and their fingerprint in hex."""

    upload_key: str
    filename: str
    sha256: str


def file_id_of(kept_by: str, ticket_id: UUID, form_key: str | None, upload: Uploaded) -> UUID:
    """The same for the same file of one form, however often it is sent; else a new one."""
    if form_key is None:
        return uuid4()
    return uuid5(ticket_id, f"{kept_by}\n{form_key}\n{upload.sha256}\n{upload.filename}")


def require_room(before: tuple[int, int], sizes: Sequence[int]) -> None:
    """`before`: files and bytes of this caller in this ticket within KEPT_FOR. Raises FilesEnough."""
    files, size = before
    if files + len(sizes) > MOST_FILES_A_DAY or size + sum(sizes) > MOST_BYTES_A_DAY:
        raise FilesEnough
