import asyncio
from threading import Barrier, BrokenBarrierError

import pytest

from services.access import passwords
from services.access.passwords import hash_password, matches
from tests.services.access.world import CountingHasher

REAL = passwords.HASHER


@pytest.fixture
def hasher(monkeypatch: pytest.MonkeyPatch) -> CountingHasher:
    """The real one, which notes what it is asked."""
    counting = CountingHasher(REAL)
    monkeypatch.setattr(passwords, "HASHER", counting)
    passwords._hash_of_nobody.cache_clear()
    return counting


async def test_a_password_matches_its_own_hash_only() -> None:
    password_hash = await hash_password("Olivia-keeps-7-wallets")
    assert await matches("Olivia-keeps-7-wallets", password_hash)
    assert not await matches("Olivia-keeps-8-wallets", password_hash)


async def test_the_same_password_has_another_hash_each_time() -> None:
    assert await hash_password("Olivia-keeps-7-wallets") != await hash_password("Olivia-keeps-7-wallets")


async def test_the_same_letters_from_another_keyboard_match() -> None:
    composed, decomposed = "Ol\u00edvia-keeps-7", "Oli\u0301via-keeps-7"
    assert await matches(decomposed, await hash_password(composed))


@pytest.mark.parametrize("stored", ["not a hash", "$argon2id$v=19$m=8,t=1,p=1$", None])
async def test_a_hash_that_is_none_of_ours_matches_nothing(stored: str | None) -> None:
    assert not await matches("nobody has this password", stored)


async def test_a_hash_costs_what_rfc_9106_recommends_where_memory_is_short(hasher: CountingHasher) -> None:
    assert _cost(await hash_password("Olivia-keeps-7-wallets")) == "$argon2id$v=19$m=65536,t=3,p=4"


async def test_an_unknown_account_costs_as_many_hashes_as_a_wrong_password(hasher: CountingHasher) -> None:
    password_hash = await hash_password("Olivia-keeps-7-wallets")
    await matches("wrong", None)
    for_unknown, hasher.verified = hasher.verified, []
    await matches("wrong", password_hash)
    assert [_cost(used) for used in for_unknown] == [_cost(used) for used in hasher.verified]
    assert len(for_unknown) == 1


async def test_the_hash_of_nobody_is_made_for_whoever_comes_first_known_or_not(hasher: CountingHasher) -> None:
    password_hash = await hash_password("Olivia-keeps-7-wallets")
    hasher.hashed = 0
    await matches("wrong", password_hash)
    assert hasher.hashed == 1
    await matches("wrong", None)
    assert hasher.hashed == 1


async def test_a_crowd_waits_in_line_and_two_at_a_time_are_hashed(monkeypatch: pytest.MonkeyPatch) -> None:
    class WaitsForAThird:
        together = Barrier(passwords.HASHES_AT_ONCE + 1)

        def hash(self, password: str) -> str:
            self.together.wait(0.1)
            return password

    monkeypatch.setattr(passwords, "HASHER", WaitsForAThird())
    crowd = await asyncio.gather(*(hash_password("Olivia-keeps-7-wallets") for _ in range(5)), return_exceptions=True)
    assert {type(outcome) for outcome in crowd} == {BrokenBarrierError}


def _cost(password_hash: str) -> str:
    """Return the part of an argon2 hash that says how much work it is."""
    return password_hash.rsplit("$", 2)[0]
