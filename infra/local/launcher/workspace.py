"""Where one running portal keeps its state, and the ports it listens on."""

import json
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True)
class Workspace:
    """`state` holds everything that one portal writes: servers' data, files, logs, secrets, stamps."""

    state: Path
    project: Path = PROJECT

    @property
    def logs(self) -> Path:
        return self.state / "logs"

    @property
    def files(self) -> Path:
        return self.state / "files"

    def create(self) -> None:
        for directory in (self.state, self.logs, self.files):
            directory.mkdir(parents=True, exist_ok=True)

    def log_of(self, process: str) -> Path:
        return self.logs / f"{process}.log"


def local_workspace() -> Workspace:
    return Workspace(PROJECT / ".local")


class Stamps:
    """Which set-up steps are done, and for which content of their sources."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def _read(self) -> dict[str, str]:
        try:
            return dict(json.loads(self._file.read_text()))
        except (FileNotFoundError, ValueError):
            return {}

    def is_done(self, step: str, content: str) -> bool:
        return self._read().get(step) == content

    def done(self, step: str, content: str) -> None:
        self._file.write_text(json.dumps({**self._read(), step: content}, indent=2) + "\n")
