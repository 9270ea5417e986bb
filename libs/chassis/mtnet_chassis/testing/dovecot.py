"""Debian's Dovecot on a port of its own, with an empty mailbox for each test."""

import imaplib
import os
import pwd
import shutil
import socket
import ssl
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import quote
from uuid import uuid4

import pytest

from mtnet_chassis.testing.certificates import make_certificate

PASSWORD = "pass@word/1"
PROGRAM = shutil.which("dovecot", path=os.environ.get("PATH", os.defpath) + os.pathsep + "/usr/sbin")

SETTINGS = """
protocols = imap
listen = 127.0.0.1
base_dir = {home}/run
state_dir = {home}/state
log_path = {home}/dovecot.log
default_internal_user = {internal}
default_internal_group = {group}
default_login_user = {login}
disable_plaintext_auth = no
ssl = yes
ssl_cert = <{home}/certificate.pem
ssl_key = <{home}/key.pem
mail_location = maildir:{home}/mail/%u
first_valid_uid = 1
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={home}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
auth_failure_delay = 0
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
{more}
"""


class Dovecot:
    """`url` for notify; `put` and `mails` are the postman and whoever looks."""

    def __init__(self, home: Path, certificate: Sequence[Path]) -> None:
        self.home = home
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.user = "bounces"
        user = pwd.getpwnam("dovecot") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
        login = "dovenull" if os.geteuid() == 0 else user.pw_name
        group = subprocess.run(
            ["id", "-gn", user.pw_name], capture_output=True, text=True, check=True
        ).stdout.strip()
        for file, source in zip(("certificate.pem", "key.pem"), certificate, strict=True):
            shutil.copy(source, home / file)
        (home / "mail").mkdir()
        for path in (home, home / "mail"):
            path.chmod(0o755)
            os.chown(path, user.pw_uid, user.pw_gid)
        self._settings = {
            "home": home, "internal": user.pw_name, "group": group, "login": login, "password": PASSWORD,
            "uid": user.pw_uid, "gid": user.pw_gid, "port": self.port,
        }  # fmt: skip
        self.more = ""
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"imap://{self.user}:{quote(PASSWORD, safe='')}@127.0.0.1:{self.port}?starttls=1"

    def start(self) -> None:
        (self.home / "dovecot.conf").write_text(SETTINGS.format(**self._settings, more=self.more))
        self.process = subprocess.Popen([str(PROGRAM), "-F", "-c", str(self.home / "dovecot.conf")])
        until = time.monotonic() + 30
        while time.monotonic() < until:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                time.sleep(0.05)
        raise AssertionError((self.home / "dovecot.log").read_text())

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(20)
            self.process = None

    def session(self) -> imaplib.IMAP4:
        session = imaplib.IMAP4("127.0.0.1", self.port, timeout=10)
        insecure = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        insecure.check_hostname, insecure.verify_mode = False, ssl.CERT_NONE
        session.starttls(insecure)
        session.login(self.user, PASSWORD)
        return session

    def put(self, *contents: bytes, folder: str = "INBOX") -> None:
        with self.session() as session:
            session.create(f'"{folder}"')
            for content in contents:
                assert (
                    session.append(f'"{folder}"', "", imaplib.Time2Internaldate(time.time()), content)[0]
                    == "OK"
                )

    def mails(self, folder: str = "INBOX", which: str = "ALL") -> int:
        """How many mails are in a folder."""
        with self.session() as session:
            if session.select(f'"{folder}"', readonly=True)[0] != "OK":
                return 0
            return len(session.search(None, which)[1][0].split())


@pytest.fixture(scope="module")
def dovecot_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dovecot]:
    if PROGRAM is None:
        pytest.skip("Dovecot is not installed: `make test` installs it (Debian's dovecot-imapd)")
    home = Path(tempfile.mkdtemp(prefix="mtnet-dovecot-"))
    server = Dovecot(home, make_certificate(tmp_path_factory.mktemp("certificate")))
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def dovecot(dovecot_server: Dovecot, monkeypatch: pytest.MonkeyPatch) -> Dovecot:
    """The server, with an empty mailbox."""
    monkeypatch.setenv("SSL_CERT_FILE", str(dovecot_server.home / "certificate.pem"))
    dovecot_server.user = uuid4().hex
    return dovecot_server
