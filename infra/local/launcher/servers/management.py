"""One call of RabbitMQ's management API."""

import base64
import json
import urllib.request
from typing import Any
from urllib.parse import unquote, urlsplit


def management_call(management_url: str, method: str, path: str, body: Any = None) -> Any:
    """`path` from /api on; name and password are in the URL. Raises urllib.error.HTTPError on refusal."""
    at = urlsplit(management_url)
    word = base64.b64encode(f"{unquote(at.username or '')}:{unquote(at.password or '')}".encode()).decode()
    request = urllib.request.Request(  # noqa: S310 - the URL is the operator's own setting
        f"{at.scheme}://{at.hostname}:{at.port}/api/{path}",
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": f"Basic {word}", "Content-Type": "application/json"},
    )
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with direct.open(request, timeout=10) as answer:
        content = answer.read()
    return json.loads(content) if content else None
