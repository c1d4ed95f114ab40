import asyncio
import logging
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import httpx
import pytest
import pytest_asyncio
import respx

from models.environment import Environment
from models.objects.kinds import KINDS, Kind, kind_of_transaction
from models.pasted import PROBED, Candidate, Shape, candidates
from services.emulator import Emulator, EmulatorConfig
from services.emulator.engine.store import Entity, Store
from services.mangopay.client import MangopayClient
from services.mangopay.connection import RetrySchedule
from services.mangopay.errors import Forbidden, NotAuthenticated, RateLimited, ServerError
from services.mangopay.governor import Priority
from services.search.find import AT_ONCE, MOST_QUESTIONS, Answer, Found, Missed, find, find_elsewhere
from tests.actors import make_actor

LOCAL, SANDBOX, PRODUCTION = Environment.LOCAL, Environment.SANDBOX, Environment.PRODUCTION
BASE_URL = "https://api.mangopay.test"
ONCE = RetrySchedule(attempts=1)
NUMBER, UUID, FINGERPRINT = "158026537", "8d5bfa10-11aa-4222-8333-444455556666", "50a6a8da09654c4cab901814a741f924"
ULID = "01J6ABCDEFGHJKMNPQRSTVWXYZ"
OLIVIA = make_actor(environment=SANDBOX)
# Where each kind is asked for, in order, after /v2.01/shop.
ASKED_AT = [
    *("/payins", "/transfers", "/payouts", "/refunds", "/conversions", "/repudiations", "/settlements"),
    *("/preauthorizations", "/sca/users", "/wallets", "/cards", "/mandates", "/disputes", "/kyc/documents"),
    "/recipients",
]
PLURALS = tuple(kind.plural for kind in PROBED)


@dataclass
class Mangopay:
    """A Mangopay that knows what a test says, and keeps how it was asked."""

    answers: dict[str, httpx.Response] = field(default_factory=dict)
    # Of these, the answer is held back until the test lets go of it.
    held: dict[str, asyncio.Event] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    cancelled: list[str] = field(default_factory=list)
    at_once: int = 0
    most_at_once: int = 0

    async def answer(self, request: httpx.Request) -> httpx.Response:
        place = request.url.path.removeprefix("/v2.01/shop").rpartition("/")[0]
        self.asked.append(place)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            await (self.held[place].wait() if place in self.held else asyncio.sleep(0))
            # A few turns of the loop, so that whatever could run at the same time does.
            for _turn in range(5):
                await asyncio.sleep(0)
        except asyncio.CancelledError:
            self.cancelled.append(place)
            raise
        finally:
            self.at_once -= 1
        return self.answers.get(place, httpx.Response(404, json={"Type": "ressource_not_found"}))

    def knows(self, place: str, content: Mapping[str, object] | list[Mapping[str, object]] | None = None) -> None:
        self.answers[place] = httpx.Response(200, json=content if content is not None else {"Id": NUMBER})


@pytest.fixture
def mangopay() -> Iterator[Mangopay]:
    mangopay = Mangopay()
    with respx.mock(base_url=BASE_URL, assert_all_called=False) as router:
        token = {"access_token": "token", "token_type": "bearer", "expires_in": 1200}
        router.post("/v2.01/oauth/token").mock(return_value=httpx.Response(200, json=token))
        router.get(path__regex="/v2.01/shop/.*").mock(side_effect=mangopay.answer)
        yield mangopay


def new_client(environment: Environment) -> MangopayClient:
    return MangopayClient(
        environment,
        base_url=BASE_URL,
        client_id="shop",
        api_key="s3cret-key",
        # Reading the machine's certificates for every test would take longer than the tests.
        transport=httpx.AsyncHTTPTransport(verify=False),
        schedule=ONCE,
    )


@pytest.fixture
async def clients(mangopay: Mangopay) -> AsyncIterator[dict[Environment, MangopayClient]]:
    client = new_client(SANDBOX)
    yield {SANDBOX: client}
    await client.aclose()


Clients = Mapping[Environment, MangopayClient]


async def missed(clients: Clients, object_id: str, shape: Kind | Shape = Shape.DIGITS) -> Missed:
    outcome = await find(OLIVIA, clients, Candidate(object_id, shape))
    assert isinstance(outcome, Missed)
    return outcome


class Market:
    """A seeded emulator, and clients that reach it."""

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator
        self.client = MangopayClient(
            LOCAL,
            base_url="http://mangopay.test",
            client_id="local",
            api_key="local-api-key",
            transport=httpx.ASGITransport(emulator),
        )

    @property
    def store(self) -> Store:
        return self.emulator._world.store


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def market() -> AsyncIterator[Market]:
    emulator = Emulator(EmulatorConfig("http://mangopay.test", rate_limits=None))
    await emulator.start()
    market = Market(emulator)
    await emulator.seed(hook_url=None)
    await market.client.create_hook("PAYIN_NORMAL_SUCCEEDED", "https://example.com/")
    yield market
    await market.client.aclose()
    await emulator.stop()


def seeded(store: Store) -> Iterator[tuple[Kind, Entity]]:
    """Return one of every kind that has a page, and of the transactions one of every type and nature."""
    plain: dict[str, Iterable[Entity]] = {
        "user": store.users,
        "wallet": [wallet for wallet in store.wallets if "Owners" in wallet],
        "card": store.cards,
        "card-registration": store.card_registrations,
        "preauthorization": store.preauthorizations,
        "recurring": store.recurring_registrations,
        "quote": store.quotes,
        "recipient": store.recipients,
        "bank-account": [account for account in store.bank_accounts if account["Active"]],
        "mandate": store.mandates,
        "kyc-document": store.kyc_documents,
        "ubo-declaration": store.ubo_declarations,
        "identity-verification": store.identity_verifications,
        "dispute": store.disputes,
        "dispute-document": store.dispute_documents,
        "hook": store.hooks,
        "report": store.reporting_reports,
        "legacy-report": store.reports,
    }
    for name, collection in plain.items():
        yield KINDS[name], next(iter(collection))
    yield from ((KINDS["client-wallet"], wallet) for wallet in store.wallets if "Owners" not in wallet)
    for deposit in store.deposits:
        yield KINDS["extended-preauthorization" if deposit["_IsExtended"] else "deposit"], deposit
    sorts = {(one["Type"], one["Nature"]): one for one in store.transactions}
    for (type_, nature), transaction in sorts.items():
        kind = kind_of_transaction(type_, nature)
        assert kind is not None
        yield kind, transaction


@pytest.mark.asyncio(loop_scope="module")
async def test_whatever_is_in_the_market_is_found_by_its_id(market: Market) -> None:
    sample = list(seeded(market.store))
    assert {kind.name for kind, _ in sample} >= {"payin", "transfer", "payout", "refund", "conversion", "settlement"}
    assert {kind.name for kind, _ in sample} >= {"repudiation", "client-wallet", "deposit"}
    for kind, entity in sample:
        [candidate] = candidates(f"“{entity['Id']}”")
        assert candidate.kind is not None
        outcome = await find(make_actor(), {LOCAL: market.client}, candidate)
        assert outcome == Found(kind, entity["Id"]), kind.name


@pytest.mark.asyncio(loop_scope="module")
async def test_the_fingerprint_of_a_card_leads_to_every_card_that_has_it(market: Market) -> None:
    fingerprint = next(iter(market.store.cards))["Fingerprint"]
    ids = {card["Id"] for card in market.store.cards if card["Fingerprint"] == fingerprint}
    [candidate] = candidates(fingerprint)
    outcome = await find(make_actor(), {LOCAL: market.client}, candidate)
    assert isinstance(outcome, Found)
    assert outcome.kind is KINDS["card"]
    assert {outcome.object_id, *outcome.others} == ids


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("key", [UUID, FINGERPRINT])
async def test_an_idempotency_key_leads_to_what_it_created(market: Market, key: str) -> None:
    user_id = next(wallet["Owners"][0] for wallet in market.store.wallets if "Owners" in wallet)
    body = {"Owners": [user_id], "Currency": "EUR", "Description": "Another wallet"}
    made = await market.client.post_object("/v2.01/local/wallets", body, idempotency_key=key)
    [candidate] = candidates(key)
    assert made is not None
    assert await find(make_actor(), {LOCAL: market.client}, candidate) == Found(KINDS["wallet"], str(made["Id"]))


@pytest.mark.asyncio(loop_scope="module")
async def test_a_key_whose_creation_failed_leads_nowhere(market: Market) -> None:
    key = "0" * 31 + "f"
    with pytest.raises(Exception, match="Invalid"):
        await market.client.post_object("/v2.01/local/wallets", {}, idempotency_key=key)
    outcome = await find(make_actor(), {LOCAL: market.client}, Candidate(key, Shape.FINGERPRINT))
    assert outcome == Missed(("Cards with this fingerprint", "Idempotency keys of the last day"))


@pytest.mark.parametrize("shape", [Shape.DIGITS, Shape.UUID])
@pytest.mark.parametrize(("kind", "place"), list(zip(PROBED, ASKED_AT, strict=True)))
async def test_an_id_that_tells_no_kind_is_found_among_all_it_may_be(
    mangopay: Mangopay, clients: Clients, kind: Kind, place: str, shape: Shape
) -> None:
    object_id = NUMBER if shape is Shape.DIGITS else UUID
    mangopay.knows(place)
    assert await find(OLIVIA, clients, Candidate(object_id, shape)) == Found(kind, object_id)
    # In order, and no further than those that were asked at the same time as the one that knew it.
    reached = ASKED_AT.index(place) + 1
    assert mangopay.asked == [*ASKED_AT, "/responses"][: len(mangopay.asked)]
    assert reached <= len(mangopay.asked) < reached + AT_ONCE
    assert mangopay.most_at_once <= AT_ONCE


async def test_an_id_that_nobody_knows_is_asked_for_everywhere_once_and_never_too_many_at_once(
    mangopay: Mangopay, clients: Clients
) -> None:
    assert await missed(clients, NUMBER) == Missed(tried=PLURALS)
    assert mangopay.asked == ASKED_AT
    assert mangopay.most_at_once == AT_ONCE == 4


async def test_no_search_asks_more_than_its_budget(mangopay: Mangopay, clients: Clients) -> None:
    outcome = await missed(clients, UUID, Shape.UUID)
    assert len(mangopay.asked) == MOST_QUESTIONS == 16
    assert outcome.tried == (*PLURALS, "Idempotency keys of the last day")
    assert "card validation" in outcome.reason.lower()


async def test_the_first_yes_ends_the_search_and_what_is_under_way(mangopay: Mangopay, clients: Clients) -> None:
    mangopay.knows("/transfers")
    mangopay.held = {"/payins": asyncio.Event(), "/payouts": asyncio.Event(), "/refunds": asyncio.Event()}
    # Sooner than those that are held would run out of time by themselves.
    async with asyncio.timeout(5):
        assert await find(OLIVIA, clients, Candidate(NUMBER, Shape.DIGITS)) == Found(KINDS["transfer"], NUMBER)
    assert sorted(mangopay.cancelled) == ["/payins", "/payouts", "/refunds"]
    assert mangopay.asked == ASKED_AT[:4]
    assert mangopay.at_once == 0


async def test_of_several_that_say_yes_at_once_the_first_counts(mangopay: Mangopay, clients: Clients) -> None:
    for place in ASKED_AT[:4]:
        mangopay.knows(place)
    # More than once, for by chance the first may come first.
    for _search in range(8):
        mangopay.held = dict.fromkeys(ASKED_AT[:4], asyncio.Event())
        search = asyncio.ensure_future(find(OLIVIA, clients, Candidate(NUMBER, Shape.DIGITS)))
        while mangopay.at_once < AT_ONCE:  # noqa: ASYNC110  (it is the loop's turns that are waited for)
            await asyncio.sleep(0)
        mangopay.held["/payins"].set()
        assert await search == Found(KINDS["payin"], NUMBER)


async def test_a_search_that_is_given_up_leaves_no_call_behind(mangopay: Mangopay, clients: Clients) -> None:
    mangopay.held = {place: asyncio.Event() for place in ASKED_AT}
    search = asyncio.ensure_future(find(OLIVIA, clients, Candidate(NUMBER, Shape.DIGITS)))
    while len(mangopay.asked) < AT_ONCE:  # noqa: ASYNC110  (it is the loop's turns that are waited for)
        await asyncio.sleep(0)
    search.cancel()
    async with asyncio.timeout(5):
        with pytest.raises(asyncio.CancelledError):
            await search
    assert mangopay.at_once == 0
    assert len(mangopay.cancelled) == AT_ONCE
    assert mangopay.asked == ASKED_AT[:4]


async def test_what_is_refused_for_how_the_id_looks_is_none_of_these(mangopay: Mangopay, clients: Clients) -> None:
    mangopay.answers["/payins"] = httpx.Response(400, json={"Type": "param_error", "errors": {"Id": "not valid"}})
    mangopay.knows("/wallets")
    assert await find(OLIVIA, clients, Candidate(NUMBER, Shape.DIGITS)) == Found(KINDS["wallet"], NUMBER)
    mangopay.answers["/wallets"] = mangopay.answers["/payins"]
    assert await missed(clients, NUMBER) == Missed(tried=PLURALS)
    assert await missed(clients, f"payin_m_{ULID}", KINDS["payin"]) == Missed(tried=("Pay-ins",))


@pytest.mark.parametrize(
    ("type_", "nature", "kind"),
    [
        ("PAYOUT", "REFUND", "refund"),
        ("PAYIN", "REGULAR", "payin"),
        ("TRANSFER", "SETTLEMENT", "settlement"),
        ("PAYIN", "REPUDIATION", "repudiation"),
        ("CONVERSION", "REGULAR", "conversion"),
        ("SOMETHING_NEW", "REGULAR", "payin"),
        (None, None, "payin"),
    ],
)
async def test_a_transaction_is_what_its_type_and_nature_say(
    mangopay: Mangopay, clients: Clients, type_: str | None, nature: str | None, kind: str
) -> None:
    mangopay.knows("/payins", {"Id": NUMBER, "Type": type_, "Nature": nature})
    assert await find(OLIVIA, clients, Candidate(NUMBER, Shape.DIGITS)) == Found(KINDS[kind], NUMBER)
    object_id = f"payin_m_{ULID}"
    assert await find(OLIVIA, clients, Candidate(object_id, KINDS["payin"])) == Found(KINDS[kind], object_id)


def demanding_sca() -> httpx.Response:
    header = 'PendingUserAction redirectUrl="https://sca.mangopay.test/"'
    return httpx.Response(401, headers={"WWW-Authenticate": header})


@pytest.mark.parametrize(
    ("object_id", "shape"), [(NUMBER, Shape.DIGITS), (f"wlt_m_{ULID}", KINDS["wallet"])], ids=["digits", "prefix"]
)
async def test_a_wallet_that_is_only_shown_after_authentication_is_there(
    mangopay: Mangopay, clients: Clients, object_id: str, shape: Kind | Shape
) -> None:
    mangopay.answers["/wallets"] = demanding_sca()
    assert await find(OLIVIA, clients, Candidate(object_id, shape)) == Found(KINDS["wallet"], object_id)


async def test_the_same_demand_of_another_kind_says_nothing(mangopay: Mangopay, clients: Clients) -> None:
    mangopay.answers["/cards"] = demanding_sca()
    outcome = await missed(clients, NUMBER)
    assert [what for what, _ in outcome.failed] == ["Cards"]


async def test_what_could_not_be_asked_is_told_and_does_not_count_as_absent(
    mangopay: Mangopay, clients: Clients
) -> None:
    mangopay.answers["/wallets"] = httpx.Response(500)
    mangopay.answers["/payins"] = httpx.Response(403, json={})
    outcome = await missed(clients, NUMBER)
    assert [(what, type(error)) for what, error in outcome.failed] == [("Pay-ins", Forbidden), ("Wallets", ServerError)]
    assert outcome.tried == tuple(plural for plural in PLURALS if plural not in ("Pay-ins", "Wallets"))
    assert (outcome.not_tried, outcome.stopped_by) == ((), None)


async def test_a_key_that_lacks_scopes_does_not_end_the_search(mangopay: Mangopay, clients: Clients) -> None:
    mangopay.answers = dict.fromkeys(ASKED_AT[:-1], httpx.Response(403, json={}))
    mangopay.knows("/recipients")
    assert await find(OLIVIA, clients, Candidate(NUMBER, Shape.DIGITS)) == Found(KINDS["recipient"], NUMBER)


@pytest.mark.parametrize(("status", "error"), [(500, ServerError), (401, NotAuthenticated)])
async def test_a_mangopay_that_is_not_well_is_not_asked_on(
    mangopay: Mangopay, clients: Clients, status: int, error: type[Exception]
) -> None:
    mangopay.answers = dict.fromkeys(ASKED_AT, httpx.Response(status, json={}))
    outcome = await missed(clients, NUMBER)
    assert outcome.tried == ()
    assert isinstance(outcome.stopped_by, error)
    told = [what for what, _ in outcome.failed]
    assert (*told, *outcome.not_tried) == PLURALS
    assert 3 <= len(told) <= 6


async def test_a_rate_limit_ends_the_search_and_says_when_to_go_on(mangopay: Mangopay, clients: Clients) -> None:
    reset = 4_102_444_800
    limits = {
        "x-ratelimit": "2300, 10, 10, 10",
        "x-ratelimit-remaining": "0, 10, 10, 10",
        "x-ratelimit-reset": f"{reset}, {reset}, {reset}, {reset}",
    }
    mangopay.answers["/transfers"] = httpx.Response(429, headers=limits)
    mangopay.held["/refunds"] = asyncio.Event()
    mangopay.held["/refunds"].set()
    outcome = await missed(clients, NUMBER)
    assert isinstance(outcome.stopped_by, RateLimited)
    assert outcome.stopped_by.retry_at is not None
    assert outcome.stopped_by.retry_at.timestamp() == reset
    assert "Transfers" in [what for what, _ in outcome.failed]
    assert "Recipients" in outcome.not_tried
    assert sorted([*outcome.tried, *(what for what, _ in outcome.failed), *outcome.not_tried]) == sorted(PLURALS)
    assert len(mangopay.asked) <= 2 * AT_ONCE


async def test_what_was_under_way_when_the_limit_was_reached_may_still_say_yes(
    mangopay: Mangopay, clients: Clients
) -> None:
    mangopay.answers["/payins"] = httpx.Response(429)
    mangopay.held["/refunds"] = asyncio.Event()
    mangopay.knows("/refunds", {"Id": NUMBER, "Type": "PAYOUT", "Nature": "REFUND"})
    search = asyncio.ensure_future(find(OLIVIA, clients, Candidate(NUMBER, Shape.DIGITS)))
    while mangopay.at_once != 1 or len(mangopay.asked) < AT_ONCE:  # noqa: ASYNC110  (the loop's turns again)
        await asyncio.sleep(0)
    mangopay.held["/refunds"].set()
    assert await search == Found(KINDS["refund"], NUMBER)
    assert mangopay.asked == ASKED_AT[:4]


async def test_the_limits_of_the_platform_hold_for_a_search_too(mangopay: Mangopay, clients: Clients) -> None:
    governor = clients[SANDBOX].governor
    # Whoever looks for something leaves the last twentieth to the platform, and may make two calls more.
    for _call in range(2_300 - 115 - 2):
        governor.sent(Priority.BACKGROUND)
    outcome = await missed(clients, NUMBER)
    assert isinstance(outcome.stopped_by, RateLimited)
    assert mangopay.asked == ASKED_AT[:2]
    assert outcome.tried == PLURALS[:2]


async def test_a_search_is_made_for_a_person_whatever_the_client_is_for(mangopay: Mangopay, clients: Clients) -> None:
    background = {SANDBOX: clients[SANDBOX].at(Priority.BACKGROUND)}
    for _call in range(1_500):
        clients[SANDBOX].governor.sent(Priority.PERSON)
    mangopay.knows("/payins")
    assert await find(OLIVIA, background, Candidate(NUMBER, Shape.DIGITS)) == Found(KINDS["payin"], NUMBER)


async def test_every_step_is_told(mangopay: Mangopay, clients: Clients) -> None:
    told: list[tuple[str, Answer]] = []
    mangopay.answers["/payins"] = httpx.Response(403, json={})
    mangopay.knows("/transfers")
    mangopay.held["/payouts"] = mangopay.held["/refunds"] = asyncio.Event()
    await find(OLIVIA, clients, Candidate(NUMBER, Shape.DIGITS), tell=lambda *step: told.append(step))
    assert told[:15] == [(plural, Answer.WAITING) for plural in PLURALS]
    assert told[15:19] == [(plural, Answer.ASKED) for plural in PLURALS[:4]]
    assert ("Pay-ins", Answer.FAILED) in told[19:]
    assert told[-1] == ("Transfers", Answer.YES)


@pytest.mark.parametrize(
    ("object_id", "places"),
    [
        (f"payin_m_{ULID}", ["/payins"]),
        (f"user_m_{ULID}", ["/sca/users", "/users"]),
        (f"po_m_{ULID}", ["/payouts/bankwire", "/payouts"]),
        (f"deposit_m_{ULID}", ["/deposit-preauthorizations", "/extended-preauthorizations"]),
        (f"ubo_m_{ULID}", ["/kyc/ubodeclarations"]),
        (f"bankacc_m_{ULID}", ["/recipients"]),
        (f"wltbank_m_{ULID}", ["/bankingaliases"]),
        ("CREDIT_EUR", ["/clients/wallets/CREDIT"]),
    ],
)
async def test_a_prefix_leaves_one_kind_to_ask_for(
    mangopay: Mangopay, clients: Clients, object_id: str, places: list[str]
) -> None:
    [candidate] = candidates(object_id)
    outcome = await find(OLIVIA, clients, candidate)
    assert isinstance(outcome, Missed)
    assert mangopay.asked == places
    assert outcome.tried == (candidate.kind.plural if candidate.kind else "",)


@pytest.mark.parametrize(("object_id", "what"), [(f"ubo_m_{ULID}", "UBO"), (f"wltbank_m_{ULID}", "virtual account")])
async def test_a_miss_says_what_else_the_id_may_be(
    mangopay: Mangopay, clients: Clients, object_id: str, what: str
) -> None:
    [candidate] = candidates(object_id)
    outcome = await find(OLIVIA, clients, candidate)
    assert isinstance(outcome, Missed)
    assert what in outcome.reason


async def test_a_deposit_that_is_read_by_its_newer_name_is_an_extended_one(
    mangopay: Mangopay, clients: Clients
) -> None:
    mangopay.knows("/extended-preauthorizations")
    outcome = await find(OLIVIA, clients, Candidate(f"deposit_m_{ULID}", KINDS["deposit"]))
    assert outcome == Found(KINDS["extended-preauthorization"], f"deposit_m_{ULID}")


async def test_the_one_question_of_a_prefix_fails_openly(mangopay: Mangopay, clients: Clients) -> None:
    mangopay.answers["/payins"] = httpx.Response(500)
    with pytest.raises(ServerError):
        await find(OLIVIA, clients, Candidate(f"payin_m_{ULID}", KINDS["payin"]))


async def test_cards_of_one_fingerprint_are_all_offered_and_a_card_without_an_id_is_none(
    mangopay: Mangopay, clients: Clients
) -> None:
    mangopay.knows("/cards/fingerprints", [{"Id": "card_m_1"}, {}, {"Id": "card_m_2"}])
    candidate = Candidate(FINGERPRINT, Shape.FINGERPRINT)
    assert await find(OLIVIA, clients, candidate) == Found(KINDS["card"], "card_m_1", ("card_m_2",))
    mangopay.knows("/cards/fingerprints", [])
    assert (await missed(clients, FINGERPRINT, Shape.FINGERPRINT)).tried[0] == "Cards with this fingerprint"


@pytest.mark.parametrize("kept", [{}, {"Resource": None}, {"Resource": "text"}, {"Resource": {"Id": NUMBER}}])
async def test_a_kept_response_that_names_no_object_leads_nowhere(
    mangopay: Mangopay, clients: Clients, kept: dict[str, object]
) -> None:
    mangopay.knows("/responses", kept)
    assert (await missed(clients, FINGERPRINT, Shape.FINGERPRINT)).failed == ()


class Elsewhere:
    """One Mangopay for each environment, each with a client of its own."""

    def __init__(self) -> None:
        self.mangopay = {environment: Mangopay() for environment in Environment}
        self.clients = {
            environment: MangopayClient(
                environment,
                base_url=BASE_URL,
                client_id="shop",
                api_key="s3cret-key",
                transport=httpx.MockTransport(self._answer_of(mangopay)),
                schedule=ONCE,
            )
            for environment, mangopay in self.mangopay.items()
        }

    @staticmethod
    def _answer_of(mangopay: Mangopay):  # type: ignore[no-untyped-def]  # noqa: ANN205
        async def answer(request: httpx.Request) -> httpx.Response:
            if request.url.path.endswith("/oauth/token"):
                token = {"access_token": "token", "token_type": "bearer", "expires_in": 1200}
                return httpx.Response(200, json=token)
            return await mangopay.answer(request)

        return answer


@pytest.fixture
async def elsewhere() -> AsyncIterator[Elsewhere]:
    elsewhere = Elsewhere()
    yield elsewhere
    for client in elsewhere.clients.values():
        await client.aclose()


async def test_a_search_never_asks_in_another_environment(elsewhere: Elsewhere) -> None:
    actor = make_actor(environment=LOCAL, also_in=(SANDBOX, PRODUCTION))
    for environment in (SANDBOX, PRODUCTION):
        for place in ASKED_AT:
            elsewhere.mangopay[environment].knows(place)
    assert isinstance(await find(actor, elsewhere.clients, Candidate(NUMBER, Shape.DIGITS)), Missed)
    assert elsewhere.mangopay[SANDBOX].asked == elsewhere.mangopay[PRODUCTION].asked == []


@pytest.mark.parametrize(
    ("object_id", "shape"), [(NUMBER, Shape.DIGITS), (f"payin_m_{ULID}", KINDS["payin"])], ids=["digits", "prefix"]
)
async def test_the_other_environments_are_named_that_know_the_id(
    elsewhere: Elsewhere, object_id: str, shape: Kind | Shape
) -> None:
    actor = make_actor(environment=LOCAL, also_in=(PRODUCTION, SANDBOX))
    elsewhere.mangopay[SANDBOX].knows("/payins")
    candidate = Candidate(object_id, shape)
    assert await find_elsewhere(actor, elsewhere.clients, candidate) == (SANDBOX,)
    assert elsewhere.mangopay[PRODUCTION].asked == (["/payins"] if shape is KINDS["payin"] else ASKED_AT)
    assert elsewhere.mangopay[PRODUCTION].most_at_once <= AT_ONCE
    # Nobody asks again where the id was not found.
    assert elsewhere.mangopay[LOCAL].asked == []


async def test_an_environment_that_the_actor_may_not_enter_is_not_even_asked(elsewhere: Elsewhere) -> None:
    for mangopay in elsewhere.mangopay.values():
        mangopay.knows("/payins")
    candidate = Candidate(f"payin_m_{ULID}", KINDS["payin"])
    actor = make_actor(environment=LOCAL, also_in=(SANDBOX,))
    assert await find_elsewhere(actor, elsewhere.clients, candidate) == (SANDBOX,)
    assert elsewhere.mangopay[PRODUCTION].asked == []
    assert await find_elsewhere(make_actor(environment=LOCAL), elsewhere.clients, candidate) == ()


async def test_an_environment_that_is_not_on_here_and_ones_own_are_left_out(elsewhere: Elsewhere) -> None:
    elsewhere.mangopay[LOCAL].knows("/payins")
    actor = make_actor(environment=LOCAL, also_in=(LOCAL, SANDBOX))
    clients = {LOCAL: elsewhere.clients[LOCAL]}
    assert await find_elsewhere(actor, clients, Candidate(f"payin_m_{ULID}", KINDS["payin"])) == ()
    assert elsewhere.mangopay[LOCAL].asked == []


@pytest.mark.parametrize(
    ("object_id", "shape"), [(NUMBER, Shape.DIGITS), (f"payin_m_{ULID}", KINDS["payin"])], ids=["digits", "prefix"]
)
async def test_what_fails_elsewhere_is_not_known_and_no_matter(
    elsewhere: Elsewhere, object_id: str, shape: Kind | Shape, caplog: pytest.LogCaptureFixture
) -> None:
    actor = make_actor(environment=LOCAL, also_in=(PRODUCTION, SANDBOX))
    elsewhere.mangopay[PRODUCTION].answers["/payins"] = httpx.Response(500)
    elsewhere.mangopay[SANDBOX].knows("/payins")
    with caplog.at_level(logging.INFO, "services.search.find"):
        assert await find_elsewhere(actor, elsewhere.clients, Candidate(object_id, shape)) == (SANDBOX,)
    said = [record for record in caplog.records if record.name == "services.search.find"]
    assert {record.levelno for record in said} == {logging.INFO}
    assert "environment=production" in said[0].getMessage()
