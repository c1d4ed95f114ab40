"""The page Edit profile: who is served it, and what its parts say of a user, of a change and of a refusal."""

import html
import re
from collections.abc import AsyncIterator, Iterator
from typing import Any

import htpy as h
import httpx
import pytest

from models.environment import Environment
from models.permissions import Role
from models.profile import Change, changes, form_values
from services.mangopay.answers import ErrorBody
from services.mangopay.errors import Invalid
from services.objects.profiles import Updated
from tests.browser.access import sign_up
from tests.serving import Server, serving
from ui.pages import profile_parts as parts

REQUEST = httpx.Request("PUT", "http://mangopay.test/")
BOB: dict[str, Any] = {
    "PersonType": "NATURAL",
    "UserCategory": "OWNER",
    "UserStatus": "ACTIVE",
    "KYCLevel": "REGULAR",
    "TermsAndConditionsAccepted": True,
    "FirstName": "Bob",
    "LastName": "<b>Lefèvre</b>",
    "Nationality": "FR",
    "Tag": "since 2019",
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("profile")) as server:
        yield server


@pytest.fixture
async def victor(server: Server) -> AsyncIterator[httpx.AsyncClient]:
    async with await _browser(server, Role.VIEWER) as http:
        yield http


@pytest.fixture
async def olivia(server: Server) -> AsyncIterator[httpx.AsyncClient]:
    async with await _browser(server, Role.OPERATOR) as http:
        yield http


async def _browser(server: Server, role: Role) -> httpx.AsyncClient:
    session = await sign_up(server, f"{role}@example.com", role)
    return httpx.AsyncClient(base_url=server.base_url, cookies=dict([session]), verify=False)


def wanted(**typed: str) -> tuple[Change, ...]:
    return changes(BOB, form_values(BOB) | typed)


def text_of(node: h.Node) -> str:
    """Return what is read of a part, without its tags, its icons and the spaces between."""
    without_icons = re.sub(r"<i [^>]*>[^<]*</i>", "", str(h.fragment[node]))
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", without_icons))).strip()


async def test_an_operator_is_served_the_form_of_any_id(olivia: httpx.AsyncClient, server: Server) -> None:
    for user_id in ("user_m_1", "12", "%3Cscript%3Ealert(1)", "%F0%9F%A6%8A%00"):
        page = await olivia.get(f"/users/{user_id}/edit")
        assert page.status_code == 200
        assert "<title>Edit profile · Local · " in page.text
        assert "<script>alert(1)" not in page.text
    assert "Traceback" not in server.output


async def test_who_may_only_look_is_told_whom_to_ask(victor: httpx.AsyncClient) -> None:
    page = await victor.get("/users/user_m_1/edit")
    assert page.status_code == 403
    assert "update users&#39; profiles" in page.text


def test_beside_the_form_stands_what_is_not_edited_in_it() -> None:
    said = text_of(parts.about(BOB, "user_m_1"))
    for word in ("Natural", "OWNER", "ACTIVE", "REGULAR", "Accepted", "These cannot be edited here."):
        assert word in said
    assert "Not accepted" in text_of(parts.about(BOB | {"TermsAndConditionsAccepted": False}, "user_m_1"))
    assert "None" not in text_of(parts.about({}, "user_m_1"))


def test_a_review_shows_each_change_in_words_and_what_comes_of_it() -> None:
    said = text_of(parts.review(BOB, wanted(Nationality="JP", Tag=""), Environment.PRODUCTION))
    assert "Review changes Production" in said
    assert "Nationality from France (FR) to Japan (JP)" in said
    assert "Tag from since 2019 to empty" in said
    assert "The KYC level falls from Regular to Light" in said
    assert "The KYC level" not in text_of(parts.review(BOB, wanted(Tag=""), Environment.PRODUCTION))


def test_names_and_values_are_text_and_each_keeps_its_direction() -> None:
    shown = str(parts.review(BOB, wanted(FirstName="<i>شهرزاد"), Environment.LOCAL))
    assert "<bdi>&lt;b&gt;Lefèvre&lt;/b&gt;</bdi>" in shown
    assert '<span dir="auto">&lt;i&gt;شهرزاد</span>' in shown


def test_what_has_come_of_it_is_told_with_the_link_to_pass_on() -> None:
    made, kept = wanted(Tag="trusted", Nationality="JP")
    url = "https://sca.mangopay.com/?token=sca_1"
    updated = Updated(user=BOB, redirect_url=url, changes=(made, kept), kept=(kept,))
    shown = str(h.fragment[parts.done(updated, "user_m_1")])
    said = text_of(parts.done(updated, "user_m_1"))
    assert "Mangopay has taken 1 change." in said
    assert "left this as it was: Tag" in said
    assert f'href="{url}" target="_blank" rel="noopener noreferrer"' in shown
    assert f'data-copy="{url}"' in shown
    assert "authenticate" not in text_of(parts.done(Updated(BOB, None, (made,), ()), "user_m_1"))


def test_where_mangopay_took_nothing_no_success_is_told() -> None:
    [change] = wanted(Tag="trusted")
    said = text_of(parts.done(Updated(BOB, None, (change,), (change,)), "user_m_1"))
    assert "has taken" not in said
    assert "left this as it was: Tag" in said


def test_a_link_that_is_none_is_not_made_one() -> None:
    shown = str(h.fragment[parts.done(Updated(BOB, "javascript:alert(1)", wanted(Tag=""), ()), "user_m_1")])
    assert "javascript:" not in shown


def test_a_refusal_names_what_stands_beside_no_field_and_the_reference() -> None:
    body = ErrorBody(message="STD", error_id="e-1", field_errors={"Email": "bad", "Capacity": "unknown"})
    said = text_of(parts.refused(Invalid(REQUEST, status=400, body=body), {"Capacity": "unknown"}))
    assert "Capacity: unknown" in said
    assert "Email" not in said
    assert "Reference: e-1." in said


def test_a_refusal_without_fields_is_told_in_mangopays_words() -> None:
    body = ErrorBody(message="The data does not comply with our anti-fraud policy", type="fraud_policy")
    assert "anti-fraud policy" in text_of(parts.refused(Invalid(REQUEST, status=400, body=body), {}))


def test_what_had_been_typed_is_shown_where_it_was_lost() -> None:
    japan, empty = wanted(Tag="", Nationality="JP")
    assert parts.had_typed(japan).endswith("You had typed: Japan (JP)")
    assert parts.had_typed(empty).endswith("You had typed: nothing")
