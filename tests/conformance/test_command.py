"""`main.py emulator` serves what its options say."""

from pathlib import Path

import httpx
from typer.testing import CliRunner

from main import cli
from tests.serving import Server, serving

READY = "/feeds/news.rss"
KEY = ("my-platform", "my-key")


def api(server: Server, auth: tuple[str, str] = KEY) -> httpx.Client:
    return httpx.Client(base_url=f"http://127.0.0.1:{server.port}", auth=auth, trust_env=False)


def test_it_knows_its_client_and_opens_its_control_plane_to_the_token(tmp_path: Path) -> None:
    options = ("--client-id", "my-platform", "--api-key", "my-key", "--control", "let-me-in")
    with serving(tmp_path, "emulator", *options, ready_path=READY) as server, api(server) as platform:
        assert platform.get("/v2.01/my-platform/clients").json()["ClientId"] == "my-platform"
        assert platform.get("/v2.01/local/clients").status_code == 401
        with api(server, ("local", "local-api-key")) as stranger:
            assert stranger.get("/v2.01/local/clients").status_code == 401
        with httpx.Client(base_url=platform.base_url, trust_env=False) as nobody:
            token = {"Authorization": "Bearer let-me-in"}
            assert nobody.get("/emulator/_control", headers=token).status_code == 200
            assert nobody.get("/emulator/_control").status_code == 403
        assert server.stop() == 0


def test_by_itself_it_is_shut_forgets_and_tells_the_budget_without_refusing(tmp_path: Path) -> None:
    with serving(tmp_path, "emulator", ready_path=READY) as server, api(server, ("local", "local-api-key")) as platform:
        assert platform.get("/emulator/_control").status_code == 404
        last = [platform.get("/v2.01/local/clients") for _ in range(2_310)][-1]
        assert last.status_code == 200
        assert last.headers["x-ratelimit-remaining"] == "0,2190,6490,103290"
    assert list(tmp_path.iterdir()) == []


def test_a_state_file_survives_and_an_enforced_budget_ends(tmp_path: Path) -> None:
    options = ("--state-file", str(tmp_path / "state.sqlite3"), "--enforce-rate-limits")
    wallet = {"Owners": ["nobody"], "Currency": "EUR", "Description": "x"}
    report = {"Filters": {}, "Tag": "kept"}
    for kept in (0, 1):
        with serving(tmp_path, "emulator", *options, ready_path=READY) as server:
            with api(server, ("local", "local-api-key")) as platform:
                assert len(platform.get("/v2.01/local/reports").json()) == kept
                assert platform.post("/v2.01/local/wallets", json=wallet).status_code == 400
                assert platform.post("/v2.01/local/reports/transactions", json=report).status_code == 200
                while (answer := platform.get("/v2.01/local/clients")).status_code == 200:
                    pass
                assert answer.json()["Type"] == "rate_limit"
                assert answer.headers["x-ratelimit"].startswith("2300,")
            server.stop()


def test_a_killed_emulator_has_kept_whatever_it_answered(tmp_path: Path) -> None:
    options = ("--state-file", str(tmp_path / "state.sqlite3"))
    body = {"Currency": "EUR", "Description": "x"}
    payer = {"FirstName": "Alice", "LastName": "Martin", "Email": "alice@example.com", "UserCategory": "PAYER"}
    accepted: dict[str, object] = payer | {"TermsAndConditionsAccepted": True}
    key = ("local", "local-api-key")
    with serving(tmp_path, "emulator", *options, ready_path=READY) as server, api(server, key) as platform:
        alice = platform.post("/v2.01/local/sca/users/natural", json=accepted).json()["Id"]
        answers = [platform.post("/v2.01/local/wallets", json=body | {"Owners": [alice]}) for _ in range(50)]
        server.kill()
    with serving(tmp_path, "emulator", *options, ready_path=READY) as server, api(server, key) as platform:
        kept = platform.get(f"/v2.01/local/users/{alice}/wallets", params={"per_page": "100"}).json()
    assert [wallet["Id"] for wallet in kept] == [answer.json()["Id"] for answer in answers]


def test_a_file_that_is_no_state_is_left_alone(tmp_path: Path) -> None:
    notes = tmp_path / "notes.txt"
    notes.write_text("Do not overwrite me.")
    result = CliRunner().invoke(cli, ["emulator", "--state-file", str(notes)])
    assert result.exit_code == 2
    assert "something else than an emulator" in result.output.replace("\n", " ")
    assert notes.read_text() == "Do not overwrite me."
