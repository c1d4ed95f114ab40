"""The plain pages, which work before anybody is signed in: what is said of them is asked of each, on one walk."""

from collections.abc import Iterator

import pytest
from playwright.async_api import Page

from tests.browser.accessibility import count, tree, unnamed
from tests.browser.contrast import weak_texts
from tests.browser.dashboard import PHONE, SCHEMES, SPILLS
from tests.browser.door import NOBODY, REFUSED
from tests.browser.pictures import picture_in_every_size
from tests.browser.plain_pages import plain_pages
from tests.browser.watch import NewContext
from tests.serving import Server, serving

ONE_OF_EACH = (("main", None), ("heading", 1))


@pytest.fixture
def two_doors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A dashboard with two environments, so that there is a door to choose."""
    with serving(
        tmp_path_factory.mktemp("two-doors"),
        DASHBOARD_LOCAL="on",
        MANGOPAY_SANDBOX_CLIENT_ID="alices-platform",
        MANGOPAY_SANDBOX_API_KEY="a key that is never used",
        # Nothing is fetched over the network.
        DASHBOARD_NEWS_FEEDS="",
        DASHBOARD_STATUS_FEEDS="",
    ) as server:
        yield server


async def test_every_plain_page_can_be_read_by_everybody_on_every_screen(
    two_doors: Server, new_context: NewContext
) -> None:
    new_context.expect(REFUSED)
    context = await new_context(base_url=two_doors.base_url, storage_state=NOBODY, reduced_motion="reduce")
    page = await context.new_page()
    found: list[str] = []
    names = []
    async for name in plain_pages(page, two_doors):
        names.append(name)
        found.extend(f"{name}: {fault}" for fault in await faults(page, name))
    assert len(names) == len(set(names)) > 20
    assert found == []


async def faults(page: Page, name: str) -> list[str]:
    """Return what is wrong with the page that is open, in words."""
    nodes = await tree(page)
    found = [f"no name for {node.role}" for node in unnamed(nodes)]
    found += [f"not one {role}" for role, level in ONE_OF_EACH if count(nodes, role, level=level) != 1]
    await picture_in_every_size(page, f"plain-{name}")
    for scheme in SCHEMES:
        await page.emulate_media(color_scheme=scheme)
        found += [f"weak in {scheme}: {text}" for text in await weak_texts(page)]
    await page.set_viewport_size(PHONE)
    return found + ["scrolls sideways on a phone"] * await page.evaluate(SPILLS)
