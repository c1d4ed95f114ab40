import re
from typing import Any

import pytest

from models.password import LONGEST, REQUIREMENTS, unmet_requirements
from services.access import passwords
from services.access.passwords import hash_password, matches

LENGTH, UPPERCASE, LOWERCASE, DIGIT, SYMBOL, UNCOMMON = (requirement.sentence for requirement in REQUIREMENTS)


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


def test_a_password_of_128_characters_is_the_longest() -> None:
    longest = "Aa1-" * (LONGEST // 4)
    assert unmet_requirements(longest) == []
    assert unmet_requirements(longest + "x") == [LENGTH]
    assert unmet_requirements(longest + "\n") == [LENGTH]


def test_the_patterns_keep_to_what_a_browser_reads_alike() -> None:
    python_only = re.compile(r"\(\?P|\(\?[aiLmsux]|\\[AZ]|\\N")
    assert not [requirement.pattern for requirement in REQUIREMENTS if python_only.search(requirement.pattern)]


async def test_a_password_matches_its_own_hash_only() -> None:
    password_hash = await hash_password("Olivia-keeps-7-wallets")
    assert password_hash.startswith("$argon2id$")
    assert await matches("Olivia-keeps-7-wallets", password_hash)
    assert not await matches("Olivia-keeps-8-wallets", password_hash)


async def test_the_same_letters_from_another_keyboard_match() -> None:
    composed, decomposed = "Ol\u00edvia-keeps-7", "Oli\u0301via-keeps-7"
    assert await matches(decomposed, await hash_password(composed))


async def test_a_hash_that_is_none_of_ours_matches_nothing() -> None:
    assert not await matches("Olivia-keeps-7-wallets", "not a hash")


async def test_an_unknown_account_costs_as_many_hashes_as_a_wrong_password(monkeypatch: pytest.MonkeyPatch) -> None:
    password_hash = await hash_password("Olivia-keeps-7-wallets")
    counting = CountingHasher()
    monkeypatch.setattr(passwords, "HASHER", counting)
    await matches("wrong", None)
    for_unknown, counting.verified = counting.verified, []
    await matches("wrong", password_hash)
    assert [_cost(used) for used in for_unknown] == [_cost(used) for used in counting.verified]
    assert len(for_unknown) == 1


class CountingHasher:
    def __init__(self) -> None:
        self.real = passwords.HASHER
        self.verified: list[str] = []

    def hash(self, password: str) -> str:
        return self.real.hash(password)

    def verify(self, password_hash: str, password: str) -> Any:
        self.verified.append(password_hash)
        return self.real.verify(password_hash, password)


def _cost(password_hash: str) -> str:
    """Return the part of an argon2 hash that says how much work it is."""
    return password_hash.rsplit("$", 2)[0]
