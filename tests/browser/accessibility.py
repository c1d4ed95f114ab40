"""What a screen reader is told of a page, read from Chromium's own accessibility tree."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from playwright.async_api import Page

CONTROLS = {
    *("button", "link", "textbox", "searchbox", "combobox", "checkbox", "menuitem", "dialog", "region", "option"),
    *("search", "DateTime", "DisclosureTriangle"),
}


@dataclass(frozen=True, slots=True)
class Node:
    """One node of the tree."""

    role: str
    name: str
    level: int | None


async def tree(page: Page) -> list[Node]:
    session = await page.context.new_cdp_session(page)
    nodes = (await session.send("Accessibility.getFullAXTree"))["nodes"]
    await session.detach()
    return [
        Node(
            node["role"]["value"],
            node.get("name", {}).get("value", ""),
            next((known["value"]["value"] for known in node.get("properties", []) if known["name"] == "level"), None),
        )
        for node in _read_out(nodes)
        if not node["ignored"]
    ]


def _read_out(nodes: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """Yield the nodes in the order in which they are read out; Chromium lists them level by level."""
    by_id = {node["nodeId"]: node for node in nodes}
    waiting = [node["nodeId"] for node in reversed(nodes) if "parentId" not in node]
    while waiting:
        node = by_id[waiting.pop()]
        yield node
        waiting.extend(child for child in reversed(node.get("childIds", [])) if child in by_id)


def unnamed(nodes: Sequence[Node]) -> list[Node]:
    return [node for node in nodes if node.role in CONTROLS and not node.name.strip()]


def count(nodes: Sequence[Node], role: str, *, level: int | None = None) -> int:
    return sum((node.role, node.level) == (role, level) for node in nodes)
