"""Which Unix account runs a server, and where that account can keep its files."""

import hashlib
import os
import pwd
import re
import secrets
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from launcher.problem import Problem
from launcher.workspace import write_private

FALLBACK_ROOT = Path("/var/lib/mtnet-portal")
# Erlang's and RabbitMQ's start scripts take other characters of a path apart, spaces above all.
PLAIN_PATH = re.compile(r"[A-Za-z0-9/._+=@,-]+")


@dataclass(frozen=True)
class Account:
    """The unprivileged account of one server; `switch` is false when we already are that account."""

    name: str
    uid: int
    gid: int
    switch: bool

    def run(self, *command: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
        """Runs a command to its end as this account, without root's rights and with this environment alone."""
        return subprocess.run(
            command,
            cwd="/",
            env={"PATH": os.environ.get("PATH", os.defpath), **environment},
            capture_output=True,
            text=True,
            check=False,
            user=self.uid if self.switch else None,
            group=self.gid if self.switch else None,
            extra_groups=[] if self.switch else None,
        )

    def own(self, path: Path) -> None:
        if self.switch:
            os.chown(path, self.uid, self.gid)

    def make_directory(self, path: Path) -> None:
        """Private to this account."""
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.own(path)

    def write(self, path: Path, text: str) -> None:
        """Writes a file that this account owns and nobody else can read."""
        write_private(path, text)
        self.own(path)

    def can_enter(self, path: Path) -> bool:
        return self.run("/usr/bin/test", "-x", path).returncode == 0


def server_account(preferred: str) -> Account:
    """The account for a server: us, or when we are root `preferred`, or nobody where that does not exist."""
    name = pwd.getpwuid(os.geteuid()).pw_name
    if os.geteuid() == 0:
        name = preferred if preferred in {user.pw_name for user in pwd.getpwall()} else "nobody"
    found = pwd.getpwnam(name)
    return Account(name, found.pw_uid, found.pw_gid, switch=os.geteuid() == 0)


def home_for(account: Account, directory: Path) -> Path:
    """The directory for a server's own files: `directory`, or where the server cannot work there (a clone under
    /root, a path with a space), one elsewhere with a name made from the path, linked as `elsewhere`.

    Raises Problem when there is no such directory.
    """
    directory.mkdir(parents=True, exist_ok=True)
    if PLAIN_PATH.fullmatch(str(directory)) and account.can_enter(directory):
        return directory
    digest = hashlib.sha256(str(directory.resolve()).encode()).hexdigest()[:12]
    home = fallback_root(account) / f"{directory.name}-{digest}"
    link = directory / "elsewhere"
    try:
        if home.exists() and not link.is_symlink():
            shutil.rmtree(home)  # its directory was deleted, and with it the password to what is in here
        home.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise Problem(
            f"The servers cannot work in {directory}, and {home} cannot be made ({problem.strerror}). Move the "
            f"project to a directory with a plain name that {account.name} may enter, for example under /srv."
        ) from problem
    for path in (home.parent, home):
        path.chmod(0o711)
    if not link.is_symlink():
        link.symlink_to(home)
    return home


def fallback_root(account: Account) -> Path:
    """Where servers' files go that cannot lie beside the project's. Raises Problem."""
    if account.switch:
        return FALLBACK_ROOT
    base = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    root = Path(base) / "mtnet-portal"
    if not PLAIN_PATH.fullmatch(str(root)):
        raise Problem(
            f"RabbitMQ cannot work in a path such as {root}: set XDG_DATA_HOME to a directory with a plain name."
        )
    return root


def remembered_secret(file: Path) -> str:
    """A password made once and readable for the caller alone."""
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(secrets.token_urlsafe(24))
    return file.read_text()
