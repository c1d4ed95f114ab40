"""Writes ENDPOINTS.md and CHOICES.md from the code: `python -m services.emulator.documents`.

What a module chose where Mangopay's documentation is silent stands at the end of its docstring, after `Chosen:`.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

from services.emulator.endpoints import table

FOLDER = Path(__file__).parent
ENDPOINTS = """# Every endpoint

What Mangopay's documentation and its official clients know, and what the emulator makes of it. Made by
`python -m services.emulator.documents`; paths stand behind `/v2.01/{ClientId}`, unless they begin with a version.

"""
CHOICES = """# What it does not do, and what was chosen

Made by `python -m services.emulator.documents` from the docstrings of the modules.

"""


def documents() -> dict[str, str]:
    """Return what each file shall hold."""
    left_out = _docstring(FOLDER / "__init__.py").partition("What it does not do:")[2]
    chosen = "\n".join(f"- `{name}`: {text}" for name, text in _choices())
    choices = f"{CHOICES}## What it does not do\n\n{_sentence(left_out)}\n\n## What was chosen\n\n{chosen}\n"
    return {"ENDPOINTS.md": ENDPOINTS + table(), "CHOICES.md": choices}


def _choices() -> Iterator[tuple[str, str]]:
    """Yield each module that chose something, and what."""
    for path in sorted(set(FOLDER.rglob("*.py")) - {Path(__file__)}):
        _, said, text = _docstring(path).partition("Chosen:")
        if said:
            yield path.relative_to(FOLDER).as_posix(), _sentence(text)


def _docstring(path: Path) -> str:
    return ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""


def _sentence(text: str) -> str:
    sentence = " ".join(text.split())
    return sentence[:1].upper() + sentence[1:]


if __name__ == "__main__":
    for name, text in documents().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
