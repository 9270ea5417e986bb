"""The launcher's commands; the Makefile calls them."""

import argparse
import os
import sys

from launcher import compose, run, status, testing
from launcher.portal import Portal
from launcher.problem import Problem
from launcher.supervisor import inherited_environment
from launcher.workspace import BIN, local_workspace


def arguments(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="launcher", description="Runs the portal on this machine.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("run", help="start everything and stay until Ctrl-C")
    commands.add_parser("stop", help="stop everything; the data stay")
    commands.add_parser("ps", help="list the processes with memory and processor use")
    commands.add_parser("restart", help="stop one process and start it again").add_argument("process")
    logs = commands.add_parser("logs", help="follow one log, or all")
    logs.add_argument("process", nargs="?", default="")
    execute = commands.add_parser("exec", help="a command with the environment of a process or `operator`")
    execute.add_argument("process")
    execute.add_argument("words", nargs=argparse.REMAINDER)
    test = commands.add_parser("test", help="run the tests with servers of their own")
    test.add_argument("words", nargs=argparse.REMAINDER)
    commands.add_parser("compose-env", help="write the environment files of docker-compose.yml")
    commands.add_parser("provision", help="create databases, broker users, topology (in the containers)")
    asked = parser.parse_args(words)
    if getattr(asked, "words", [])[:1] == ["--"]:
        del asked.words[0]
    return asked


def execute(process: str, words: list[str]) -> int:
    """Becomes the command, with what the process would be told; `operator` for the broker's operator."""
    environment = inherited_environment() | Portal(local_workspace()).environments.of(process)
    own = BIN / words[0]
    program = str(own) if own.exists() else words[0]
    os.execvpe(program, [program, *words[1:]], environment)  # noqa: S606


def main(words: list[str] | None = None) -> int:
    asked = arguments(sys.argv[1:] if words is None else words)
    workspace = local_workspace()
    try:
        match asked.command:
            case "run":
                return run.run(workspace)
            case "stop":
                return run.stop(workspace)
            case "ps":
                return status.show_processes(workspace)
            case "logs":
                return status.follow_logs(workspace, asked.process)
            case "restart":
                return status.restart(workspace, asked.process)
            case "exec":
                return execute(asked.process, asked.words)
            case "test":
                return testing.run_tests(asked.words)
            case "compose-env":
                return compose.write_compose_environment(workspace)
            case _:
                return compose.provision_containers()
    except Problem as problem:
        print(f"\n{problem}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
