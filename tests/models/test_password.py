import re

import pytest

from models.password import LONGEST, REQUIREMENTS, unmet_requirements

LENGTH, UPPERCASE, LOWERCASE, DIGIT, SYMBOL, UNCOMMON = (requirement.sentence for requirement in REQUIREMENTS)
OLIVIA = "olivia@example.com"


@pytest.mark.parametrize(
    ("password", "unmet"),
    [
        ("Olivia-keeps-7-wallets", []),
        ("Olivia 7 wallets!", []),
        ("Olivia-7", [LENGTH]),
        ("olivia-keeps-7-wallets", [UPPERCASE]),
        ("OLIVIA-KEEPS-7-WALLETS", [LOWERCASE]),
        ("Olivia-keeps-wallets", [DIGIT]),
        ("OliviaKeeps7Wallets", [SYMBOL]),
        ("Olivia Keeps 7 Wallets", [SYMBOL]),
        ("", [LENGTH, UPPERCASE, LOWERCASE, DIGIT, SYMBOL]),
    ],
)
def test_each_requirement_is_named_when_it_is_not_met(password: str, unmet: list[str]) -> None:
    assert unmet_requirements(password) == unmet


@pytest.mark.parametrize(
    "password", ["Password123!", "P@ssw0rd2026", "!!Welcome2026", "Mangopay-2026", "M@NG0pay-1234"]
)
def test_a_common_word_is_refused_however_it_is_spelt_and_padded(password: str) -> None:
    assert unmet_requirements(password) == [UNCOMMON]


@pytest.mark.parametrize(
    "password",
    [
        "Asdfghjkl;1234",  # a row of keys
        "Poiuytrewq-0987",  # one backwards
        "Aaaaaaaaaaa-1",
        "Aa1-Aa1-Aa1-Aa1-",  # the same again and again
    ],
)
def test_what_is_among_the_first_guesses_is_refused_though_it_has_every_kind_of_letter(password: str) -> None:
    assert unmet_requirements(password) == [UNCOMMON]


@pytest.mark.parametrize("password", ["Olivia@example.com1", "1-OLIVIA@example.com"])
def test_ones_own_email_makes_a_bad_password_and_somebody_elses_does_not(password: str) -> None:
    assert unmet_requirements(password, about=(OLIVIA,)) == [UNCOMMON]
    assert unmet_requirements(password, about=("victor@example.com",)) == []


@pytest.mark.parametrize("password", ["Olivia-example-2026", "Example.Olivia-1", "Olivia-sandbox-2026"])
def test_what_is_made_of_ones_name_and_this_place_alone_is_refused(password: str) -> None:
    assert unmet_requirements(password, about=(OLIVIA,)) == [UNCOMMON]


def test_ones_name_does_no_harm_where_there_is_more() -> None:
    assert unmet_requirements("Olivia-keeps-7-wallets", about=(OLIVIA,)) == []


def test_a_password_of_128_characters_is_the_longest() -> None:
    longest = "".join(chr(33 + 37 * number % 94) for number in range(LONGEST))
    assert len(longest) == LONGEST == 128
    assert unmet_requirements(longest) == []
    assert unmet_requirements(longest + "x") == [LENGTH]
    assert unmet_requirements(longest + "\n") == [LENGTH]


def test_the_patterns_keep_to_what_a_browser_reads_alike() -> None:
    python_only = re.compile(r"\(\?P|\(\?[aiLmsux]|\\[AZ]|\\N")
    assert not [requirement.pattern for requirement in REQUIREMENTS if python_only.search(requirement.pattern)]
