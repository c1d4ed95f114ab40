"""The rules of editing a profile, without a page and without Mangopay."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.profile import (
    Change,
    body_of,
    changes,
    form_values,
    kept,
    moved_meanwhile,
    place_of,
    typed_onto,
)
from models.profile_fields import (
    LEGAL,
    NATURAL,
    ProfileField,
    birthday_seconds,
    birthday_text,
    fields_of,
    groups_of,
    in_words,
)
from models.profile_rules import consequences, validate

TODAY = date(2026, 11, 22)
TERMS = "TermsAndConditionsAccepted"
NOWHERE = dict.fromkeys(("AddressLine1", "AddressLine2", "City", "Region", "PostalCode", "Country"))
PARIS = NOWHERE | {"AddressLine1": "18 rue de la Roquette", "City": "Paris", "PostalCode": "75011", "Country": "FR"}
ALICE: dict[str, Any] = {
    "Id": "user_m_alice",
    "PersonType": "NATURAL",
    "UserCategory": "OWNER",
    "KYCLevel": "LIGHT",
    TERMS: True,
    "FirstName": "Alice",
    "LastName": "Martin",
    "Email": "alice@example.com",
    "Birthday": 652_147_200,
    "Nationality": "FR",
    "CountryOfResidence": "FR",
    "Occupation": None,
    "IncomeRange": 2,
    "Address": PARIS,
    "PhoneNumber": "+33611111111",
    "PhoneNumberCountry": None,
    "Tag": "since 2019",
}
HAZEL: dict[str, Any] = {
    "FirstName": "Hazel",
    "LastName": "Whitmore",
    "Email": "hazel@example.com",
    "Birthday": 361_929_600,
    "Nationality": "GB",
    "CountryOfResidence": "GB",
    "PhoneNumber": None,
    "PhoneNumberCountry": None,
    "ProofOfIdentity": "kyc_1",
}
BOB: dict[str, Any] = {
    "Id": "user_m_bob",
    "PersonType": "LEGAL",
    "UserCategory": "OWNER",
    "KYCLevel": "LIGHT",
    TERMS: True,
    "Name": "Fern & Fable Ltd",
    "LegalPersonType": "BUSINESS",
    "CompanyNumber": "09446231",
    "Email": "accounts@example.com",
    "HeadquartersAddress": PARIS,
    "LegalRepresentative": HAZEL,
    "LegalRepresentativeAddress": NOWHERE,
    "Tag": None,
}
PAYER = ALICE | {"UserCategory": "PAYER", "Birthday": None, "Nationality": None, "CountryOfResidence": None}


def edited(user: Mapping[str, object], **typed: str) -> dict[str, str]:
    """Return the form with some fields retyped; `Address__City` stands for `Address.City`."""
    return form_values(user) | {name.replace("__", "."): text for name, text in typed.items()}


def errors(user: Mapping[str, object], **typed: str) -> dict[str, str]:
    return validate(user, edited(user, **typed), today=TODAY)


def test_the_form_shows_every_field_as_people_type_it() -> None:
    values = form_values(ALICE)
    assert values["Birthday"] == "1990-09-01"
    assert values["IncomeRange"] == "2"
    assert values["Address.City"] == "Paris"
    assert values["Address.Region"] == values["Occupation"] == ""
    assert form_values(BOB)["LegalRepresentative.Email"] == "hazel@example.com"
    assert form_values(BOB)["HeadquartersAddress.Country"] == "FR"


@pytest.mark.parametrize("user", [{}, {"PersonType": "NATURAL", "Address": None}, {"Address": "18 rue de la Roquette"}])
def test_a_user_of_whom_little_is_known_has_an_empty_form(user: dict[str, object]) -> None:
    assert set(form_values(user).values()) == {""}


def test_a_flat_representative_of_old_is_shown_and_sent_as_an_object() -> None:
    flat = {f"LegalRepresentative{name}": value for name, value in HAZEL.items()}
    old = {name: value for name, value in BOB.items() if name != "LegalRepresentative"} | flat
    old["PhoneNumber"] = "+441144960000"
    assert form_values(old)["LegalRepresentative.FirstName"] == "Hazel"
    assert form_values(old)["LegalRepresentative.PhoneNumber"] == "+441144960000"
    body = body_of(old, edited(old, LegalRepresentative__LastName="Whitmore-Grey"))
    representative = {name: value for name, value in HAZEL.items() if name != "ProofOfIdentity"}
    changed = {"LastName": "Whitmore-Grey", "PhoneNumber": "+441144960000"}
    assert body == {"LegalRepresentative": representative | changed, TERMS: True}


def test_of_a_natural_payer_what_mangopay_does_not_keep_cannot_be_edited() -> None:
    owners = {"Birthday", "Nationality", "CountryOfResidence", "Occupation", "IncomeRange"}
    assert form_values(ALICE).keys() - form_values(PAYER).keys() == owners
    assert body_of(PAYER, edited(PAYER) | {"Birthday": "1990-09-01"}) == {}
    assert "LegalRepresentative.Birthday" in form_values(BOB | {"UserCategory": "PAYER"})


@pytest.mark.parametrize("fields", [NATURAL, LEGAL])
def test_every_field_has_a_path_and_a_name_of_its_own(fields: tuple[ProfileField, ...]) -> None:
    assert len({field.path for field in fields}) == len({field.name for field in fields}) == len(fields)


def test_the_form_is_grouped_and_loses_nothing_by_it() -> None:
    assert list(groups_of(ALICE)) == ["Person", "Contact", "Address", "Other"]
    assert [field for group in groups_of(BOB).values() for field in group] == list(LEGAL)


def test_category_level_status_and_terms_cannot_be_edited() -> None:
    theirs = {"UserCategory", "KYCLevel", "UserStatus", TERMS, "Id", "PersonType", "CreationDate"}
    for user in (ALICE, BOB):
        assert not theirs & form_values(user).keys()
        assert body_of(user, edited(user) | {"UserCategory": "PAYER", "KYCLevel": "REGULAR"}) == {}


def test_a_change_tells_the_field_and_both_values() -> None:
    found = changes(ALICE, edited(ALICE, Tag="", Address__City="Lyon", LastName="Martin"))
    assert [(change.path, change.label, change.before, change.after) for change in found] == [
        ("Address.City", "Address · City", "Paris", "Lyon"),
        ("Tag", "Tag", "since 2019", ""),
    ]


def test_only_what_changed_is_sent_with_the_terms_as_they_are() -> None:
    assert body_of(ALICE, edited(ALICE, Tag="new")) == {"Tag": "new", TERMS: True}
    assert body_of(ALICE | {TERMS: False}, edited(ALICE, Tag="new")) == {"Tag": "new", TERMS: False}
    assert body_of({"PersonType": "NATURAL"}, {"Tag": "new"}) == {"Tag": "new", TERMS: False}


def test_an_address_goes_as_a_whole() -> None:
    body = body_of(ALICE, edited(ALICE, Address__City="Lyon", Address__PostalCode="69001"))
    assert body == {"Address": PARIS | {"City": "Lyon", "PostalCode": "69001"}, TERMS: True}


def test_a_representative_goes_as_a_whole_without_what_is_not_ours_to_say() -> None:
    body = body_of(BOB, edited(BOB, LegalRepresentative__Email="h@example.com"))
    whole = {name: value for name, value in HAZEL.items() if name != "ProofOfIdentity"}
    assert body == {"LegalRepresentative": whole | {"Email": "h@example.com"}, TERMS: True}


def test_what_is_typed_becomes_what_mangopay_takes() -> None:
    typed = {"Birthday": "1969-12-31", "IncomeRange": "6", "PhoneNumber": " +33 6 22-22.22(22) ", "FirstName": " Ali "}
    assert body_of(ALICE, edited(ALICE, **typed)) == {
        "Birthday": -86_400,
        "IncomeRange": 6,
        "PhoneNumber": "+33622222222",
        "FirstName": "Ali",
        TERMS: True,
    }


def test_what_is_cleared_goes_as_an_empty_text_and_an_emptied_address_as_null() -> None:
    assert body_of(ALICE, edited(ALICE, Tag="", PhoneNumber="", IncomeRange="")) == {
        "Tag": "",
        "PhoneNumber": "",
        "IncomeRange": "",
        TERMS: True,
    }
    emptied = edited(ALICE, **{f"Address__{part}": "" for part in PARIS})
    assert body_of(ALICE, emptied) == {"Address": None, TERMS: True}
    assert validate(ALICE, emptied, today=TODAY) == {}


def test_a_part_that_was_never_there_stays_null_within_its_whole() -> None:
    body = body_of(ALICE, edited(ALICE, Address__AddressLine2="Stair B"))
    assert body["Address"] == PARIS | {"AddressLine2": "Stair B"}
    second = ALICE | {"Address": PARIS | {"AddressLine2": "Stair B"}}
    assert body_of(second, edited(second, Address__AddressLine2=""))["Address"] == PARIS | {"AddressLine2": ""}


def test_spaces_at_the_ends_are_no_change_but_those_of_a_tag_are_its_own() -> None:
    assert changes(ALICE, edited(ALICE, FirstName=" Alice ", PhoneNumber="+33 6 11 11 11 11")) == ()
    assert body_of(ALICE, edited(ALICE, Tag=" a \n b "))["Tag"] == " a \n b "
    spaced = ALICE | {"FirstName": " Alice\n", "Tag": " x "}
    assert changes(spaced, form_values(spaced)) == ()


def test_a_birthday_at_noon_stays_at_noon_when_something_beside_it_changes() -> None:
    noon = BOB | {"LegalRepresentative": HAZEL | {"Birthday": 361_929_600 + 43_200}}
    body = body_of(noon, edited(noon, LegalRepresentative__LastName="Grey"))
    assert body["LegalRepresentative"]["Birthday"] == 361_929_600 + 43_200  # type: ignore[index]


@given(st.dates())
def test_a_birthday_comes_back_as_it_was_typed(day: date) -> None:
    seconds = birthday_seconds(day.isoformat())
    assert seconds is not None
    assert birthday_text(seconds) == day.isoformat()
    assert seconds == int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


@given(st.integers(-62_135_596_800, 253_402_300_799))
def test_any_second_of_a_day_shows_that_day(seconds: int) -> None:
    assert birthday_text(seconds) == datetime.fromtimestamp(seconds, UTC).date().isoformat()


@pytest.mark.parametrize("value", [10**18, -(10**18), float("nan"), float("inf"), "soon", [1]])
def test_what_is_no_birthday_is_shown_as_it_came(value: object) -> None:
    assert birthday_text(value) == str(value)


@pytest.mark.parametrize("text", ["1990-9-1", "1990-02-30", "19900901", "0000-01-01", "1990-W01-1", "01/09/1990", " "])
def test_what_is_no_day_is_no_birthday(text: str) -> None:
    assert birthday_seconds(text) is None


def test_without_edits_nothing_is_wrong_and_nothing_is_sent() -> None:
    for user in (ALICE, BOB, PAYER, {}, {"PersonType": "LEGAL", "UserCategory": "OWNER"}):
        assert validate(user, form_values(user), today=TODAY) == {}
        assert body_of(user, form_values(user)) == {}
        assert body_of(user, {}) == {}


@pytest.mark.parametrize(
    ("path", "text", "sentence"),
    [
        ("FirstName", "", "Mangopay needs this."),
        ("FirstName", "   ", "Mangopay needs this."),
        ("Email", "", "Mangopay needs this."),
        ("Nationality", "", "Mangopay needs this of an owner."),
        ("FirstName", "A" * 101, "At most 100 characters; this has 101."),
        ("Tag", "🦊" * 256, "At most 255 characters; this has 256."),
        ("Email", "alice", "Enter an e-mail address, such as alice@example.com."),
        ("Email", "alice@example", "Enter an e-mail address, such as alice@example.com."),
        ("Email", "älice@example.com", "Enter an e-mail address, such as alice@example.com."),
        ("Email", "alice.@example.com", "Enter an e-mail address, such as alice@example.com."),
        ("PhoneNumber", "+0611111111", "Enter a phone number, such as +33611111111, or a local one with its country."),
        ("PhoneNumber", "call me", "Enter a phone number, such as +33611111111, or a local one with its country."),
        ("Nationality", "XX", "Choose a country of the list."),
        ("IncomeRange", "7", "Choose one of the list."),
        ("Birthday", "1990-02-30", "Enter a day as year, month and day, such as 1990-09-01."),
        ("Birthday", "2026-11-22", "Nobody alive was born on that day."),
        ("Birthday", "1899-12-31", "Nobody alive was born on that day."),
    ],
)
def test_what_mangopay_would_refuse_is_said_beside_the_field(path: str, text: str, sentence: str) -> None:
    assert errors(ALICE, **{path: text}) == {path: sentence}


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("FirstName", "A" * 100),
        ("FirstName", "شهرزاد"),
        ("Tag", "🦊" * 255),
        ("Email", "o'neil+accept@mail.example.co.uk"),
        ("PhoneNumber", "+1 (212) 555-0100"),
        ("Birthday", "2026-11-21"),
        ("Birthday", "1900-01-01"),
        ("Nationality", "JP"),
        ("Occupation", ""),
    ],
)
def test_what_mangopay_takes_is_not_refused(path: str, text: str) -> None:
    assert errors(ALICE, **{path: text}) == {}


def test_a_local_number_needs_its_country_whichever_of_the_two_is_changed() -> None:
    sentence = {"PhoneNumberCountry": "Choose the country of the local number."}
    assert errors(ALICE, PhoneNumber="0611111111") == sentence
    assert errors(ALICE, PhoneNumber="0611111111", PhoneNumberCountry="FR") == {}
    local = ALICE | {"PhoneNumber": "0611111111", "PhoneNumberCountry": "FR"}
    assert errors(local, PhoneNumberCountry="") == sentence
    assert errors(local, PhoneNumber="", PhoneNumberCountry="") == {}
    representative = {"LegalRepresentative__PhoneNumber": "0611111111"}
    assert errors(BOB, **representative).keys() == {"LegalRepresentative.PhoneNumberCountry"}


def test_an_address_is_whole_or_empty() -> None:
    without = ALICE | {"Address": NOWHERE}
    assert errors(without, Address__AddressLine2="Stair B").keys() == {
        "Address.AddressLine1",
        "Address.City",
        "Address.PostalCode",
        "Address.Country",
    }
    assert errors(ALICE, Address__City="") == {
        "Address.City": "An address needs this, unless the whole of it is empty."
    }
    assert errors(without, Tag="new") == {}


def test_the_headquarters_of_an_owner_cannot_be_emptied_but_those_of_a_payer_can() -> None:
    emptied = {f"HeadquartersAddress__{part}": "" for part in PARIS}
    assert errors(BOB, **emptied)["HeadquartersAddress.City"] == "Mangopay needs this of an owner."
    assert errors(BOB | {"UserCategory": "PAYER"}, **emptied) == {}


@pytest.mark.parametrize("country", ["US", "CA", "MX"])
def test_some_countries_want_a_region(country: str) -> None:
    assert errors(ALICE, Address__Country=country).keys() == {"Address.Region"}
    assert errors(ALICE, Address__Country=country, Address__Region="Somewhere") == {}
    assert errors(ALICE, Address__Country="DE") == {}


def test_what_owners_must_tell_payers_need_not() -> None:
    payer = BOB | {"UserCategory": "PAYER"}
    needed = ("CompanyNumber", "LegalRepresentative__Email", "LegalRepresentative__Birthday")
    for name in needed:
        assert errors(BOB, **{name: ""}).keys() == {name.replace("__", ".")}
        assert errors(payer, **{name: ""}) == {}


def test_an_owner_who_becomes_a_business_needs_a_company_number() -> None:
    club = BOB | {"LegalPersonType": "ORGANIZATION", "CompanyNumber": None}
    assert errors(club, Tag="new") == {}
    assert errors(club, LegalPersonType="BUSINESS") == {
        "CompanyNumber": "Mangopay needs this of a business that is an owner."
    }
    assert errors(club, LegalPersonType="BUSINESS", CompanyNumber="09446231") == {}
    assert errors(club, LegalPersonType="SOLETRADER") == {}


def test_what_is_not_sent_is_not_looked_at() -> None:
    old = ALICE | {"Birthday": None, "Email": "nonsense", "PhoneNumber": "?", "Address": PARIS | {"Country": "YU"}}
    assert errors(old, Tag="new") == {}
    assert errors(old, Address__City="Beograd") == {}
    assert errors(old, Birthday="1990-09-01") == {}


@pytest.mark.parametrize("name", ["FirstName", "LastName", "Birthday", "Nationality"])
def test_a_verified_person_who_becomes_somebody_else_loses_the_level(name: str) -> None:
    typed = edited(ALICE, **{name: {"Birthday": "1990-09-02", "Nationality": "JP"}.get(name, "Zoé")})
    [warning] = consequences(ALICE | {"KYCLevel": "REGULAR"}, changes(ALICE, typed))
    assert warning.startswith("The KYC level falls from Regular to Light, and the proof of identity is out of date")
    assert consequences(ALICE, changes(ALICE, typed)) == ()


def test_other_changes_of_a_verified_person_leave_the_level() -> None:
    typed = edited(ALICE, Tag="", Occupation="Baker", CountryOfResidence="DE", Address__City="Lyon", IncomeRange="")
    assert consequences(ALICE | {"KYCLevel": "REGULAR"}, changes(ALICE, typed)) == ()


def test_a_verified_company_loses_the_level_by_its_representative_or_its_type() -> None:
    regular = BOB | {"KYCLevel": "REGULAR"}
    [warning] = consequences(regular, changes(BOB, edited(BOB, LegalRepresentative__CountryOfResidence="FR")))
    assert "the documents about the company and its representative" in warning
    [warning] = consequences(regular, changes(BOB, edited(BOB, LegalPersonType="PARTNERSHIP")))
    assert "the proof of registration is out of date" in warning
    others = edited(BOB, Name="Fern", Email="a@example.com", CompanyNumber="1", HeadquartersAddress__City="Lyon")
    assert consequences(regular, changes(BOB, others)) == ()


@pytest.mark.parametrize(
    ("user", "name", "text", "asks"),
    [
        (ALICE, "Email", "a@example.com", True),
        (ALICE, "PhoneNumber", "+33622222222", True),
        (ALICE, "PhoneNumberCountry", "FR", True),
        (ALICE, "Tag", "new", False),
        (PAYER, "Email", "a@example.com", False),
        (BOB, "LegalRepresentative__Email", "h@example.com", True),
        (BOB, "LegalRepresentative__PhoneNumber", "+33622222222", True),
        (BOB, "LegalRepresentative__FirstName", "Zoé", False),
        # The company's own e-mail reaches nobody who could authenticate.
        (BOB, "Email", "b@example.com", False),
    ],
)
def test_an_owner_who_is_reached_otherwise_must_authenticate_again(
    user: dict[str, object], name: str, text: str, *, asks: bool
) -> None:
    warnings = consequences(user, changes(user, edited(user, **{name: text})))
    assert any("asks the user to authenticate again" in warning for warning in warnings) is asks


def test_an_owner_without_accepted_terms_is_warned_of() -> None:
    unaccepted = ALICE | {TERMS: False}
    [warning] = consequences(unaccepted, changes(unaccepted, edited(unaccepted, Tag="new")))
    assert "has not accepted Mangopay's terms" in warning
    assert consequences(unaccepted, ()) == ()
    assert consequences(PAYER | {TERMS: False}, changes(PAYER, edited(PAYER, Tag="new"))) == ()


def test_what_somebody_else_changed_counts_only_where_it_would_be_overwritten() -> None:
    wanted = changes(ALICE, edited(ALICE, Address__City="Lyon", Tag="mine"))
    assert moved_meanwhile(ALICE, ALICE | {"LastName": "Other", "Email": "o@example.com"}, wanted) == ()
    moved = moved_meanwhile(ALICE, ALICE | {"Tag": "theirs", "Address": PARIS | {"PostalCode": "75012"}}, wanted)
    assert [(change.path, change.before, change.after) for change in moved] == [
        ("Address.PostalCode", "75011", "75012"),
        ("Tag", "since 2019", "theirs"),
    ]


def test_what_was_typed_goes_onto_the_user_as_they_are_now_and_what_collides_is_told() -> None:
    typed = edited(ALICE, Tag="mine", FirstName="Alicia", Occupation="Baker", Address__City="Lyon")
    fresh = ALICE | {"Tag": "theirs", "FirstName": "Alicia", "LastName": "Other", "UserCategory": "PAYER"}
    values, lost = typed_onto(ALICE, fresh, typed)
    assert values == form_values(fresh) | {"Address.City": "Lyon"}
    assert [(change.path, change.after) for change in lost] == [("Occupation", "Baker"), ("Tag", "mine")]


def test_the_first_time_the_form_is_that_of_the_user() -> None:
    assert typed_onto({}, ALICE, {}) == (form_values(ALICE), ())


def test_what_mangopay_left_as_it_was_is_told() -> None:
    wanted = changes(ALICE, edited(ALICE, Tag="new", PhoneNumber="0622222222", IncomeRange="", Occupation="Baker"))
    # What was put in another form was taken all the same.
    answer = ALICE | {"PhoneNumber": "+33622222222", "IncomeRange": None, "Occupation": "Baker"}
    assert [change.path for change in kept(answer, wanted)] == ["Tag"]


@pytest.mark.parametrize(
    ("user", "key", "path"),
    [
        (ALICE, "Email", "Email"),
        (ALICE, "email", "Email"),
        (ALICE, "Address.Country", "Address.Country"),
        (ALICE, "Address", "Address.AddressLine1"),
        (BOB, "LegalRepresentative.Email", "LegalRepresentative.Email"),
        (BOB, "LegalRepresentativeEmail", "LegalRepresentative.Email"),
        (BOB, "HeadquartersAddress", "HeadquartersAddress.AddressLine1"),
        (BOB, "Email", "Email"),
        (ALICE, "UserCategory", None),
        (ALICE, "Invalid SCA request", None),
        (ALICE, "", None),
    ],
)
def test_an_error_of_mangopays_finds_its_field(user: dict[str, object], key: str, path: str | None) -> None:
    assert place_of(user, key) == path


def test_values_are_read_by_people_in_words() -> None:
    by_path = {field.path: field for field in (*NATURAL, *LEGAL)}
    assert in_words(by_path["Nationality"], "FR") == "France (FR)"
    assert in_words(by_path["Nationality"], "YU") == "YU"
    assert in_words(by_path["LegalPersonType"], "SOLETRADER") == "Sole trader"
    assert in_words(by_path["LegalPersonType"], "NEW") == "NEW"
    assert in_words(by_path["Tag"], "FR") == "FR"


texts = st.none() | st.text(max_size=12)
numbers = st.none() | st.integers(-(10**10), 10**10)


def _values(fields: tuple[ProfileField, ...]) -> st.SearchStrategy[dict[str, str]]:
    return st.dictionaries(st.sampled_from([field.path for field in fields]), st.text(max_size=12))


@st.composite
def users(draw: st.DrawFn) -> dict[str, object]:
    """Return a user as Mangopay might send it, be it whole or in pieces."""
    user: dict[str, object] = {
        "PersonType": draw(st.sampled_from(("NATURAL", "LEGAL"))),
        "UserCategory": draw(st.sampled_from(("OWNER", "PAYER", None))),
        TERMS: draw(st.sampled_from((True, False, None))),
    }
    for field in fields_of(user):
        value = draw(numbers if field.leaf in ("Birthday", "IncomeRange") else texts)
        if not field.is_part:
            user[field.top] = value
            continue
        whole = user.setdefault(field.top, {})
        assert isinstance(whole, dict)
        whole[field.leaf] = value
    return user


@given(users())
def test_a_form_that_nobody_touched_sends_nothing(user: dict[str, object]) -> None:
    assert body_of(user, form_values(user)) == {}


@given(st.data(), users())
def test_only_what_changed_is_ever_sent(data: st.DataObject, user: dict[str, object]) -> None:
    typed = form_values(user) | data.draw(_values(fields_of(user)))
    changed: tuple[Change, ...] = changes(user, typed)
    body = body_of(user, typed)
    tops = {change.field.top for change in changed}
    assert body.keys() == (tops | {TERMS} if tops else set())
    assert json.loads(json.dumps(body)) == body


@given(st.data(), users())
def test_what_was_sent_shows_no_change_when_it_comes_back(data: st.DataObject, user: dict[str, object]) -> None:
    typed = form_values(user) | data.draw(_values(fields_of(user)))
    if validate(user, typed, today=TODAY):
        return
    after = user | body_of(user, typed)
    assert kept(after, changes(user, typed)) == ()
