"""The update of a profile, against the emulator: what is sent, what is refused, and what the audit log has of it."""

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import col, select

from models.audit import Act, AuditEntry, Outcome
from models.environment import Environment
from models.permissions import Role
from models.profile import form_values
from services.access.actors import NotAllowed
from services.clock import now
from services.database import Database
from services.emulator import Emulator, EmulatorConfig
from services.mangopay.client import MangopayClient
from services.mangopay.errors import Invalid, NotFound, RateLimited, TimedOut
from services.objects.profiles import ChangedMeanwhile, NothingChanged, Unfit, Updated, update_profile
from tests.actors import make_actor
from tests.services.emulator.marketplace import company_body, owner_body

LOCAL = Environment.LOCAL
OLIVIA = make_actor(Role.OPERATOR)
TERMS = "TermsAndConditionsAccepted"
Json = dict[str, Any]


class Line(httpx.AsyncBaseTransport):
    """The way to the emulator, which notes what passes, and may lose or replace the answers to updates."""

    def __init__(self, emulator: Emulator) -> None:
        self.way = httpx.ASGITransport(emulator)
        self.puts: list[tuple[str, Json]] = []
        self.loses_answers = False
        self.says: httpx.Response | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.method != "PUT":
            return await self.way.handle_async_request(request)
        self.puts.append((request.url.path, json.loads(request.content)))
        if self.says is not None:
            return self.says
        answer = await self.way.handle_async_request(request)
        if self.loses_answers:
            raise httpx.ReadTimeout("lost", request=request)
        return answer


@dataclass
class Desk:
    """Olivia's, with one user whose profile she edits."""

    database: Database
    clients: Mapping[Environment, MangopayClient]
    line: Line
    # As she saw it last.
    user: Json
    user_id: str

    async def update(self, **typed: str) -> Updated:
        """Send the form with some fields retyped; `Address__City` stands for `Address.City`."""
        values = form_values(self.user) | {name.replace("__", "."): text for name, text in typed.items()}
        return await update_profile(
            OLIVIA, self.clients, self.database, self.user_id, seen=self.user, values=values, now=now()
        )

    async def read(self) -> Mapping[str, Any]:
        return await self.clients[LOCAL].get_object(f"/v2.01/local/sca/users/{self.user_id}", fresh=True)

    async def somebody_else_changes(self, kind: str, body: Json) -> None:
        """Change the user by another way than ours, which still remembers what it has read."""
        await self.clients[LOCAL].get_object(f"/v2.01/local/sca/users/{self.user_id}")
        path = f"http://mangopay.test/v2.01/local/sca/users/{kind}/{self.user_id}"
        async with httpx.AsyncClient(transport=self.line.way, auth=("local", "local-api-key")) as http:
            assert (await http.put(path, json=body | {TERMS: True})).status_code == 200

    async def log(self) -> list[AuditEntry]:
        """Return what the audit log says of updates, oldest first."""
        async with self.database.session() as session:
            told = select(AuditEntry).where(AuditEntry.act == Act.UPDATE_PROFILE).order_by(col(AuditEntry.id))
            return list(await session.exec(told))

    async def outcomes(self) -> list[tuple[Outcome, str]]:
        return [(entry.outcome, entry.detail) for entry in await self.log()]

    def refuse_to_write(self, outcome: Outcome) -> None:
        """Have the database take no line of that outcome."""
        with self.database.writer.begin() as connection:
            connection.exec_driver_sql(
                f"CREATE TRIGGER full BEFORE INSERT ON audit_entry WHEN NEW.outcome = '{outcome}' "
                "BEGIN SELECT RAISE(ABORT, 'the disk is full'); END"
            )


@pytest.fixture
async def line() -> AsyncIterator[Line]:
    emulator = Emulator(EmulatorConfig("http://mangopay.test"))
    await emulator.start()
    yield Line(emulator)
    await emulator.stop()


@pytest.fixture
async def clients(line: Line) -> AsyncIterator[Mapping[Environment, MangopayClient]]:
    client = MangopayClient(
        LOCAL,
        base_url="http://mangopay.test",
        client_id="local",
        api_key="local-api-key",
        transport=line,
        remembers_s=60,
    )
    yield {LOCAL: client}
    await client.aclose()


async def _desk(database: Database, clients: Mapping[Environment, MangopayClient], line: Line, body: Json) -> Desk:
    kind = "legal" if "LegalPersonType" in body else "natural"
    user = await clients[LOCAL].post_object(f"/v2.01/local/sca/users/{kind}", body)
    assert user is not None
    return Desk(database, clients, line, user, str(user["Id"]))


@pytest.fixture
async def bob(database: Database, clients: Mapping[Environment, MangopayClient], line: Line) -> Desk:
    """A natural owner, who would be asked for strong authentication."""
    return await _desk(database, clients, line, owner_body("Bob", "bob@example.com") | {"Tag": "since 2019"})


@pytest.fixture
async def company(database: Database, clients: Mapping[Environment, MangopayClient], line: Line) -> Desk:
    return await _desk(database, clients, line, company_body("BUSINESS"))


async def test_a_natural_user_is_updated_with_what_changed_and_nothing_else(bob: Desk) -> None:
    updated = await bob.update(Tag="trusted", FirstName="Bobby")
    assert bob.line.puts == [
        (
            f"/v2.01/local/sca/users/natural/{bob.user['Id']}",
            {"FirstName": "Bobby", "Tag": "trusted", TERMS: True},
        )
    ]
    assert (updated.redirect_url, updated.kept) == (None, ())
    assert [change.path for change in updated.changes] == ["FirstName", "Tag"]
    after = await bob.read()
    assert (updated.user["FirstName"], after["FirstName"], after["Tag"]) == ("Bobby", "Bobby", "trusted")
    assert after["LastName"] == bob.user["LastName"]


async def test_a_legal_user_is_updated_at_its_own_address_with_whole_objects(company: Desk) -> None:
    representative = company.user["LegalRepresentative"]
    await company.update(LegalRepresentative__LastName="Verger", HeadquartersAddress__City="Lyon")
    [(path, body)] = company.line.puts
    assert path == f"/v2.01/local/sca/users/legal/{company.user['Id']}"
    assert body == {
        "HeadquartersAddress": company.user["HeadquartersAddress"] | {"City": "Lyon"},
        "LegalRepresentative": {name: value for name, value in representative.items() if name != "ProofOfIdentity"}
        | {"LastName": "Verger"},
        TERMS: True,
    }
    after = await company.read()
    assert after["LegalRepresentative"] == representative | {"LastName": "Verger"}
    assert after["HeadquartersAddress"]["City"] == "Lyon"


async def test_what_is_cleared_is_gone(bob: Desk) -> None:
    await bob.update(PhoneNumber="0611111111", PhoneNumberCountry="FR", Occupation="Baker", Address__AddressLine2="B")
    bob.user = dict(await bob.read())
    typed = dict.fromkeys(("PhoneNumber", "PhoneNumberCountry", "Occupation", "Tag", "Address__AddressLine2"), "")
    updated = await bob.update(**typed)
    assert updated.kept == ()
    after = form_values(await bob.read())
    assert [after[name.replace("__", ".")] for name in typed] == [""] * 5


async def test_what_mangopay_keeps_all_the_same_is_told(bob: Desk) -> None:
    await bob.update(
        Address__AddressLine1="1 rue A", Address__City="Paris", Address__PostalCode="75011", Address__Country="FR"
    )
    bob.user = dict(await bob.read())
    emptied = {f"Address__{part}": "" for part in bob.user["Address"]}
    updated = await bob.update(**emptied)
    assert [change.path for change in updated.kept] == [change.path for change in updated.changes]
    assert len(updated.kept) == 4


async def test_an_owner_who_is_reached_otherwise_is_sent_to_authenticate(bob: Desk) -> None:
    updated = await bob.update(Email="bob@example.org")
    assert updated.redirect_url is not None
    assert updated.redirect_url.startswith("http://mangopay.test/")
    assert (await bob.read())["UserStatus"] == "PENDING_USER_ACTION"


async def test_the_log_says_who_asked_for_what_and_how_it_ended_but_no_value(bob: Desk) -> None:
    await bob.update(FirstName="Bobby", Email="bob@example.org", Birthday="1980-05-04")
    entries = await bob.log()
    names = "FirstName, Birthday, Email"
    assert [(entry.outcome, entry.detail) for entry in entries] == [(Outcome.ASKED, names), (Outcome.DONE, names)]
    assert {(entry.about, entry.who, entry.environment) for entry in entries} == {(bob.user["Id"], OLIVIA.email, LOCAL)}
    written = "".join(str(entry.model_dump()) for entry in entries)
    assert not [value for value in ("Bobby", "bob@example", "1980", "326246400") if value in written]


async def test_it_is_written_down_as_asked_before_it_leaves(bob: Desk) -> None:
    bob.refuse_to_write(Outcome.ASKED)
    with pytest.raises(SQLAlchemyError):
        await bob.update(Tag="trusted")
    assert bob.line.puts == []


async def test_what_is_done_is_told_as_done_though_the_log_cannot_be_written_any_more(bob: Desk) -> None:
    bob.refuse_to_write(Outcome.DONE)
    assert (await bob.update(Tag="trusted")).user["Tag"] == "trusted"
    assert await bob.outcomes() == [(Outcome.ASKED, "Tag")]


async def test_without_a_change_nothing_is_asked(bob: Desk) -> None:
    with pytest.raises(NothingChanged):
        await bob.update()
    assert (bob.line.puts, await bob.log()) == ([], [])


async def test_what_cannot_be_right_is_not_sent(bob: Desk) -> None:
    with pytest.raises(Unfit) as refused:
        await bob.update(Email="nonsense", Birthday="2999-01-01")
    assert refused.value.field_errors.keys() == {"Email", "Birthday"}
    assert "nonsense" not in str(refused.value)
    assert (bob.line.puts, await bob.log()) == ([], [])


async def test_what_mangopay_refuses_is_told_by_field_and_logged_without_a_value(bob: Desk) -> None:
    with pytest.raises(Invalid) as refused:
        await bob.update(Nationality="KP", CountryOfResidence="IR")
    assert refused.value.field_errors == {
        "Nationality": "The Nationality used is blocked",
        "CountryOfResidence": "The CountryOfResidence used is blocked",
    }
    assert await bob.outcomes() == [
        (Outcome.ASKED, "Nationality, CountryOfResidence"),
        (Outcome.FAILED, "Mangopay refused: Nationality, CountryOfResidence"),
    ]


async def test_a_refusal_that_repeats_what_was_typed_is_not_repeated_by_the_log(bob: Desk) -> None:
    errors = {"LastName": "The value Secretname is not valid"}
    bob.line.says = httpx.Response(400, json={"Message": "Secretname", "Type": "param_error", "errors": errors})
    with pytest.raises(Invalid):
        await bob.update(LastName="Secretname")
    assert await bob.outcomes() == [(Outcome.ASKED, "LastName"), (Outcome.FAILED, "Mangopay refused: LastName")]


async def test_a_refusal_without_fields_is_logged_by_its_type(bob: Desk) -> None:
    bob.line.says = httpx.Response(400, json={"Message": "Bob is no name", "Type": "fraud_policy"})
    with pytest.raises(Invalid):
        await bob.update(LastName="Bob")
    assert (await bob.outcomes())[1] == (Outcome.FAILED, "Mangopay refused: fraud_policy")


async def test_what_somebody_else_has_changed_meanwhile_is_not_overwritten(bob: Desk) -> None:
    await bob.somebody_else_changes("natural", {"Tag": "blocked by compliance", "Occupation": "Baker"})
    with pytest.raises(ChangedMeanwhile) as refused:
        await bob.update(Tag="trusted", FirstName="Bobby")
    assert [(change.path, change.before, change.after) for change in refused.value.moved] == [
        ("Tag", "since 2019", "blocked by compliance")
    ]
    assert (bob.line.puts, await bob.log()) == ([], [])


async def test_what_somebody_else_has_changed_elsewhere_is_left_alone(bob: Desk) -> None:
    await bob.somebody_else_changes("natural", {"Occupation": "Baker", "LastName": "Other"})
    await bob.update(Tag="trusted")
    assert bob.line.puts[0][1] == {"Tag": "trusted", TERMS: True}
    after = await bob.read()
    assert (after["Occupation"], after["LastName"], after["Tag"]) == ("Baker", "Other", "trusted")


async def test_half_an_address_never_joins_half_of_another(company: Desk) -> None:
    other = company.user["HeadquartersAddress"] | {"PostalCode": "69001"}
    await company.somebody_else_changes("legal", {"HeadquartersAddress": other})
    with pytest.raises(ChangedMeanwhile) as refused:
        await company.update(HeadquartersAddress__City="Lyon")
    assert [change.path for change in refused.value.moved] == ["HeadquartersAddress.PostalCode"]
    assert company.line.puts == []


async def test_a_lost_answer_is_logged_as_not_known_and_nothing_is_sent_twice(bob: Desk) -> None:
    bob.line.loses_answers = True
    with pytest.raises(TimedOut) as lost:
        await bob.update(Tag="trusted")
    assert lost.value.outcome_is_unknown
    assert len(bob.line.puts) == 1
    assert await bob.outcomes() == [
        (Outcome.ASKED, "Tag"),
        (Outcome.FAILED, "Mangopay did not answer in time. It is not known whether this was done."),
    ]
    assert (await bob.read())["Tag"] == "trusted"


async def test_a_refusal_for_too_many_calls_is_known_to_have_done_nothing(bob: Desk) -> None:
    bob.line.says = httpx.Response(429, json={"Type": "rate_limit"})
    with pytest.raises(RateLimited) as refused:
        await bob.update(Tag="trusted")
    assert (await bob.outcomes())[1] == (Outcome.FAILED, refused.value.sentence)


async def test_an_answer_without_a_body_is_an_update_like_any_other(bob: Desk) -> None:
    bob.line.says = httpx.Response(204)
    updated = await bob.update(Tag="trusted")
    assert (updated.redirect_url, updated.kept) == (None, ())
    assert [outcome for outcome, _ in await bob.outcomes()] == [Outcome.ASKED, Outcome.DONE]


async def test_a_user_who_is_not_there_is_not_found_and_nothing_is_logged(bob: Desk) -> None:
    bob.user_id = "user_m_nobody"
    with pytest.raises(NotFound):
        await bob.update(Tag="trusted")
    assert (bob.line.puts, await bob.log()) == ([], [])


async def test_an_id_cannot_lead_to_another_address(bob: Desk) -> None:
    for user_id in ("..", f"x/../{bob.user['Id']}", "", "."):
        bob.user_id = user_id
        with pytest.raises(NotFound):
            await bob.update(Tag="trusted")
    assert bob.line.puts == []


async def test_who_may_only_look_updates_nothing(bob: Desk) -> None:
    values = form_values(bob.user) | {"Tag": "trusted"}
    victor = make_actor(Role.VIEWER)
    with pytest.raises(NotAllowed):
        await update_profile(victor, bob.clients, bob.database, bob.user_id, seen=bob.user, values=values, now=now())
    assert bob.line.puts == []
