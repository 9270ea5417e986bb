"""Asking processes whether they are ready."""

import json
import urllib.error
import urllib.request
from typing import Any

DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def readiness(port: int, host: str = "127.0.0.1") -> tuple[bool, str]:
    """Whether /readyz says yes, and what it says when it does not."""
    try:
        with DIRECT.open(f"http://{host}:{port}/readyz", timeout=5) as answer:
            return answer.status == 200, ""
    except urllib.error.HTTPError as refusal:
        with refusal:
            return False, said(refusal.read())
    except (OSError, ValueError) as problem:
        return False, str(problem)


def said(body: bytes) -> str:
    text = body.decode("utf-8", "replace").strip()
    try:
        shape: Any = json.loads(text)
    except ValueError:
        return text[:200]
    return json.dumps(shape, ensure_ascii=False)[:200]
