"""What a file that is not taken is refused with, and the clock that empties the store of what is gone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from mtnet_chassis.data.database import Tx
from mtnet_chassis.data.files import Files
from mtnet_chassis.rpc.endpoint import Refused
from mtnet_chassis.runtime.timers import timer_once

from helpdesk.kept_files import actions
from helpdesk.kept_files.rules import (
    FileInfected,
    FileNotTaken,
    FilesEnough,
    FilesGone,
    KindNotTaken,
    UploadEmpty,
    UploadMissing,
    UploadTooLarge,
)
from helpdesk.settings import settings


def naming_the_file(code: str) -> Callable[[FileNotTaken], Refused]:
    return lambda refused: Refused(code, detail={"filename": refused.filename})


class KeptFileEndpoints:
    """The calls that keep files are those of the topics whose answers they go into."""

    refusals: ClassVar[dict[type[Exception], Any]] = {
        UploadMissing: naming_the_file("FILE_MISSING"),
        UploadEmpty: naming_the_file("FILE_EMPTY"),
        UploadTooLarge: naming_the_file("FILE_TOO_LARGE"),
        KindNotTaken: naming_the_file("FILE_KIND"),
        FileInfected: naming_the_file("FILE_INFECTED"),
        FilesEnough: "FILES_ENOUGH",
        FilesGone: "FILES_GONE",
    }

    @timer_once(60, variable="HELPDESK_DELETE_SECONDS")
    def delete_files_of_gone_rows(self, tx: Tx) -> None:
        """Files of tickets that are forgotten, and what was kept and never sent."""
        actions.delete_files_of_gone_rows(tx, Files(settings().files_url))
