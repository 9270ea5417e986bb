"""As much of IMAP (RFC 3501, and IDLE of RFC 2177) as it takes to read a mailbox, with any password.

Whoever logs in as a user with a mailbox of their own reads that; everybody else what came back.
"""

import asyncio
import re
import shlex
from collections.abc import Mapping
from contextlib import suppress
from datetime import date, datetime

from sandbox.returned.mailbox import Mailbox, Returned

CAPABILITIES = "IMAP4rev1 IDLE"
LONGEST_LINE = 8_192


class Session:
    """One connection."""

    def __init__(
        self,
        returned: Mailbox,
        own: Mapping[str, Mailbox],
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        self._mailbox, self._own, self._reader, self._writer = returned, own, reader, writer
        self._user = ""
        self._folder = ""
        self._told = 0

    async def run(self) -> None:
        self._say(f"* OK [CAPABILITY {CAPABILITIES}] MTNet sandbox")
        with suppress(ConnectionError, asyncio.IncompleteReadError, ValueError):
            while line := (await self._reader.readline()).decode("utf-8", "replace").strip():
                tag, _, rest = line.partition(" ")
                command, _, arguments = rest.partition(" ")
                if not await self._answer(tag, command.upper(), arguments):
                    break
                await self._writer.drain()
        self._writer.close()

    async def _answer(self, tag: str, command: str, arguments: str) -> bool:
        """False at the end of the session."""
        match command:
            case "CAPABILITY":
                self._say(f"* CAPABILITY {CAPABILITIES}")
            case "LOGIN":
                self._user = shlex.split(arguments)[0]
                self._mailbox = self._own.get(self._user, self._mailbox)
            case "LOGOUT":
                self._say("* BYE", f"{tag} OK bye")
                return False
            case _ if not self._user:
                self._say(f"{tag} NO log in first")
                return True
            case "SELECT":
                return self._select(tag, shlex.split(arguments)[0])
            case "CREATE":
                self._mailbox.folders.add(shlex.split(arguments)[0])
            case "NOOP":
                self._tell()
            case "EXPUNGE":
                self._say(*(f"* {place} EXPUNGE" for place in self._mailbox.remove_deleted(self._folder)))
                self._told = len(self._mails())
            case "IDLE":
                await self._idle(tag)
                return True
            case "UID":
                return self._by_uid(tag, arguments)
            case _:
                self._say(f"{tag} BAD no such command")
                return True
        self._say(f"{tag} OK {command} done")
        return True

    def _mails(self) -> list[Returned]:
        return self._mailbox.of(self._folder)

    def _say(self, *lines: str) -> None:
        self._writer.writelines(f"{line}\r\n".encode() for line in lines)

    def _tell(self) -> None:
        """How many mails there are, if that is new."""
        if (count := len(self._mails())) != self._told:
            self._told = count
            self._say(f"* {count} EXISTS")

    def _select(self, tag: str, folder: str) -> bool:
        if folder not in self._mailbox.folders:
            self._say(f"{tag} NO no such folder")
            return True
        self._folder, self._told = folder, -1
        self._say("* FLAGS (\\Seen \\Deleted)", "* OK [UIDVALIDITY 1] always")
        self._tell()
        self._say(f"{tag} OK [READ-WRITE] selected")
        return True

    async def _idle(self, tag: str) -> None:
        self._say("+ idling")
        self._tell()
        await self._writer.drain()
        done = asyncio.ensure_future(self._reader.readline())
        while not done.done():
            changed = asyncio.ensure_future(self._mailbox.changed.wait())
            await asyncio.wait({done, changed}, return_when=asyncio.FIRST_COMPLETED)
            changed.cancel()
            self._tell()
            await self._writer.drain()
        self._say(f"{tag} OK idle no more")

    def _by_uid(self, tag: str, arguments: str) -> bool:
        command, _, rest = arguments.partition(" ")
        command = command.upper()
        if command == "SEARCH":
            found = [str(mail.uid) for mail in self._mails() if _fits(mail, rest.upper().split())]
            self._say(" ".join(["* SEARCH", *found]))
        else:
            uids, _, what = rest.partition(" ")
            for place, mail in enumerate(self._mails(), start=1):
                if str(mail.uid) in uids.split(","):
                    self._do(command, place, mail, what)
        self._say(f"{tag} OK UID {command} done")
        return True

    def _do(self, command: str, place: int, mail: Returned, what: str) -> None:
        if command == "STORE":
            mail.flags |= set(re.findall(r"\\\w+", what))
        elif command == "COPY":
            self._mailbox.put(mail.content, shlex.split(what)[0])
        elif command == "FETCH":
            most = re.search(r"<0\.(\d+)>", what)
            content = mail.content[: int(most[1])] if most else mail.content
            self._writer.write(
                f"* {place} FETCH (UID {mail.uid} BODY[]<0> {{{len(content)}}}\r\n".encode()
                + content
                + b")\r\n"
            )


def _fits(mail: Returned, words: list[str]) -> bool:
    seen, deleted = "\\Seen" in mail.flags, "\\Deleted" in mail.flags
    fits = {"UNSEEN": not seen, "SEEN": seen, "UNDELETED": not deleted, "DELETED": deleted, "ALL": True}
    for place, word in enumerate(words):
        if word == "BEFORE":
            if mail.came_on >= _day(words[place + 1]):
                return False
        elif not fits.get(word, True):
            return False
    return True


def _day(text: str) -> date:
    return datetime.strptime(text.title(), "%d-%b-%Y").date()


async def serve_imap(returned: Mailbox, own: Mapping[str, Mailbox], host: str, port: int) -> asyncio.Server:
    """Listens at once; raises OSError when the port is taken."""

    async def session(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await Session(returned, own, reader, writer).run()

    return await asyncio.start_server(session, host, port, limit=LONGEST_LINE)
