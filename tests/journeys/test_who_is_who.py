"""A downstream system, from its registration to a statement that its own program verifies, by docs/subscribe.md."""

import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import httpx
import psycopg
import pytest

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]

DOCS = Path(__file__).resolve().parents[2] / "docs" / "subscribe.md"
WHY = ("--who", "operator1", "--reason", "ships are filed by active accounts only")


def verifying_program():
    (program,) = [
        block
        for block in re.findall(r"```python\n(.*?)```", DOCS.read_text(), re.S)
        if "PyJWKClient" in block
    ]
    return program


def test_from_a_secret_to_a_verified_statement_and_to_the_end_of_it(system, tmp_path):
    name = f"w-{uuid4().hex[:10]}"

    def operator(*arguments):
        return system.run("operator", "python", "-m", "accounts.subscribers.cli", *arguments)

    said = operator(
        "add",
        name,
        "--title",
        "Vessels",
        "--owner",
        "Bureau",
        "--email",
        "a@b.example",
        "--system",
        "mtnet",
        *WHY,
    )
    secret = re.search(r"password +(\S+)", said)[1]
    until = (datetime.now(UTC) + timedelta(days=30)).date().isoformat()
    operator("grant-scope", name, "--scopes", "accounts.read", "snapshots.read", "--until", until, *WHY)
    with psycopg.connect(system.administrator_dsn("mtnet_accounts")) as accounts:
        row = accounts.execute(
            "SELECT account_id::text FROM account WHERE state = 'active' AND 'mtnet' = ANY (systems) LIMIT 1"
        ).fetchone()
    account_id = row[0]

    with httpx.Client(base_url=system.url, trust_env=False, timeout=30) as http:
        assert http.get("/api/v1/systems/mtnet/accounts").status_code == 401
        wrong = http.post("/oauth/token", data={"grant_type": "client_credentials"}, auth=(name, "wrong"))
        assert (wrong.status_code, wrong.json()["error"]) == (401, "invalid_client")
        given = http.post(
            "/oauth/token", data={"grant_type": "client_credentials"}, auth=(name, secret)
        ).json()
        http.headers["Authorization"] = f"Bearer {given['access_token']}"

        listed = http.get("/api/v1/systems/mtnet/accounts", params={"limit": 1000})
        assert account_id in {each["account_id"] for each in listed.json()["items"]}
        assert "r=599" in listed.headers["RateLimit"]
        one = http.get(f"/api/v1/systems/mtnet/accounts/{account_id}")
        again = http.get(one.request.url, headers={"If-None-Match": one.headers["ETag"]})
        assert (one.status_code, again.status_code, again.content) == (200, 304, b"")
        # Another's system and one that there is not are the same.
        strange = [http.get(f"/api/v1/systems/{other}/accounts") for other in ("crew", "trains")]
        assert [each.status_code for each in strange] == [404, 404]
        assert strange[0].content == strange[1].content
        snapshot = http.get("/api/v1/snapshots/accounts", params={"limit": 1}).json()
        assert snapshot["next"] == snapshot["items"][0]["account_id"]

        statement = http.get(f"/api/v1/systems/mtnet/accounts/{account_id}/statement").json()["statement"]
        program = tmp_path / "verify.py"
        program.write_text(verifying_program())
        portal = http.get("/.well-known/oauth-authorization-server").json()["issuer"]
        found = subprocess.run(
            [sys.executable, program, portal, "mtnet", statement],
            check=True,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert account_id in found.stdout
        assert one.json()["name"] in found.stdout

        operator("suspend", name, *WHY)
        assert http.get(f"/api/v1/systems/mtnet/accounts/{account_id}").status_code == 401
        operator("remove", name, "--confirm", name, *WHY)
