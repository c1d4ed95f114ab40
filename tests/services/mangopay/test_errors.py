"""Whatever comes back, the page gets a sentence and a next step, and the log no secret."""

import asyncio
import logging
from datetime import UTC, datetime

import httpx
import pytest
import respx

from models.environment import Environment
from services.mangopay import errors
from services.mangopay.client import MangopayClient

ALICE = "/v2.01/shop/sca/users/alice"
HOOKS = "/v2.01/shop/hooks"
KEY = "0123456789abcdef"


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (302, errors.NonsenseAnswer),
        (400, errors.Invalid),
        (403, errors.Forbidden),
        (404, errors.NotFound),
        (405, errors.Invalid),
        (409, errors.Conflict),
        (422, errors.Invalid),
        (429, errors.RateLimited),
        (500, errors.ServerError),
        (503, errors.ServerError),
    ],
)
@pytest.mark.parametrize(
    "body", [b"", b"<html>Bad gateway</html>", b'{"Message": "half', b"[1]", b'{"Message": 1, "Type": []}', b"[" * 9999]
)
async def test_each_status_has_its_error_whatever_the_body(
    api: respx.MockRouter, client: MangopayClient, status: int, kind: type[errors.MangopayError], body: bytes
) -> None:
    api.get(ALICE).respond(status, content=body)
    with pytest.raises(errors.MangopayError) as caught:
        await client.get_user("alice")
    assert type(caught.value) is kind
    assert (caught.value.status, caught.value.method, caught.value.path) == (status, "GET", ALICE)
    assert caught.value.sentence.startswith("Mangopay")
    assert caught.value.next_step.endswith(".")


@pytest.mark.parametrize("spelling", ["errors", "Errors"])
async def test_the_fields_at_fault_are_named(api: respx.MockRouter, client: MangopayClient, spelling: str) -> None:
    taken = "A hook has already been registered for this EventType"
    body = {"Message": "m", "Type": "param_error", "Id": "e-1", "Date": 1690291065.0, spelling: {"EventType": taken}}
    api.post(HOOKS).respond(400, json=body, headers={"x-request-id": "r-1"})
    with pytest.raises(errors.Invalid) as caught:
        await client.create_hook("PAYIN_NORMAL_CREATED", "https://bob.test/h", idempotency_key=KEY)
    error = caught.value
    assert error.field_errors == {"EventType": taken}
    assert (error.type, error.error_id, error.request_id, error.message) == ("param_error", "e-1", "r-1", "m")
    assert error.idempotency_key == KEY
    assert error.sentence == f"Mangopay refused the request: EventType: {taken}"


async def test_a_problem_of_rfc_7807_is_read(api: respx.MockRouter, client: MangopayClient) -> None:
    problem = {"type": "https://x.test/forbidden", "title": "Forbidden", "status": 403, "traceId": "00-abc"}
    api.get(ALICE).respond(403, json=problem)
    with pytest.raises(errors.Forbidden) as caught:
        await client.get_user("alice")
    error = caught.value
    assert (error.type, error.message, error.request_id) == ("https://x.test/forbidden", "Forbidden", "00-abc")


@pytest.mark.parametrize(
    "body", [b"", b"<html>Sign in</html>", b'{"Id": "al', b"[]", b"null", b'{"Name": "no id"}', b'{"Id": 7}']
)
async def test_a_success_that_is_no_object_is_nonsense(
    api: respx.MockRouter, client: MangopayClient, body: bytes
) -> None:
    api.get(ALICE).respond(200, content=body)
    with pytest.raises(errors.NonsenseAnswer):
        await client.get_user("alice")


@pytest.mark.parametrize("body", [b"{}", b'[{"Url": "a hook without id"}]', b"[1]", b"[", b"[]]"])
async def test_a_success_that_is_no_list_is_nonsense(
    api: respx.MockRouter, client: MangopayClient, body: bytes
) -> None:
    api.get(HOOKS).respond(200, content=body)
    with pytest.raises(errors.NonsenseAnswer):
        await client.list_hooks()


async def test_a_body_that_does_not_unpack_is_nonsense(api: respx.MockRouter, client: MangopayClient) -> None:
    api.get(ALICE).mock(
        side_effect=lambda _: httpx.Response(
            200, headers={"Content-Encoding": "gzip"}, stream=httpx.ByteStream(b"not gzip")
        )
    )
    with pytest.raises(errors.NonsenseAnswer):
        await client.get_user("alice")


@pytest.mark.parametrize(
    ("broken", "kind"),
    [
        (httpx.ConnectError, errors.NoConnection),
        (httpx.RemoteProtocolError, errors.Unreachable),
        (httpx.ConnectTimeout, errors.NoConnection),
        (httpx.ReadTimeout, errors.TimedOut),
        (httpx.PoolTimeout, errors.TimedOut),
    ],
)
async def test_no_answer_is_unreachable_or_timed_out(
    api: respx.MockRouter, client: MangopayClient, broken: type[Exception], kind: type[errors.MangopayError]
) -> None:
    api.get(ALICE).mock(side_effect=broken)
    with pytest.raises(errors.Unreachable) as caught:
        await client.get_user("alice")
    assert type(caught.value) is kind
    assert not caught.value.outcome_is_unknown


@pytest.mark.parametrize("answer", [httpx.ReadTimeout, httpx.Response(502), httpx.Response(200, content=b"{")])
async def test_a_post_that_may_have_been_done_says_so(
    api: respx.MockRouter, client: MangopayClient, answer: httpx.Response | type[Exception]
) -> None:
    api.post(HOOKS).mock(side_effect=[answer])
    with pytest.raises(errors.MangopayError) as caught:
        await client.create_hook("PAYIN_NORMAL_CREATED", "https://bob.test/h", idempotency_key=KEY)
    assert caught.value.outcome_is_unknown
    assert "not known whether this was done" in caught.value.next_step


@pytest.mark.parametrize("broken", [httpx.ConnectError, httpx.ConnectTimeout])
async def test_a_post_for_which_there_was_no_connection_has_not_been_done(
    api: respx.MockRouter, client: MangopayClient, broken: type[Exception]
) -> None:
    api.post(HOOKS).mock(side_effect=[broken])
    with pytest.raises(errors.NoConnection) as caught:
        await client.create_hook("PAYIN_NORMAL_CREATED", "https://bob.test/h", idempotency_key=KEY)
    assert not caught.value.outcome_is_unknown


async def test_a_rate_limit_says_when_to_come_back(api: respx.MockRouter, client: MangopayClient) -> None:
    headers = {
        "x-ratelimit": "2300, 3000, 8800, 9000",
        "x-ratelimit-remaining": "0, 1500, 0, 96600",
        "x-ratelimit-reset": "4000000900, 4000001800, 4000003600, 4000086400",
    }
    api.get(ALICE).respond(429, headers=headers, json={"Type": "rate_limit", "errors": None})
    with pytest.raises(errors.RateLimited) as caught:
        await client.get_user("alice")
    assert caught.value.retry_at == datetime.fromtimestamp(4000003600, UTC)
    assert caught.value.type == "rate_limit"


async def test_a_dripping_answer_comes_to_an_end(
    api: respx.MockRouter, client: MangopayClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(_: httpx.Request) -> httpx.Response:
        await asyncio.Event().wait()
        raise AssertionError

    monkeypatch.setattr("services.mangopay.connection.WHOLE_CALL_TIMEOUT_S", 0.01)
    api.get(ALICE).mock(side_effect=never)
    with pytest.raises(errors.TimedOut):
        await client.get_user("alice")


async def test_a_caller_who_leaves_takes_the_call_along(api: respx.MockRouter, client: MangopayClient) -> None:
    asked, dropped = asyncio.Event(), asyncio.Event()

    async def never(_: httpx.Request) -> httpx.Response:
        asked.set()
        try:
            await asyncio.Event().wait()
        finally:
            dropped.set()
        raise AssertionError

    api.get(ALICE).mock(side_effect=never)
    call = asyncio.create_task(client.get_user("alice"))
    await asked.wait()
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert dropped.is_set()


async def test_no_secret_reaches_a_log_or_a_repr(
    api: respx.MockRouter, client: MangopayClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    iban = "FR7630004000031234567890143"
    receiver_url = "https://dashboard.test/hooks/sandbox/t0ken-of-ours"
    api.get(ALICE).respond(500, json={"Message": "m", "Type": "t", "IBAN": iban})
    api.get("/v2.01/shop/payins/p").respond(200, json={"Id": "p", "BankAccount": {"IBAN": [iban]}})
    api.post(HOOKS).respond(400, json={"Message": "no", "errors": {"Url": "The field Url is not valid"}})
    caught: list[BaseException] = []
    for call in (
        client.get_user("alice"),
        client.get_payin("p"),
        client.create_hook("PAYIN_NORMAL_CREATED", receiver_url, idempotency_key=KEY),
    ):
        with pytest.raises(errors.MangopayError) as error:
            await call
        logging.getLogger("page").error("failed", exc_info=error.value)
        caught.append(error.value)
    written = "\n".join([caplog.text, *map(repr, caught), *map(str, caught), *(str(e.__cause__) for e in caught)])
    written += "\n".join(repr(vars(record)) for record in caplog.records)
    written += repr(client) + repr(vars(client)) + repr(vars(client._connection))
    assert len(caplog.records) >= 3
    for secret in ("s3cret-key", "c2hvcDpzM2NyZXQta2V5", "token-1", iban, "t0ken-of-ours"):
        assert secret not in written


def test_every_error_speaks_plainly_and_says_when_it_is_raised() -> None:
    kinds = [errors.MangopayError]
    for kind in kinds:
        kinds += kind.__subclasses__()
    assert len(kinds) == 13
    for kind in kinds:
        assert kind.__name__ in (errors.__doc__ or "")
        assert kind.__doc__
        assert kind is errors.MangopayError or kind.__doc__.startswith("Raised when") or "Raised for" in kind.__doc__


def test_an_environment_is_part_of_the_client(client: MangopayClient) -> None:
    assert client.environment is Environment.SANDBOX
