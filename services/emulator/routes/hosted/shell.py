"""What every hosted page is: one sentence, two buttons at most, and the way back to the platform."""

from html import escape
from urllib.parse import urlencode

from starlette.responses import HTMLResponse, RedirectResponse, Response

from services.emulator.engine.urls import with_query

PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>
<body style="font: 16px/1.5 system-ui; max-width: 32rem; margin: 4rem auto">
<h1>{title}</h1><p>{text}</p>{form}</body></html>"""
BUTTON = """<button name="choice" value="{value}">{label}</button>"""


def page(title: str, text: str, **choices: str) -> Response:
    """Show a sentence and a button for each choice: its name is what comes back as `choice`, its value the label."""
    buttons = "\n".join(BUTTON.format(value=escape(name), label=escape(label)) for name, label in choices.items())
    form = f'<form method="post">{buttons}</form>' if choices else ""
    return HTMLResponse(PAGE.format(title=escape(title), text=escape(text), form=form))


def back(url: str | None, query: dict[str, str]) -> Response:
    """Lead back to the platform, with what it is told in the query."""
    if url is None or not url.startswith(("http://", "https://")):
        return page("Done", "You may close this page.")
    return RedirectResponse(with_query(url, urlencode(query)), status_code=303)
