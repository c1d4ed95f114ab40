import re

import pytest

from tests.services.access.world import World
from tests.ui.guarded import HTTPS, NICEGUI_PAGE, TEAM, Guarded, build_browser, build_guarded

CSP = "content-security-policy"


@pytest.fixture
async def guarded(world: World) -> Guarded:
    return await build_guarded(world)


async def test_every_script_of_a_nicegui_page_carries_the_nonce_of_its_policy(guarded: Guarded) -> None:
    async with guarded.browser(await guarded.sign_in()) as olivia:
        first, second = await olivia.get("/page"), await olivia.get("/page")
    nonce = re.search(r"script-src 'nonce-([^']+)' 'strict-dynamic' 'unsafe-eval';", first.headers[CSP])
    assert nonce
    assert first.text == NICEGUI_PAGE.replace("<script", f'<script nonce="{nonce[1]}"')
    assert int(first.headers["content-length"]) == len(first.content)
    assert nonce[1] not in second.text


async def test_a_page_that_comes_in_pieces_is_stamped_across_them(guarded: Guarded) -> None:
    async with guarded.browser(await guarded.sign_in()) as olivia:
        page = await olivia.get("/page-in-pieces")
    assert page.text.count('<script nonce="') == 2
    assert int(page.headers["content-length"]) == len(page.content)


async def test_other_answers_are_left_as_they_are(guarded: Guarded) -> None:
    async with guarded.browser(await guarded.sign_in()) as olivia:
        answer = await olivia.get("/download")
    assert answer.text == NICEGUI_PAGE * 2
    assert "content-length" not in answer.headers
    assert "'unsafe-eval'" not in answer.headers[CSP]


@pytest.mark.parametrize("path", ["/page", "/sign-in", "/assets/dashboard.css", "/nowhere", TEAM, "/_nicegui/auto/x"])
async def test_every_answer_has_the_security_headers(guarded: Guarded, path: str) -> None:
    for token in (None, await guarded.sign_in(), await guarded.sign_in(guarded.victor)):
        async with guarded.browser(token) as browser:
            headers = (await browser.get(path)).headers
        assert "default-src 'self'" in headers[CSP]
        assert "frame-ancestors 'none'" in headers[CSP]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "same-origin"
        assert headers["cross-origin-opener-policy"] == "same-origin"
        assert "camera=()" in headers["permissions-policy"]
        assert "strict-transport-security" not in headers


async def test_the_address_of_a_link_is_told_to_nobody_and_its_form_keeps_its_origin(guarded: Guarded) -> None:
    async with guarded.browser() as stranger:
        assert (await stranger.get("/link/some-token")).headers["referrer-policy"] == "strict-origin"


async def test_a_refusal_has_the_security_headers_too(guarded: Guarded) -> None:
    async with build_browser(guarded.guard, origin="http://evil.example") as mallory:
        assert CSP in (await mallory.post("/sign-in")).headers
        assert CSP in (await mallory.get("/", headers={"host": "evil.example"})).headers


async def test_https_is_held_to(world: World) -> None:
    guarded = await build_guarded(world, public_url=HTTPS)
    async with build_browser(guarded.guard, url=HTTPS) as stranger:
        answer = await stranger.get("/sign-in")
    assert answer.headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"


async def test_pages_and_downloads_are_never_kept_by_a_browser_but_assets_may_be(guarded: Guarded) -> None:
    async with guarded.browser(await guarded.sign_in()) as olivia:
        for path in ("/page", "/sign-in", "/download", "/cached-page", "/nowhere"):
            assert (await olivia.get(path)).headers["cache-control"] == "no-store"
        assert "cache-control" not in (await olivia.get("/assets/dashboard.css")).headers
