"""`make coverage`, after the tests: how many lines and branches of three parts they reached."""

import io
import sys

from coverage import Coverage
from coverage.exceptions import NoDataError

LEAST_PERCENT = 90
# Inside the project: a test may run a copy of a service in a folder of its own.
PARTS = {
    "rules": "services/**/rules.py",
    "actions": "services/**/actions.py",
    "chassis": "libs/chassis/mtnet_chassis/**/*.py",
}


def percent_of(measured: Coverage, pattern: str) -> tuple[float, str]:
    """Lines and branches together, and the table of files that are not whole, worst first."""
    table = io.StringIO()
    try:
        percent = measured.report(include=[pattern], file=table, skip_covered=True, sort="cover")
    except NoDataError:  # of a part whose tests were not asked for
        return 0.0, "no test reached it\n"
    return percent, table.getvalue()


def main() -> int:
    measured = Coverage()
    measured.combine()
    measured.load()
    found = {part: percent_of(measured, pattern) for part, pattern in PARTS.items()}
    for part, (percent, table) in found.items():
        print(f"\n{part}\n{table}" if percent < LEAST_PERCENT else "", end="")
    for part, (percent, _) in found.items():
        verdict = "" if percent >= LEAST_PERCENT else f"  less than {LEAST_PERCENT} %: see the table above"
        print(f"{part:<8} {percent:5.1f} % of lines and branches{verdict}")
    return 0 if min(percent for percent, _ in found.values()) >= LEAST_PERCENT else 1


if __name__ == "__main__":
    sys.exit(main())
