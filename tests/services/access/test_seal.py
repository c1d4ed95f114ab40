import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from threading import Barrier

import pytest
from pydantic import SecretStr

from services.access.seal import Broken, Seal, read_secret
from tests.services.access.world import NOW

SECRET = "a-secret-of-the-tests-of-32-letters"


def test_what_was_sealed_opens_again_and_does_not_show() -> None:
    sealed = _close("JBSWY3DP", purpose="second factor of 7")
    assert "JBSWY3DP" not in sealed
    assert _open(sealed, purpose="second factor of 7") == "JBSWY3DP"


def test_another_purpose_opens_nothing() -> None:
    with pytest.raises(Broken):
        _open(_close("JBSWY3DP", purpose="second factor of 7"), purpose="second factor of 8")


def test_another_secret_opens_nothing() -> None:
    with pytest.raises(Broken):
        _open(_close("JBSWY3DP"), secret=SECRET + "!")


def test_a_letter_moved_from_the_purpose_to_the_secret_opens_nothing() -> None:
    sealed = _close("JBSWY3DP", purpose="purpose")
    with pytest.raises(Broken):
        _open(sealed, secret=SECRET + "p", purpose="urpose")


@pytest.mark.parametrize("forged", ["", "mallory-made-this-up", "gAAAAA", "péché"])
def test_what_mallory_made_up_opens_nothing(forged: str) -> None:
    for within in (None, timedelta(minutes=15)):
        with pytest.raises(Broken):
            _open(forged, within=within)


def test_what_is_too_old_opens_no_longer() -> None:
    sealed, quarter = _close("JBSWY3DP"), timedelta(minutes=15)
    assert _open(sealed, now=NOW + quarter, within=quarter) == "JBSWY3DP"
    with pytest.raises(Broken):
        _open(sealed, now=NOW + quarter + timedelta(seconds=1), within=quarter)
    assert _open(sealed, now=NOW + timedelta(days=9999)) == "JBSWY3DP"


def test_a_secret_that_is_set_is_used_and_no_file_made(tmp_path: Path) -> None:
    assert read_secret(SecretStr(SECRET), data_dir=tmp_path / "data") == SECRET
    assert not (tmp_path / "data").exists()


def test_the_first_start_makes_a_secret_that_only_its_owner_may_read(tmp_path: Path) -> None:
    made = read_secret(None, data_dir=tmp_path / "data")
    assert len(made) >= 43  # 256 bits in base64
    [path] = (tmp_path / "data").iterdir()
    assert path.name == "secret"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_text() == made


def test_a_later_start_finds_the_same_secret_and_another_dashboard_another(tmp_path: Path) -> None:
    assert read_secret(None, data_dir=tmp_path / "a") == read_secret(None, data_dir=tmp_path / "a")
    assert read_secret(None, data_dir=tmp_path / "a") != read_secret(None, data_dir=tmp_path / "b")


def test_all_who_start_at_once_agree_on_one_secret(tmp_path: Path) -> None:
    starters = 8
    together = Barrier(starters)

    def start(_: int) -> str:
        together.wait()
        return read_secret(None, data_dir=tmp_path)

    with ThreadPoolExecutor(starters) as pool:
        secrets = set(pool.map(start, range(starters)))
    assert len(secrets) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["secret"]


@pytest.mark.parametrize("text", ["", "too short"])
def test_a_damaged_secret_is_refused_and_not_replaced(tmp_path: Path, text: str) -> None:
    (tmp_path / "secret").write_text(text)
    with pytest.raises(ValueError, match="secret is damaged"):
        read_secret(None, data_dir=tmp_path)
    assert (tmp_path / "secret").read_text() == text


def _close(text: str, *, purpose: str = "p") -> str:
    return Seal(SECRET).close(text, purpose=purpose, now=NOW)


def _open(
    sealed: str, *, secret: str = SECRET, purpose: str = "p", now: datetime = NOW, within: timedelta | None = None
) -> str:
    return Seal(secret).open(sealed, purpose=purpose, now=now, within=within)
