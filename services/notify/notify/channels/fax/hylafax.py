"""A HylaFAX server: its client protocol, which is FTP with commands for jobs (hfaxd(8), port 4559)."""

import ftplib
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit
from uuid import UUID

from PIL.Image import Image

from notify.channels.fax.pages import as_tiff
from notify.channels.fax.rules import Job, job_receipt
from notify.channels.rules import Failure, Outage, Receipt, Refusal

PORT = 4559
TIMEOUT_SECONDS = 30
# Number, state, pages sent, our tag, what was said last. The tag is a delivery's id.
JOB_LINES = "%j|%a|%p|%J|%s"
JOB_LINE = re.compile(
    r" *(?P<number>\d+)\|(?P<state>[A-Z?])\| *(?P<pages>\d+)\|(?P<tag>[^|]*)\|(?P<status>.*)"
)
SUBMITTED = re.compile(r"[Jj]ob (\d+)")
STORED = re.compile(r"FILE: (\S+?)[).]*(?: |$|\))")
# A line that is busy is for our own schedule, which knows office hours; a job that never gets a modem ends after 3 h.
ONE_TRY = ("LASTTIME 000300", "MAXDIALS 1", "MAXTRIES 1", 'NOTIFY "none"', 'PAGECHOP "none"', "VRES 196")
SIZE = ("PAGEWIDTH 209", "PAGELENGTH 296")


@dataclass
class HylaFax:
    """`hylafax://user:password@host:4559`. `dialled` writes a number as the server's telephone line dials it."""

    url: str
    dialled: Callable[[str], str]

    def send(self, delivery_id: UUID, number: str, subject: str, pages: Sequence[Image]) -> tuple[str, str]:
        """Returns the server's answer and the number of the job.

        A job of this delivery that is still on its way, or was done, is not submitted again: its sender died before
        that was recorded. Raises Refusal, Outage.
        """
        with self._session() as server:
            server.voidcmd(f'JOBFMT "{JOB_LINES}"')
            for job in _jobs(server, "sendq") + _jobs(server, "doneq"):
                if job.tag == str(delivery_id) and not job.has_failed:
                    return "submitted before", job.number
            server.voidcmd("TYPE I")
            server.voidcmd("FORM TIFF")
            stored = _stored(server, as_tiff(pages))
            server.voidcmd("JNEW")
            for parameter in (
                *ONE_TRY,
                *SIZE,
                'FROMUSER "mtnet"',
                f'JOBINFO "{delivery_id}"',
                "SENDTIME NOW",
            ):
                server.voidcmd(f"JPARM {parameter}")
            try:
                server.voidcmd(f'JPARM DIALSTRING "{self.dialled(number)}"')
            except ftplib.error_perm as refused:
                raise Refusal(Failure.RECIPIENT_REFUSED, str(refused)[:3]) from refused
            server.voidcmd(f"JPARM DOCUMENT {stored}")
            answer = server.voidcmd("JSUBM")
        found = SUBMITTED.search(answer)
        if found is None:
            raise Outage("no job number")
        return answer[:3], found[1]

    def receipts(self, numbers: Sequence[str]) -> list[Receipt]:
        """Of those jobs that have ended. Raises Outage."""
        wanted = set(numbers)
        with self._session() as server:
            server.voidcmd(f'JOBFMT "{JOB_LINES}"')
            jobs = [job for job in _jobs(server, "doneq") if job.number in wanted]
        return [receipt for job in jobs if (receipt := job_receipt(job)) is not None]

    def close(self) -> None:
        """Nothing is kept open: a fax takes minutes, its job a moment."""

    @contextmanager
    def _session(self) -> Iterator[ftplib.FTP]:
        parts = urlsplit(self.url)
        server = ftplib.FTP(timeout=TIMEOUT_SECONDS)  # noqa: S321 - the server stands beside us, inside the house
        try:
            server.connect(parts.hostname or "localhost", parts.port or PORT)
            server.login(unquote(parts.username or "mtnet"), unquote(parts.password or ""))
            server.voidcmd("TZONE GMT")
            yield server
        # The code alone: words name numbers and files.
        except ftplib.Error as refused:
            raise Outage(str(refused)[:3]) from refused
        except (OSError, EOFError) as gone:
            raise Outage(type(gone).__name__) from gone
        finally:
            try:
                server.quit()
            except (ftplib.Error, OSError, EOFError, AttributeError):
                server.close()


def _stored(server: ftplib.FTP, content: bytes) -> str:
    """Hand over a document. Returns the name that the server gives it."""
    answers: list[str] = []
    connection, _ = server.ntransfercmd("STOT")
    with connection:
        for start in range(0, len(content), 1 << 16):
            connection.sendall(content[start : start + (1 << 16)])
    answers.append(server.voidresp())
    found = STORED.search(answers[0])
    if found is None:
        raise Outage("no name of the document")
    return found[1]


def _jobs(server: ftplib.FTP, queue: str) -> list[Job]:
    lines: list[str] = []
    server.retrlines(f"LIST {queue}", lines.append)
    found = (JOB_LINE.fullmatch(line) for line in lines)
    return [
        Job(each["number"], each["state"], int(each["pages"]), each["tag"].strip(), each["status"].strip())
        for each in found
        if each
    ]
