"""Prepares this machine for one command, and becomes the launcher: the system packages that the command needs, and uv,
which makes the virtual environment and brings a Python where none fits.

Standard library only, and of an old Python too, since it runs before anything is installed: `python3 bootstrap.py run`,
`test …` become the launcher; `prepare check`, `prepare bench` only prepare.
"""

import errno
import fcntl
import importlib.util
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
VENV = PROJECT / ".venv"
TOOLS = PROJECT / ".tools"
PACKAGES = PROJECT / "infra" / "local" / "packages.txt"
OS_RELEASE = Path("/etc/os-release")
FIRST_START_MB = 3072  # environment 1.5 GB, its cache, the servers' data
LATER_MB = 1024
OLDEST_PYTHON, NEWEST_PYTHON = (3, 11), (3, 13)  # eventlet and Nameko are not ready for newer ones
OLDEST_FOR_UV = (3, 8)
RANGE = ">=3.11,<3.14"
NETWORK = "Packages come from the Internet: is this machine connected? Then run make again."
# In the path of the project these would end a line, a word or a comment in somebody's configuration file.
NOT_IN_PATHS = "\"'`$;#:\\\n"

# Without these a command runs all the same: tests that want them say so and are skipped.
OPTIONAL = {"hylafax-server"}
# The groups of pyproject.toml beyond what every command uses.
GROUPS = {"bench": ("bench",)}


class Problem(Exception):
    """A sentence that says what is wrong and what to do."""


def say(text):
    print(text, flush=True)


def main(words):
    only_prepare = words[0] == "prepare"
    command, *rest = words[1:] if only_prepare else words
    try:
        prepare(command)
    except Problem as problem:
        sys.exit(f"\n{problem}")
    except OSError as problem:
        if problem.errno == errno.ENOSPC:
            sys.exit(f"\nThe disk is full: free some space (3 GB) and run `make {command}` again.")
        raise
    except KeyboardInterrupt:
        sys.exit(130)
    if only_prepare:
        return
    python = str(VENV / "bin" / "python")
    os.chdir(PROJECT)
    os.execv(python, [python, "-m", "launcher", command, *rest])  # noqa: S606


def prepare(command):
    began = time.monotonic()
    check_path(str(PROJECT))
    with open(PROJECT / ".bootstrap.lock", "w") as lock_file:
        fcntl.flock(lock_file, fcntl.LOCK_EX)
        check_disk(command)
        install_packages(packages_for(command))
        create_environment(GROUPS.get(command, ()))
    taken = time.monotonic() - began
    if taken > 2:  # more than a look at what is there
        say(f"  ✓ {'this machine is prepared':<46} {taken:6.1f} s")


def check_path(path):
    """Before anything is installed. Spaces, percent signs and Chinese are fine."""
    found = sorted({character for character in path if character in NOT_IN_PATHS})
    if found:
        raise Problem(
            f"The portal cannot run in {path!r}: rename the folder so that its path is without {' '.join(found)!r}."
        )


def has_environment():
    return (VENV / "bin" / "python").exists()


def check_disk(command):
    needed = LATER_MB if has_environment() else FIRST_START_MB
    free = shutil.disk_usage(PROJECT).free // 1024**2
    if free < needed:
        raise Problem(
            f"Only {free} MB are free on the disk of {PROJECT}; {needed} MB are needed. "
            f"Free some space and run `make {command}` again."
        )


# System packages


def packages_for(command):
    """(package, the programs that stand for it) of those that the command needs."""
    lines = [line for line in PACKAGES.read_text().splitlines() if line and not line.startswith("#")]
    rows = [[cell.split() for cell in line.split("|")] for line in lines]
    return [(name, programs) for (name,), commands, programs in rows if command in commands]


def missing_packages(wanted):
    """The packages that neither the search path nor Debian's database know."""
    missing = [(name, signs) for name, signs in wanted if not on_this_machine(signs)]
    if not shutil.which("dpkg-query"):  # another system: of a library there is no sign
        return [name for name, signs in missing if signs]
    return [name for name, _ in missing if not is_installed(name)]


def is_installed(package):
    command = ["dpkg-query", "-W", "-f", "${db:Status-Status}\n", package]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return "installed" in done.stdout.splitlines()


def on_this_machine(programs):
    directories = ["/usr/sbin", "/usr/lib/rabbitmq/bin", "/opt/rabbitmq/sbin"]
    directories += [str(path) for path in Path("/usr/lib/postgresql").glob("*/bin")]
    search = os.pathsep.join([os.environ.get("PATH", os.defpath), *directories])
    return any(shutil.which(program, path=search) for program in programs)


def has_chromium_as_snap_only():
    """Ubuntu: nobody can drive a snap from outside, so there is no reason to install it."""
    return OS_RELEASE.exists() and "ID=ubuntu" in OS_RELEASE.read_text().replace('"', "").splitlines()


def install_packages(wanted):
    missing = missing_packages(wanted)
    if "chromium" in missing and has_chromium_as_snap_only():
        say(
            "Ubuntu has Chromium only as a snap, which tests cannot drive: the browser tests will be skipped.\n"
            "To run them install Google Chrome, or name a browser: CHROMIUM=/path/to/chrome make test"
        )
        missing.remove("chromium")
    if not missing:
        return
    names = ", ".join(missing)
    if not shutil.which("apt-get"):
        raise Problem(f"Please install, with this system's package manager: {names}. Then run make again.")
    script = [str(PROJECT / "infra" / "local" / "install-packages"), *missing]
    by_hand = f"sudo {' '.join(script)}"
    if os.geteuid() != 0:
        if not may_use_sudo():
            raise Problem(f"These system packages are missing: {names}. Install them with\n  {by_hand}")
        script = ["sudo", *script]
    say(f"Installing system packages: {names}")
    log = PROJECT / ".local" / "logs" / "packages.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w") as output:
        done = subprocess.run(script, stdout=output, stderr=subprocess.STDOUT, check=False)
    if done.returncode != 0 and OPTIONAL & set(missing):
        say(f"It goes on without {', '.join(sorted(OPTIONAL & set(missing)))}, which could not be installed.")
        install_packages([each for each in wanted if each[0] not in OPTIONAL])
    elif done.returncode != 0:
        last = "\n".join(log.read_text(errors="replace").splitlines()[-12:])
        raise Problem(f"apt-get could not install {names}:\n{last}\nTry by hand: {by_hand}")


def may_use_sudo():
    """With a terminal sudo can ask for a password; without one only when it needs none."""
    if not shutil.which("sudo"):
        return False
    command = ["sudo", "-n", "true"]
    return sys.stdin.isatty() or subprocess.run(command, capture_output=True, check=False).returncode == 0


# The virtual environment


def create_environment(groups=()):
    """The portal's environment with these groups; what another command has put into it stays. uv looks in a tenth of a
    second, and without the network, whether there is anything to do."""
    if not has_environment():
        say("Creating the Python environment (the first time: one to three minutes)")
    fits = OLDEST_PYTHON <= sys.version_info[:2] <= NEWEST_PYTHON
    python = sys.executable if fits else RANGE  # uv finds another one on this machine, or downloads it
    command = [uv_program(), "sync", "--frozen", "--inexact", "--quiet", "--python", python]
    command += [f"--group={group}" for group in groups]
    environment = {"UV_PROJECT_ENVIRONMENT": str(VENV), "UV_PYTHON_INSTALL_DIR": str(TOOLS / "python")}
    done = subprocess.run(
        command, cwd=PROJECT, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    if done.returncode == 0:
        return
    if "No space left" in done.stderr:
        raise OSError(errno.ENOSPC, "no space left")
    sentence = f"uv could not create the environment:\n{done.stderr.strip()[-2000:]}\n{NETWORK}"
    if not fits:
        sentence += (
            f"\nThe portal runs on Python 3.11, 3.12 or 3.13; this is {sys.version.split()[0]}. Where no other is on "
            "this machine, connect it to the Internet and run make again, or bring one and name it: "
            "make run PYTHON=/path/to/python3.13"
        )
    raise Problem(sentence)


def uv_program():
    """uv: this machine's, else our own in .tools; Debian's Python needs python3-venv for that."""
    own = TOOLS / "uv" / "bin" / "uv"
    found = shutil.which("uv") or (str(own) if own.exists() else None)
    if found:
        return found
    if sys.version_info[:2] < OLDEST_FOR_UV:
        raise Problem(
            "The portal needs Python 3.11, 3.12 or 3.13, or at least 3.8 to fetch one; this is "
            f"{sys.version.split()[0]}. Install a newer one and name it: make run PYTHON=/path/to/python3.13"
        )
    if not importlib.util.find_spec("ensurepip"):
        install_packages((("python3-venv", ()),))
    say("Installing uv into .tools")
    for command in (
        [sys.executable, "-m", "venv", str(TOOLS / "uv")],
        [str(TOOLS / "uv" / "bin" / "python"), "-m", "pip", "install", "--quiet", "uv>=0.5"],
    ):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            said = (done.stdout + done.stderr).strip()[-2000:]
            raise Problem(f"uv could not be installed:\n{said}\n{NETWORK}")
    return str(own)


if __name__ == "__main__":
    main(sys.argv[1:] or ["run"])
