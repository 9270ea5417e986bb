"""Cookies, as the portal sets them."""

from __future__ import annotations

from flask import Response

from gateway.extensions import settings


def cookie(name: str) -> str:
    """`__Host-` binds a cookie to this host and to HTTPS; on plain HTTP browsers would not send it back."""
    return f"__Host-{name}" if settings().secure else name


def set_cookie(response: Response, name: str, value: str, *, seconds: int | None = None) -> None:
    response.set_cookie(
        cookie(name),
        value,
        max_age=seconds,
        httponly=True,
        secure=settings().secure,
        samesite="Lax",
        path="/",
    )


def drop_cookie(response: Response, name: str) -> None:
    response.delete_cookie(cookie(name), path="/", secure=settings().secure, httponly=True, samesite="Lax")
