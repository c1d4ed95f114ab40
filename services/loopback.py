"""What only this machine may ask for."""

from ipaddress import ip_address

from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send


def is_from_this_machine(request: Request, *, also: str = "") -> bool:
    """Whether a request comes from loopback, or from the address `also`, and not through a proxy for somebody else."""
    if request.client is None or "x-forwarded-for" in request.headers or "forwarded" in request.headers:
        return False
    return request.client.host == also or ip_address(request.client.host).is_loopback


class LoopbackOnly:
    """Keeps everybody else out of an application, whatever keys it may ask for itself."""

    def __init__(self, app: ASGIApp, *, also: str) -> None:
        self._app = app
        self._also = also

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if is_from_this_machine(Request(scope), also=self._also):
            await self._app(scope, receive, send)
        else:
            await PlainTextResponse("This is for programs on the same machine.\n", 403)(scope, receive, send)
