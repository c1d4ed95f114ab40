"""The page where a debtor confirms a mandate, and the document that says what was confirmed.

Source: https://docs.mangopay.com/api-reference/mandates/create-mandate
"""

from starlette.responses import Response

from services.emulator.engine.call import Call
from services.emulator.engine.router import Route
from services.emulator.engine.store import Entity
from services.emulator.engine.world import World
from services.emulator.routes.banking.mandates import find_mandate
from services.emulator.routes.hosted.shell import back, page
from services.emulator.rules import mandates

OBJECTS = (
    "<< /Type /Catalog /Pages 2 0 R >>",
    "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 5 0 R /Resources << /Font << /F1 4 0 R >> >> >>",
    "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
)


def show(world: World, call: Call) -> Response:
    mandate = find_mandate(world, call.params["MandateId"])
    if mandate["Status"] != "CREATED":
        return page("Nothing to do", f"This mandate is {mandate['Status']} already.")
    text = f"Direct debits by {mandate['_Scheme']} from account {mandate['_AccountId']}, mandate {mandate['Id']}."
    return page("Confirm the mandate", text, yes="Confirm", no="Cancel")


def decide(world: World, call: Call) -> Response:
    mandate = find_mandate(world, call.params["MandateId"])
    if mandate["Status"] == "CREATED":
        if call.form.get("choice") == "yes":
            mandates.submit(world, mandate)
        else:
            mandates.fail(world, mandate, mandates.CANCELLED_BY_USER)
    return back(mandate["_ReturnURL"], {"MandateId": mandate["Id"]})


def download(world: World, call: Call) -> Response:
    document = _pdf(_lines(find_mandate(world, call.params["MandateId"])))
    return Response(document, media_type="application/pdf")


def _lines(mandate: Entity) -> list[str]:
    return [
        f"Direct debit mandate {mandate['Id']}",
        f"Scheme: {mandate['Scheme'] or 'to be confirmed'}",
        f"Reference: {mandate['BankReference'] or 'to be confirmed'}",
        f"Account: {mandate['_AccountId']}",
        f"Status: {mandate['Status']}",
    ]


def _pdf(lines: list[str]) -> bytes:
    """Return a PDF of one page; the lines are plain ASCII without brackets."""
    shown = " ".join(f"({line}) Tj T*" for line in lines)
    content = f"BT /F1 12 Tf 16 TL 60 780 Td {shown} ET"
    body, starts = "%PDF-1.4\n", []
    for number, text in enumerate((*OBJECTS, f"<< /Length {len(content)} >>\nstream\n{content}\nendstream"), start=1):
        starts.append(len(body))
        body += f"{number} 0 obj\n{text}\nendobj\n"
    table = "".join(f"{start:010d} 00000 n \n" for start in starts)
    size = len(starts) + 1
    trailer = f"xref\n0 {size}\n0000000000 65535 f \n{table}trailer\n<< /Size {size} /Root 1 0 R >>\n"
    return f"{body}{trailer}startxref\n{len(body)}\n%%EOF\n".encode()


ROUTES = (
    Route("GET", "/mandates/{MandateId}/confirmation", show, is_open=True),
    Route("POST", "/mandates/{MandateId}/confirmation", decide, is_open=True),
    Route("GET", "/mandates/{MandateId}/document", download, is_open=True),
)
