"""The codes of an authenticator app, for whoever tries the portal without a telephone at hand."""

import binascii
import time

import pyotp
from aiohttp import web

from sandbox.pages import render

# The key of the demonstration's people, as accounts makes them.
DEMO_KEY = "MTNETDEMOMTNETDEMOMTNETDEMOMTNET"
LONGEST_KEY = 200
STEP_SECONDS = 30


async def show_codes(request: web.Request) -> web.Response:
    """This half minute's code and the next one's, which is accepted already."""
    key = "".join(request.query.get("key", "").split())[:LONGEST_KEY] or DEMO_KEY
    step = int(time.time()) // STEP_SECONDS
    try:
        codes = [pyotp.TOTP(key).generate_otp(one) for one in (step, step + 1)]
    except (binascii.Error, ValueError):
        codes = []
    left = STEP_SECONDS - int(time.time()) % STEP_SECONDS
    answer = render(request, "authenticator.html", key=key, demo=key == DEMO_KEY, codes=codes, left=left)
    answer.headers["Refresh"] = str(left)
    return answer


ROUTES = [web.get("/authenticator", show_codes)]
