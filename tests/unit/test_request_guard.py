"""What the UI answers to requests that are not its user's, asked of the guard itself."""

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from tf_pipeline.ui.request_guard import RequestGuard, known_hosts

UI = "http://127.0.0.1:3000"
JSON = {"Content-Type": "application/json"}
MUTATION = "mutation%20%7B%20wipeAsset%20%7D"


def carried_out(request) -> PlainTextResponse:
    return PlainTextResponse("carried out")


async def talk(websocket: WebSocket) -> None:
    await websocket.accept()
    await websocket.send_text("carried out")
    await websocket.close()


@pytest.fixture(scope="module")
def ui() -> TestClient:
    methods = ["GET", "POST", "HEAD"]
    app = Starlette(
        routes=[
            Route("/graphql", carried_out, methods=methods),
            Route("/report_asset_check/x", carried_out, methods=methods),
            Route("/", carried_out, methods=methods),
            WebSocketRoute("/graphql", talk),
        ]
    )
    hosts = known_hosts("127.0.0.1", "tf.example.gov.uk, other.example")
    return TestClient(RequestGuard(app, hosts), base_url=UI)


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", "/", {}, 200),
        ("GET", "/graphql", {"Accept": "text/html"}, 200),
        ("POST", "/graphql", JSON, 200),
        ("POST", "/graphql", JSON | {"Origin": UI}, 200),
        ("POST", "/graphql", {"Content-Type": "Application/JSON; charset=utf-8"}, 200),
        ("POST", "/graphql", JSON | {"Host": "localhost:3000"}, 200),
        ("POST", "/graphql", JSON | {"Host": "[::1]:3000"}, 200),
        ("POST", "/graphql", JSON | {"Host": "tf.example.gov.uk",
                                     "Origin": "https://tf.example.gov.uk"}, 200),
        ("GET", f"/graphql?query={MUTATION}", {}, 405),
        ("GET", f"/graphql?query={MUTATION}", {"Accept": "text/html"}, 405),
        ("GET", f"/graphql/?query={MUTATION}", {}, 405),
        ("GET", "/graphql?query=", {}, 405),
        ("POST", f"/graphql?query={MUTATION}", {"Content-Type": "text/plain"}, 415),
        ("POST", f"/graphql?query={MUTATION}", {}, 415),
        ("POST", "/graphql", {"Content-Type": "application/graphql"}, 415),
        ("POST", "/graphql", JSON | {"Origin": "https://evil.example"}, 403),
        ("POST", "/graphql", JSON | {"Origin": "http://127.0.0.1:8888"}, 403),
        ("POST", "/graphql", JSON | {"Origin": "null"}, 403),
        ("POST", "/report_asset_check/x", {"Origin": "https://evil.example"}, 403),
        ("GET", "/", {"Host": "evil.example"}, 403),
        ("GET", "/", {"Host": "127.0.0.1.evil.example:3000"}, 403),
        ("GET", "/", {"Host": "evil.example@127.0.0.1"}, 403),
        ("GET", "/", {"Host": "[::1"}, 403),
        ("GET", "/", {"Host": ""}, 403),
    ],
)  # fmt: skip
def test_only_the_uis_own_pages_and_programs_are_let_through(ui, method, path, headers, status):
    answer = ui.request(method, path, headers=headers)
    assert answer.status_code == status
    assert ("carried out" in answer.text) == (status == 200)
    assert "evil" not in answer.text


def test_a_websocket_of_another_site_is_closed(ui):
    with ui.websocket_connect("/graphql", headers={"Origin": UI, "Host": "127.0.0.1:3000"}) as own:
        assert own.receive_text() == "carried out"
    other = {"Origin": "https://evil.example", "Host": "127.0.0.1:3000"}
    with pytest.raises(WebSocketDisconnect), ui.websocket_connect("/graphql", headers=other) as ws:
        ws.receive_text()
