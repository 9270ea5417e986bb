"""`python -m notify.channels.cli docs/channels.md`: write the page of all channels and their settings."""

import argparse
import sys
from pathlib import Path

from mtnet_contracts.vocabulary.channels import CHANNELS
from mtnet_contracts.vocabulary.labels import LABELS
from mtnet_contracts.vocabulary.texts import texts_of

from notify.channels.registry import channel_plans

HEAD = """# Channels

Generated from the registry and the folders of the channels. Do not edit; run `make docs`.

A channel is a line in `mtnet_contracts/vocabulary/channels.py` and a folder in `services/notify/notify/channels/`.
Notify does not start without the settings that have no default. Messages a second are for all processes together,
connections for one.
"""


def channels_page() -> str:
    lines = [HEAD]
    chinese = texts_of("zh-Hant", LABELS)
    for name, plan in channel_plans().items():
        lines += [
            f"## {CHANNELS[name].title} {chinese[CHANNELS[name].title]} (`{name}`)",
            "",
            plan.provider,
            "",
            "| setting | default | what it is |",
            "| --- | --- | --- |",
            *(
                f"| `{setting.name}` |{_default(setting.default)} | {setting.meaning} |"
                for setting in plan.settings
            ),
            f"| `{plan.per_second.name}` | {plan.per_second.default} | messages a second |",
            f"| `{plan.connections.name}` | {plan.connections.default} | connections; one is kept free for codes |",
            "",
        ]
    return "\n".join(lines)


def _default(value: str | None) -> str:
    return "" if value is None else f" {value or 'empty'}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("page", type=Path)
    parser.add_argument(
        "--check", action="store_true", help="write nothing; fail when the page is not current"
    )
    arguments = parser.parse_args()
    if not arguments.check:
        arguments.page.write_text(channels_page(), encoding="utf-8")
    elif not arguments.page.exists() or arguments.page.read_text(encoding="utf-8") != channels_page():
        sys.stderr.write(f"Not current: {arguments.page}. Run `make docs` and commit the result.\n")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
