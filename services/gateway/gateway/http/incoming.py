"""A request as it arrives: for which host, from which address, with which cookies and which body.

What other people's systems add to it (sister sites' cookies, proxies' addresses, invented hosts) is cleaned here, once,
before anything of the portal sees it.
"""

from __future__ import annotations

import io
import ipaddress
import re
import string
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

import flask
import structlog
from mtnet_contracts.vocabulary.limits import LARGEST_FILE_BYTES
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.routing import IntegerConverter

from gateway.settings import Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

log = structlog.get_logger()

# host[:port]; the host is a name, an IPv4 address or an IPv6 address in brackets.
HOST = re.compile(r"(?P<host>[A-Za-z0-9_.-]{1,255}|\[[0-9A-Fa-f:.]{2,45}\])(?::(?P<port>[0-9]{0,5}))?")
WITH_PORT = re.compile(r"(?P<host>\[.+\]|[^:\[\]]+)(?::[0-9]{0,5})?")
# Asked by balancers and containers, which may name no host.
PROBES = ("/healthz", "/readyz")
# A file of the size that is allowed, the form's other fields and what multipart puts around them.
LARGEST_UPLOAD_BYTES = LARGEST_FILE_BYTES + 1024 * 1024
# Any other form or JSON document: the longest that a person can write is a tenth of it.
LARGEST_TEXT_KIBIBYTES = 512
LARGEST_TEXT_BYTES = LARGEST_TEXT_KIBIBYTES * 1024
TAKES_A_FILE = re.compile(
    r"/apply/[^/]+/form|/api/v1/applications/current/form|/api/v1/(?:desk/tickets|contact)/[^/]+/files"
)
# The forms to and of the helpdesk take several; what one person may send is what a mail may hold.
LARGEST_UPLOADS_MEGABYTES = 25
LARGEST_UPLOADS_BYTES = (LARGEST_UPLOADS_MEGABYTES + 1) * 1024 * 1024
TAKES_FILES = re.compile(r"/contact|/contact/[^/]+/answer|/desk/tickets/[^/]+/(?:answer|lease)")
# Enough to recognise a browser by; more of it is of no use to anybody.
USER_AGENT_LENGTH = 500
# One household or office has a /64 of IPv6 and may take any address of it.
IPV6_SOURCE_PREFIX = 64
# Where a network is IPv6 alone, all of IPv4 reaches it from here (RFC 6052, RFC 7755): a /64 of everybody.
ALL_OF_IPV4 = ipaddress.ip_network("64:ff9b::/96")


class Incoming:
    """WSGI middleware: refuse other hosts, clean the client's address and the headers that others write."""

    def __init__(self, app: WSGIApplication, settings: Settings) -> None:
        self._app = app
        self._hosts = settings.own_hosts
        self._scheme, self._netloc = urlsplit(settings.portal_url)[:2]

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        host = environ.get("HTTP_HOST")
        if not host and (environ.get("SERVER_PROTOCOL") == "HTTP/1.0" or environ["PATH_INFO"] in PROBES):
            environ["HTTP_HOST"] = host = self._netloc
        found = HOST.fullmatch(host or "")
        if found is None or int(found["port"] or 0) > 65535:
            return _plain(
                start_response, "400 Bad Request", "The request names no host, or not in a readable way."
            )
        if not is_own_host(found["host"], self._hosts):
            log.info("foreign host refused", host=found["host"])
            words = f"這裡是 MTNet，請開啟 {self._scheme}://{self._netloc}/\nThis is MTNet. Its address is {self._scheme}://{self._netloc}/"
            return _plain(start_response, "421 Misdirected Request", words)
        # The portal's address says how it is reached; a header that anybody can write does not.
        environ["wsgi.url_scheme"] = self._scheme
        address = clean_address(environ.pop("REMOTE_ADDR", None))
        if address:
            environ["REMOTE_ADDR"] = address
        if not environ.get("QUERY_STRING", "").isascii():
            environ["QUERY_STRING"] = quote(
                environ["QUERY_STRING"].encode("latin-1"), safe=string.punctuation
            )
        if "HTTP_COOKIE" in environ:
            environ["HTTP_COOKIE"] = readable_cookies(environ["HTTP_COOKIE"])
        if "HTTP_USER_AGENT" in environ:
            environ["HTTP_USER_AGENT"] = _ascii(environ["HTTP_USER_AGENT"])[:USER_AGENT_LENGTH]
        return self._app(environ, start_response)


def names_the_portal(environ: WSGIEnvironment, settings: Settings) -> bool:
    """Whether a request that is not cleaned yet names the portal's address exactly, as nearly all do."""
    return environ.get("HTTP_HOST") == urlsplit(settings.portal_url).netloc


def is_own_host(host: str, own: frozenset[str]) -> bool:
    """Whether this host (without port) is the portal's: a name of its settings, or one that nobody else can own.

    Names of one label and addresses that are not of the internet are how health checks, proxies and people on this
    machine reach it. `own` holds lower-case names.
    """
    name = host.lower().removesuffix(".")
    if name in own:
        return True
    try:
        return not ipaddress.ip_address(name.strip("[]")).is_global
    except ValueError:
        return bool(name) and "." not in name


def clean_address(given: str | None) -> str | None:
    """The client's IP address in its shortest form, or None when it cannot be known.

    Proxies add ports (`203.0.113.7:51234`, `[2001:db8::7]:443`), brackets, zones (`fe80::1%eth0`) and words such as
    `unknown` (RFC 7239, section 6). IPv4 inside IPv6 (`::ffff:203.0.113.7`, `64:ff9b::203.0.113.7`) is IPv4.
    """
    text = (given or "").strip().strip('"')
    if text.count(":") <= 1 or text.startswith("["):
        found = WITH_PORT.fullmatch(text)
        text = found["host"].strip("[]") if found else ""
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        return str(address.ipv4_mapped)
    if address in ALL_OF_IPV4:
        return str(ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF))
    return str(address)


def source_of(address: str | None) -> str:
    """Whose requests are counted together: an IPv4 address, a /64 of IPv6, or everybody who is unknown."""
    if address is None:
        return "unknown"
    if ":" not in address:
        return address
    return str(ipaddress.ip_network(f"{address}/{IPV6_SOURCE_PREFIX}", strict=False))


def readable_cookies(header: str) -> str:
    """The cookies without those that no browser of ours was given: all of the portal's own are ASCII."""
    pairs = (pair.strip() for pair in header.split(";"))
    return "; ".join(pair for pair in pairs if pair and pair.isascii() and pair.isprintable())


def _ascii(text: str) -> str:
    return "".join(c if c.isascii() and c.isprintable() else "?" for c in text)


def _plain(start_response: StartResponse, status: str, words: str) -> list[bytes]:
    body = f"{words}\n".encode()
    headers = [
        ("Content-Type", "text/plain; charset=utf-8"),
        ("Content-Length", str(len(body))),
        ("Cache-Control", "no-store"),
        ("Content-Security-Policy", "default-src 'none'"),
        ("X-Content-Type-Options", "nosniff"),
    ]
    start_response(status, headers)
    return [body]


def takes_a_file(path: str) -> bool:
    return any(takes.fullmatch(path) for takes in (TAKES_FILES, TAKES_A_FILE))


def largest_body(path: str) -> int:
    """How many bytes may be sent to this address."""
    if TAKES_FILES.fullmatch(path):
        return LARGEST_UPLOADS_BYTES
    return LARGEST_UPLOAD_BYTES if takes_a_file(path) else LARGEST_TEXT_BYTES


class Request(flask.Request):
    """A form that cannot be read (too large, broken off, not a form) is an error once, and empty from then on.

    So whoever answers the error may look for what was typed, and finds nothing instead of the same error again.
    NUL, which nobody types and PostgreSQL cannot hold, is no part of what a form says: a service would refuse the text
    by a field that a page need not know. What programs send as JSON is judged as it is.
    """

    def __init__(self, environ: WSGIEnvironment, *args: Any, **options: Any) -> None:
        super().__init__(environ, *args, **options)
        self.max_content_length = largest_body(self.path)

    def _load_form_data(self) -> None:
        try:
            super()._load_form_data()
        except Exception:
            nothing: dict[str, Any] = {
                "form": ImmutableMultiDict(),
                "files": ImmutableMultiDict(),
                "stream": io.BytesIO(),
            }
            self.__dict__.update(nothing)
            raise
        typed = list(self.form.items(multi=True))
        if any("\0" in value for _, value in typed):
            self.__dict__["form"] = ImmutableMultiDict(
                (name, value.replace("\0", "")) for name, value in typed
            )


class Number(IntegerConverter):
    """`<int:…>` in a rule. More digits than a number here has are no number: reading thousands of them fails."""

    regex = r"[0-9]{1,9}"
