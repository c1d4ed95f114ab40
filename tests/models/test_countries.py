"""Countries: those that ISO 3166-1 has, no more and no fewer, under names that people look for."""

import pytest

from models.countries import countries, country_name
from services.emulator.rules.countries import ISO_CODES


def test_there_are_the_countries_of_iso_and_nothing_else() -> None:
    # The emulator's own list was written without ours.
    assert countries().keys() == ISO_CODES


def test_every_country_has_a_name_of_its_own_in_the_order_of_the_alphabet() -> None:
    names = list(countries().values())
    assert len(set(names)) == len(names)
    assert names[:3] == ["Afghanistan", "Åland Islands", "Albania"]
    assert names.index("Curaçao") < names.index("Cyprus")
    assert names[-1] == "Zimbabwe"


@pytest.mark.parametrize(
    ("code", "name"),
    [("FR", "France"), ("GB", "United Kingdom"), ("FRA", "France"), ("DEU", "Germany"), ("GBR", "United Kingdom")],
)
def test_a_code_of_two_or_three_letters_names_its_country(code: str, name: str) -> None:
    assert country_name(code) == name


@pytest.mark.parametrize("code", ["", "XX", "EU", "ZZ", "ZZZ", "fr", "150", "France"])
def test_what_is_no_code_is_shown_as_it_came(code: str) -> None:
    assert country_name(code) == code


def test_nobody_can_change_the_list() -> None:
    with pytest.raises(TypeError):
        countries()["XX"] = "Nowhere"  # type: ignore[index]
