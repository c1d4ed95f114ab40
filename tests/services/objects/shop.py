"""A Mangopay that answers what a test says, and notes what it was asked; and clients that reach no other."""

from collections.abc import Callable, Mapping, Sequence

import httpx

from models.environment import Environment
from services.mangopay.client import MangopayClient
from services.mangopay.connection import OnRead, RetrySchedule

ROOT = "/v2.01/shop"
TOKEN = {"access_token": "t", "token_type": "bearer", "expires_in": 1200}
Row = Mapping[str, object]
Answer = Callable[[httpx.Request], httpx.Response]


class Shop(httpx.AsyncBaseTransport):
    """Whatever it was told nothing of is not found. Paths here are those behind the ClientId."""

    def __init__(self) -> None:
        self.asked: list[httpx.Request] = []
        self._answers: dict[str, Answer] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/oauth/token"):
            return httpx.Response(200, json=TOKEN)
        self.asked.append(request)
        answer = self._answers.get(request.url.raw_path.decode().partition("?")[0].removeprefix(ROOT))
        return answer(request) if answer else httpx.Response(404)

    @property
    def paths(self) -> list[str]:
        """The paths that were asked for, in order."""
        return [request.url.raw_path.decode().partition("?")[0].removeprefix(ROOT) for request in self.asked]

    @property
    def query(self) -> dict[str, str]:
        """What was asked last."""
        return dict(self.asked[-1].url.params)

    def does(self, path: str, answer: Answer) -> None:
        self._answers[path] = answer

    def says(self, path: str, content: object = None, status: int = 200) -> None:
        self.does(path, lambda _: httpx.Response(status, json=content))

    def lists(self, path: str, rows: Sequence[Row]) -> None:
        """Have a list answered page by page, with the counts that Mangopay sends."""
        self.does(path, lambda request: page_of(rows, request))


def page_of(rows: Sequence[Row], request: httpx.Request) -> httpx.Response:
    number, per_page = int(request.url.params["page"]), int(request.url.params["per_page"])
    headers = {"X-Number-Of-Pages": str(-(-len(rows) // per_page)), "X-Number-Of-Items": str(len(rows))}
    return httpx.Response(200, json=rows[(number - 1) * per_page : number * per_page], headers=headers)


def client_of(
    shop: httpx.AsyncBaseTransport,
    environment: Environment = Environment.LOCAL,
    *,
    remembers_s: float = 0,
    sca_context: str | None = None,
    on_read: OnRead | None = None,
) -> MangopayClient:
    """Return a client that tries once."""
    return MangopayClient(
        environment,
        base_url="https://api.mangopay.test",
        client_id="shop",
        api_key="key",
        transport=shop,
        schedule=RetrySchedule(attempts=1),
        remembers_s=remembers_s,
        sca_context=sca_context,
        on_read=on_read,
    )
