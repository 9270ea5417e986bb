"""The launcher's commands; the Makefile calls them."""

import errno
import os
import sys
from collections.abc import Callable

from launcher import compose, run, status, testing
from launcher.portal import Portal
from launcher.problem import Problem
from launcher.supervisor import inherited_environment
from launcher.workspace import BIN, Workspace, local_workspace

# Each takes the workspace and the words behind its name, and returns the exit code.
COMMANDS: dict[str, Callable[..., int]] = {
    "run": run.run,
    "stop": run.stop,
    "ps": status.show_processes,
    "restart": status.restart,
    "logs": status.follow_logs,
    "exec": lambda workspace, process, *words: execute(workspace, process, *without_dashes(words)),
    "test": lambda workspace, *words: testing.run_tests(without_dashes(words)),
    "compose-env": compose.write_compose_environment,
    "provision": compose.provision_containers,
}


def without_dashes(words: tuple[str, ...]) -> list[str]:
    return list(words[1:] if words[:1] == ("--",) else words)


def execute(workspace: Workspace, process: str, *words: str) -> int:
    """Becomes the command, with the environment of the process; `operator` for the broker's operator."""
    environment = inherited_environment() | Portal(workspace).environments.of(process)
    own = BIN / words[0]
    program = str(own) if own.exists() else words[0]
    os.execvpe(program, [program, *words[1:]], environment)  # noqa: S606


def main(command: str = "", *words: str) -> int:
    if command not in COMMANDS:
        print(f"python -m launcher COMMAND …: one of {', '.join(COMMANDS)}.", file=sys.stderr)
        return 2
    try:
        return COMMANDS[command](local_workspace(), *words)
    except Problem as problem:
        print(f"\n{problem}", file=sys.stderr)
    except OSError as problem:
        if problem.errno != errno.ENOSPC:
            raise
        print(f"\nThe disk is full: free some space and run `make {command}` again.", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
