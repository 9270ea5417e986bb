"""The OpenAPI document, made once: it is megabytes, and to make it takes a processor half a second."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from threading import Lock
from typing import Any

from flask import Response, request
from flask_smorest import Api  # type: ignore[import-untyped]


@dataclass(frozen=True)
class Document:
    """The document as it is sent, and packed for clients that take it so: a twentieth of the size."""

    plain: bytes
    packed: bytes

    @classmethod
    def of(cls, described: dict[str, Any]) -> Document:
        plain = json.dumps(described, separators=(",", ":")).encode()
        return cls(plain, gzip.compress(plain))

    def answer(self) -> Response:
        packed = request.accept_encodings["gzip"] > 0
        response = Response(self.packed if packed else self.plain, content_type="application/json")
        if packed:
            response.headers["Content-Encoding"] = "gzip"
        response.headers["Vary"] = "Accept-Encoding"
        response.headers["Cache-Control"] = "no-cache"
        response.add_etag()
        response.make_conditional(request)
        return response


class DescribedApi(Api):  # type: ignore[misc]
    """flask-smorest would make the document anew for whoever asks, so a few strangers could keep everybody waiting."""

    def __init__(self) -> None:
        super().__init__()
        self._making = Lock()
        self._document: Document | None = None

    def _openapi_json(self) -> Response:
        with self._making:
            if self._document is None:
                self._document = Document.of(self.spec.to_dict())
        return self._document.answer()
