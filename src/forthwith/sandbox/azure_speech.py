"""Azure AI Speech on this machine: SSML in, a hum out."""

import xml.etree.ElementTree as ET
from http import HTTPStatus
from typing import Final

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from forthwith.sandbox.hum import hum
from forthwith.sandbox.quotas import Refusal
from forthwith.sandbox.vendor import Vendor

_SSML: Final = "{http://www.w3.org/2001/10/synthesis}"
_FORMAT: Final = "riff-24khz-16bit-mono-pcm"


def azure_speech() -> Vendor:
    """A new vendor."""
    return Vendor(
        name="azure_speech",
        routes=[Route("/cognitiveservices/v1", _speak, methods=["POST"])],
        refuse=_refuse,
        key_header="ocp-apim-subscription-key",
    )


async def _speak(request: Request) -> Response:
    """400 with a line of text for whatever is wrong, as Azure has it."""
    if request.headers.get("x-microsoft-outputformat") != _FORMAT:
        return PlainTextResponse("Unsupported output format.", HTTPStatus.BAD_REQUEST)
    try:
        ssml = ET.fromstring(await request.body())  # noqa: S314 - of the code under test
        prosody = next(ssml.iterfind(f"{_SSML}voice/{_SSML}prosody"))
        rate = 1 + int(prosody.attrib["rate"].rstrip("%")) / 100
    except (ET.ParseError, StopIteration, KeyError, ValueError):
        return PlainTextResponse("Ssml should contain a voice and a rate.", HTTPStatus.BAD_REQUEST)
    return Response(hum("".join(ssml.itertext()), rate), media_type="audio/x-wav")


def _refuse(refusal: Refusal) -> Response:
    is_key = refusal.reason == "key"
    return Response(status_code=HTTPStatus.UNAUTHORIZED if is_key else HTTPStatus.TOO_MANY_REQUESTS)
