"""Samples of what comes back, in the manner of several mail servers, addressed to a return path of ours."""

from pathlib import Path
from uuid import UUID

from notify.channels.email.return_paths import ReturnPaths

FIXTURES = Path(__file__).parent / "fixtures"
KEY = b"k" * 32
PATHS = ReturnPaths("bounces@mtnet.example", KEY)
DELIVERY = UUID("0b3f5c1e-0000-4000-8000-000000000001")


def a_report(name, delivery_id=DELIVERY):
    text = (FIXTURES / f"{name}.eml").read_text("utf-8")
    return text.replace("{return_path}", PATHS.of(delivery_id)).encode()
