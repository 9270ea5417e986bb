"""The launcher's commands; the Makefile calls them."""

import argparse
import os
import sys

from launcher import run, status, testing
from launcher.compose import write_compose_environment
from launcher.portal import Portal, PortalProblem
from launcher.provision import provision
from launcher.public_address import AddressProblem
from launcher.servers import ServerProblem
from launcher.supervisor import BIN
from launcher.workspace import local_workspace


def arguments(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="launcher", description="Runs the portal on this machine.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("run", help="start everything and stay until Ctrl-C")
    commands.add_parser("stop", help="stop everything; the data stay")
    commands.add_parser("ps", help="list the processes with memory and processor use")
    for name, text in (
        ("restart", "stop one process and start it again"),
        ("logs", "follow one log, or all"),
    ):
        command = commands.add_parser(name, help=text)
        command.add_argument("process", nargs="?" if name == "logs" else None, default="")
    execute = commands.add_parser(
        "exec", help="run a command with the environment of one process or `operator`"
    )
    execute.add_argument("process")
    execute.add_argument("words", nargs=argparse.REMAINDER)
    test = commands.add_parser("test", help="run the tests with servers of their own")
    test.add_argument("words", nargs=argparse.REMAINDER)
    commands.add_parser("compose-env", help="write the environment files of docker-compose.yml")
    commands.add_parser("provision", help="create databases, broker users, topology (in the containers)")
    return parser.parse_args(words)


def restart(name: str) -> int:
    portal = Portal(local_workspace())
    if not portal.runs():
        print("The portal does not run. Start it with `make run`.", file=sys.stderr)
        return 1
    known = sorted(state["name"] for state in portal.supervisor.states())
    if name not in known:
        print(f"There is no process {name}. Processes: {', '.join(known)}.", file=sys.stderr)
        return 1
    portal.restart(name)
    print(f"{name} runs again and is ready.")
    return 0


def execute(process: str, words: list[str]) -> int:
    """Becomes the command, with what the process would be told; `operator` for the broker's operator."""
    portal = Portal(local_workspace())
    known = portal.environments
    environment = known.operator() if process == "operator" else known.of(process)
    command = words[1:] if words[:1] == ["--"] else words
    own = BIN / command[0]
    program = str(own) if own.exists() else command[0]
    os.execvpe(program, [program, *command[1:]], portal.full_environment(environment))  # noqa: S606


def main(words: list[str] | None = None) -> int:
    asked = arguments(sys.argv[1:] if words is None else words)
    try:
        match asked.command:
            case "run":
                return run.run(local_workspace())
            case "stop":
                return run.stop(local_workspace())
            case "ps":
                return status.show_processes(local_workspace())
            case "logs":
                return status.follow_logs(local_workspace(), asked.process)
            case "restart":
                return restart(asked.process)
            case "exec":
                return execute(asked.process, asked.words)
            case "test":
                return testing.run_tests(asked.words)
            case "compose-env":
                return write_compose_environment()
            case _:
                return provision()
    except (PortalProblem, ServerProblem, AddressProblem) as problem:
        print(problem, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
