"""Refuses requests to the UI that another web page makes in its user's browser.

Dagster's server carries out a change for any request that reaches it: a GET, any Host, any Origin.
Belongs here: which requests are refused, and what is said. Does not belong here: users and
passwords (a proxy does that), what a read-only UI may do (Dagster decides it).
"""

from collections.abc import Collection
from urllib.parse import parse_qs, urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
QUERIES = "/graphql"
BODY_OF_QUERIES = "application/json"
FORBIDDEN, NOT_ALLOWED, UNSUPPORTED = 403, 405, 415
# what a websocket is closed with where a rule is broken (RFC 6455)
POLICY_VIOLATION = 1008


def known_hosts(address: str, others: str) -> frozenset[str]:
    """The names under which the UI may be opened: loopback, its address, and the others given.

    `others` are separated by blanks or commas, such as "tf.example.gov.uk".
    """
    return LOOPBACK | {address.lower()} | set(others.replace(",", " ").lower().split())


class RequestGuard:
    """An ASGI application in front of another that lets only its own pages and programs through."""

    def __init__(self, app: ASGIApp, hosts: Collection[str]) -> None:
        self.app = app
        self.hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hands a request on, or answers it with one sentence."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        refusal = refused(scope, self.hosts)
        if refusal is None:
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": POLICY_VIOLATION})
        else:
            status, sentence = refusal
            await PlainTextResponse(sentence + "\n", status)(scope, receive, send)


def refused(scope: Scope, hosts: Collection[str]) -> tuple[int, str] | None:
    """Status and sentence for a request that is not let through; None for the others."""
    headers = Headers(scope=scope)
    host = host_name(f"//{headers.get('host', '')}")
    if len(headers.getlist("host")) != 1 or host not in hosts:
        return FORBIDDEN, (
            "Refused: this address is not one of the UI's own. Open http://127.0.0.1 with the "
            "UI's port, or add the name to TF_UI_HOSTS and start the UI again."
        )
    if not all(is_own(origin, headers["host"]) for origin in headers.getlist("origin")):
        return FORBIDDEN, "Refused: the request comes from a page of another site."
    if scope["type"] == "http" and scope["path"].rstrip("/").endswith(QUERIES):
        return _refused_query(scope, headers)
    return None


def is_own(origin: str, host: str) -> bool:
    """Whether an Origin is the UI's own page: the same name and port as the request's Host."""
    return urlsplit(origin).netloc.lower() == host.lower()


def host_name(address: str) -> str | None:
    """The name in an address, without its port; None where there is none to read."""
    try:
        return None if "@" in address else urlsplit(address).hostname
    except ValueError:
        return None


def _refused_query(scope: Scope, headers: Headers) -> tuple[int, str] | None:
    """A GET opens the editor and asks nothing; a POST is JSON, which other sites cannot send."""
    if scope["method"] in ("GET", "HEAD"):
        if "query" in parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True):
            return NOT_ALLOWED, "Refused: send a query as a POST with a body of JSON."
    elif scope["method"] == "POST":
        kind = headers.get("content-type", "").split(";")[0].strip().lower()
        if kind != BODY_OF_QUERIES:
            return UNSUPPORTED, f"Refused: a query's body is {BODY_OF_QUERIES}."
    return None
