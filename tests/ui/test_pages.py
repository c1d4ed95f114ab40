"""The whole dashboard over HTTP, as it is served: what a stranger gets, what Olivia gets, what a bad link leads to."""

import re
from collections.abc import AsyncIterator, Iterator
from importlib.metadata import version

import httpx
import pytest
import pytest_asyncio

from models.permissions import Role
from services.settings import LOCAL_API_KEY
from tests.browser.access import sign_up
from tests.serving import Server, serving

PAGES = {
    "/": "Dashboard",
    "/users": "Users",
    "/operations": "Operations",
    "/notifications": "Notifications",
    "/api-status": "API Status",
    "/settings": "Settings",
    "/settings/team": "Team",
    "/settings/audit": "Audit log",
}
NICEGUI = f"/_nicegui/{version('nicegui')}"
LARGER_THAN_ANY_ID = str(2**64)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("pages")) as server:
        yield server


@pytest.fixture
async def stranger(server: Server) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=server.base_url, verify=False) as http:
        yield http


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def session(server: Server) -> tuple[str, str]:
    return await sign_up(server, "olivia@example.com", Role.ADMIN)


@pytest.fixture
async def olivia(server: Server, session: tuple[str, str]) -> AsyncIterator[httpx.AsyncClient]:
    """Olivia, signed in; at the end the server may have logged no traceback because of her."""
    said_before = len(server.output)
    async with httpx.AsyncClient(base_url=server.base_url, cookies=dict([session]), verify=False) as http:
        yield http
    assert "Traceback" not in server.output[said_before:], server.output[said_before:]


@pytest.mark.parametrize("path", [*PAGES, "/notifications/1", "/nowhere", "/docs", "/openapi.json"])
async def test_a_stranger_is_led_to_the_sign_in_and_back(stranger: httpx.AsyncClient, path: str) -> None:
    answer = await stranger.get(path)
    assert answer.status_code == 303
    assert answer.content == b""
    assert answer.headers["location"] == str(httpx.URL("/sign-in", params={"next": path} if path != "/" else None))
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "path",
    [
        "/_nicegui_ws/socket.io/?EIO=4&transport=polling",
        f"{NICEGUI}/dynamic_resources/x",
        "/_nicegui/auto/static/x",
        "/_nicegui/client/x/upload/1",
    ],
)
async def test_a_stranger_gets_nothing_that_belongs_to_a_page(stranger: httpx.AsyncClient, path: str) -> None:
    for method in ("GET", "POST"):
        answer = await stranger.request(method, path, headers={"Origin": str(stranger.base_url).rstrip("/")})
        assert answer.status_code == 401


@pytest.mark.parametrize(("path", "title"), PAGES.items())
async def test_each_page_says_where_one_is(olivia: httpx.AsyncClient, path: str, title: str) -> None:
    page = await olivia.get(path)
    assert page.status_code == 200
    assert f"<title>{title} · Local · " in page.text
    assert f"&lt;h1&gt;{'Settings' if path.startswith('/settings') else title}&lt;/h1&gt;" in page.text
    assert '<html lang="en' in page.text
    assert page.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", PAGES)
async def test_every_script_of_a_page_is_ours_and_says_so(olivia: httpx.AsyncClient, path: str) -> None:
    page = await olivia.get(path)
    nonce = re.search(r"'nonce-([^']+)'", page.headers["content-security-policy"])
    assert nonce
    scripts = re.findall(r"<script[^>]*>", page.text)
    assert scripts
    assert all(f'nonce="{nonce[1]}"' in script for script in scripts)
    assert not re.search(r"""(?:src|href)=["'](?:https?:)?//""", page.text)


async def test_no_page_carries_a_secret(olivia: httpx.AsyncClient, server: Server) -> None:
    token = server.hook_path().rpartition("/")[2]
    for path in PAGES:
        page = await olivia.get(path)
        assert token not in page.text
        assert LOCAL_API_KEY not in page.text


@pytest.mark.parametrize(
    "notification_id", ["abc", "0", "-1", "999999", LARGER_THAN_ANY_ID, "²", "%00", "1.5", "' OR 1"]
)
async def test_a_link_to_a_notification_that_is_not_there_is_no_failure(
    olivia: httpx.AsyncClient, notification_id: str
) -> None:
    page = await olivia.get(f"/notifications/{notification_id}")
    assert page.status_code in (200, 404)
    assert "<title>" in page.text


@pytest.mark.parametrize(
    "query",
    [
        {"group": "Nonsense"},
        {"type": "<script>alert(1)</script>"},
        {"resource": "\0"},
        {"within": "3 weeks", "since": "yesterday"},
        {"since": LARGER_THAN_ANY_ID, "until": f"-{LARGER_THAN_ANY_ID}"},
        {"before": "x.y"},
        {"before": f"1.{LARGER_THAN_ANY_ID}"},
        {"after": f"{LARGER_THAN_ANY_ID}.1"},
    ],
    ids="&".join,
)
async def test_a_link_that_makes_no_sense_leads_to_the_list(olivia: httpx.AsyncClient, query: dict[str, str]) -> None:
    page = await olivia.get("/notifications", params=query)
    assert page.status_code == 200
    assert "<script>alert(1)" not in page.text


async def test_a_page_that_does_not_exist_says_so_and_where_to_go(olivia: httpx.AsyncClient) -> None:
    page = await olivia.get("/nowhere")
    assert page.status_code == 404
    assert "<h1>" in page.text
    assert 'href="/"' in page.text
