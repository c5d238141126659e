"""Signed requests: who can sign, and what a thief can do with one that he saw."""

import asyncio
import gzip
import hashlib
import hmac
import json
import os
import secrets
import subprocess
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
from redis_server import redis_server_in
from support import API_KEY, REPOSITORY, serving

from forthwith import registry
from forthwith.platform.config import PlatformSettings, RedisSettings, RequestSettings
from forthwith.platform.identity import ensure_operator
from forthwith.platform.identity.signing import sign
from forthwith.platform.jobs.worker import housekeep
from forthwith.platform.runtime import Runtime, open_runtime

KEYS = "/api/v1/api-keys"
RUNS = "/api/v1/runs"
SOME_RUN = f"{RUNS}/01890000-0000-7000-8000-000000000000"


class Signer:
    """A program that signs with a key, and can be told to get a part of it wrong."""

    def __init__(self, api: httpx.AsyncClient, made: dict[str, Any]) -> None:
        """Take the id and the secret from the answer that showed them."""
        self.url = str(api.base_url).rstrip("/")
        self.key: str = made["id"]
        self.secret: str = made["signing_secret"]

    def headers(
        self, method: str = "GET", target: str = RUNS, body: bytes = b"", **wrong: Any
    ) -> dict[str, str]:
        """Right headers, but for what is given."""
        given = {"timestamp": int(time.time()), "nonce": secrets.token_hex(8), **wrong}
        signature = sign(
            wrong.get("secret", self.secret),
            method,
            target,
            given["timestamp"],
            given["nonce"],
            body,
        )
        return {
            "X-Key-Id": wrong.get("key", self.key),
            "X-Timestamp": str(given["timestamp"]),
            "X-Nonce": given["nonce"],
            "X-Signature": signature,
        }

    async def send(
        self, headers: Any, method: str = "GET", target: str = RUNS, body: Any = None
    ) -> httpx.Response:
        """Send exactly these headers."""
        async with httpx.AsyncClient(base_url=self.url) as client:
            return await client.request(method, target, headers=headers, content=body)


async def signer_of(api: httpx.AsyncClient, *scopes: str) -> Signer:
    body = {"name": "a signer", "scopes": list(scopes) or ["*"]}
    return Signer(api, (await api.post(KEYS, json=body)).json()["data"])


@pytest.fixture
async def signer(api: httpx.AsyncClient) -> Signer:
    return await signer_of(api)


def check_refused(answer: httpx.Response, says: str) -> None:
    assert answer.status_code == 401, answer.text
    assert says in answer.json()["detail"]


async def test_a_signature_stands_for_the_key_that_is_never_sent(signer: Signer) -> None:
    answer = await signer.send(signer.headers())

    assert answer.status_code == 200


async def test_the_signature_is_what_the_documentation_says(signer: Signer) -> None:
    """Made here with nothing of ours, as a program elsewhere would."""
    body = b'{"name": "made by a signature", "scopes": ["runs:read"]}'
    timestamp, nonce = str(int(time.time())), "a-nonce-of-mine"
    lines = ["POST", f"{KEYS}?a=1&b=%20", timestamp, nonce, hashlib.sha256(body).hexdigest()]
    signature = hmac.new(signer.secret.encode(), "\n".join(lines).encode(), "sha256").hexdigest()
    headers = {
        "X-Nonce": nonce,
        "X-Signature": signature.upper(),
        "Content-Type": "application/json",
        "X-Timestamp": timestamp,
        "X-Key-Id": signer.key,
    }

    answer = await signer.send(headers, "POST", f"{KEYS}?a=1&b=%20", body)

    assert answer.status_code == 201, answer.text


async def test_the_documented_commands_sign_a_request(signer: Signer) -> None:
    """docs/api-keys.md, pasted: openssl and curl, nothing of ours."""
    page = (REPOSITORY / "docs" / "api-keys.md").read_text()
    block = page.partition("## Signed requests")[2].partition("    BODY=")[2].partition("\n\n")[0]
    given = {"API": f"{signer.url}/api/v1", "JSON": "Content-Type: application/json"}
    keys = {"KEY_ID": signer.key, "SIGNING_SECRET": signer.secret}
    process = await asyncio.create_subprocess_exec(
        *("bash", "-euc", f"BODY={block}"),
        env={**os.environ, **given, **keys},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    told, _ = await process.communicate()

    assert json.loads(told)["data"]["name"] == "signed"


async def test_a_signer_may_do_only_what_its_key_may(api: httpx.AsyncClient) -> None:
    signer = await signer_of(api, "cards:read")

    answer = await signer.send(signer.headers())

    assert answer.status_code == 403


@pytest.mark.parametrize(
    "signed",
    [
        {"method": "POST"},
        {"target": f"{RUNS}?limit=1"},
        {"target": "/api/runs"},
        {"body": b"x"},
        {"secret": "fws_another"},
    ],
    ids=["method", "query", "path", "body", "secret"],
)
async def test_a_signature_of_something_else_is_refused(
    signer: Signer, signed: dict[str, Any]
) -> None:
    check_refused(await signer.send(signer.headers(**signed)), "not right")


@pytest.mark.parametrize("changed", ["X-Timestamp", "X-Nonce"])
async def test_time_and_nonce_cannot_be_changed(signer: Signer, changed: str) -> None:
    headers = signer.headers()
    other = {"X-Timestamp": str(int(headers["X-Timestamp"]) + 1), "X-Nonce": "another-nonce"}

    check_refused(await signer.send({**headers, changed: other[changed]}), "not right")


async def test_a_tampered_body_never_reaches_a_route_even_one_that_reads_none(
    api: httpx.AsyncClient, signer: Signer
) -> None:
    target = f"{SOME_RUN}/cancel"
    headers = signer.headers("POST", target, b"the signed body")

    answer = await signer.send(headers, "POST", target, b"another body")

    check_refused(answer, "not right")


async def test_a_signed_request_cannot_be_repeated(signer: Signer) -> None:
    headers = signer.headers()
    first = await signer.send(headers)

    check_refused(await signer.send(headers), "used already")
    assert first.status_code == 200


async def test_no_other_process_takes_a_signed_request_again(
    runtime: Runtime, dsn: str, signer: Signer
) -> None:
    headers = signer.headers()
    first = await signer.send(headers)
    async with open_runtime(runtime.settings, dsn, (), ()) as other, serving(other) as url:
        signer.url = url
        again = await signer.send(headers)
        anew = await signer.send(signer.headers())

    assert first.status_code == anew.status_code == 200
    check_refused(again, "used already")


async def test_a_wrong_signature_uses_up_no_nonce(signer: Signer) -> None:
    nonce = "a-nonce-of-mine"
    await signer.send(signer.headers(nonce=nonce, secret="fws_guessed"))

    assert (await signer.send(signer.headers(nonce=nonce))).status_code == 200


async def test_two_keys_may_use_the_same_nonce(api: httpx.AsyncClient, signer: Signer) -> None:
    other = await signer_of(api)

    answers = [await each.send(each.headers(nonce="the-same-nonce")) for each in (signer, other)]

    assert [answer.status_code for answer in answers] == [200, 200]


@pytest.mark.parametrize(("off", "status"), [(-290, 200), (290, 200), (-310, 401), (310, 401)])
async def test_a_clock_may_be_five_minutes_off(signer: Signer, off: int, status: int) -> None:
    answer = await signer.send(signer.headers(timestamp=int(time.time()) + off))

    assert answer.status_code == status


@pytest.mark.parametrize("name", ["X-Timestamp", "X-Nonce", "X-Key-Id"])
async def test_a_missing_header_is_named(signer: Signer, name: str) -> None:
    headers = signer.headers()
    del headers[name]

    check_refused(await signer.send(headers), name)


WRONG = {
    "X-Timestamp": ["", "now", "-1", "1e9", "9" * 13, "１２３４５６７８９０"],
    "X-Nonce": ["", "short", "x" * 65, "with a space", "a\tb-a-b-a"],
    "X-Key-Id": ["", "fw_key", "1", "x" * 10_000],
    "X-Signature": ["", "00", "z" * 64, "v1=" + "0" * 64, "x" * 10_000],
}


async def test_a_malformed_header_is_named(signer: Signer) -> None:
    for name, values in WRONG.items():
        for value in values:
            headers = {**signer.headers(), name: value.encode()}

            check_refused(await signer.send(list(headers.items())), name)


@pytest.mark.parametrize("name", ["X-Timestamp", "X-Nonce", "X-Key-Id", "X-Signature"])
async def test_a_header_that_is_there_twice_is_refused(signer: Signer, name: str) -> None:
    headers = signer.headers()

    check_refused(await signer.send([*headers.items(), (name, headers[name])]), "twice")


async def test_an_unknown_key_is_answered_like_a_wrong_signature(signer: Signer) -> None:
    unknown = await signer.send(signer.headers(key="01890000-0000-7000-8000-000000000000"))
    wrong = await signer.send(signer.headers(secret="fws_guessed"))

    assert unknown.json()["detail"] == wrong.json()["detail"]
    assert unknown.status_code == wrong.status_code == 401


async def test_a_revoked_key_signs_nothing_more(api: httpx.AsyncClient, signer: Signer) -> None:
    assert (await signer.send(signer.headers())).status_code == 200
    await api.delete(f"{KEYS}/{signer.key}")

    check_refused(await signer.send(signer.headers()), "not right")


async def test_a_key_that_is_sent_must_be_the_one_that_signs(signer: Signer) -> None:
    headers = {**signer.headers(), "X-API-Key": API_KEY}

    check_refused(await signer.send(headers), "not right")


async def test_a_wrong_signature_beside_a_right_key_is_refused(api: httpx.AsyncClient) -> None:
    made = (await api.post(KEYS, json={"name": "a", "scopes": ["*"]})).json()["data"]
    signer = Signer(api, made)
    headers = {**signer.headers(secret="fws_guessed"), "X-API-Key": made["key"]}
    del headers["X-Key-Id"]

    check_refused(await signer.send(headers), "not right")


async def test_a_packed_body_is_signed_as_it_is_unpacked(signer: Signer) -> None:
    body = b'{"name": "packed", "scopes": ["runs:read"]}'
    headers = {
        **signer.headers("POST", KEYS, body),
        "Content-Encoding": "gzip",
        "Content-Type": "application/json",
    }

    answer = await signer.send(headers, "POST", KEYS, gzip.compress(body))

    assert answer.status_code == 201, answer.text


async def _pieces(count: int) -> AsyncIterator[bytes]:
    for _ in range(count):
        yield bytes(1024 * 1024)


async def test_a_huge_body_is_refused_at_the_limit(signer: Signer) -> None:
    answer = await signer.send(signer.headers("POST", KEYS), "POST", KEYS, _pieces(17))

    assert answer.status_code == 413
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_huge_body_for_an_unknown_key_is_not_taken_in(signer: Signer) -> None:
    headers = signer.headers("POST", KEYS, key="01890000-0000-7000-8000-000000000000")

    answer = await signer.send(headers, "POST", KEYS, _pieces(8))

    check_refused(answer, "not right")


async def test_a_stream_is_followed_after_a_signature(api: httpx.AsyncClient) -> None:
    """What comes after the body (that the caller has left) still comes through."""
    signer = await signer_of(api)
    target = f"{SOME_RUN}/events"

    assert (await signer.send(signer.headers(target=target), target=target)).status_code == 404


async def test_old_nonces_are_forgotten(signer: Signer, runtime: Runtime) -> None:
    await signer.send(signer.headers())
    await runtime.db.execute("update platform.nonces set expires_at = now() - interval '1 second'")

    await housekeep(runtime.db)

    assert await runtime.db.fetch("select from platform.nonces") == []


async def test_the_plain_form_of_the_seed_is_off_unless_asked_for(signer: Signer) -> None:
    check_refused(await signer.send(_plain(signer, b"")), "X-Timestamp")


def _plain(signer: Signer, body: bytes) -> dict[str, str]:
    """As the seed signs: hex HMAC-SHA256 over the body, in X-Signature only."""
    signature = hmac.new(signer.secret.encode(), body, hashlib.sha256).hexdigest()
    return {"X-Key-Id": signer.key, "X-Signature": signature, "Content-Type": "application/json"}


async def test_the_plain_form_is_taken_where_it_is_switched_on(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIGNATURES_PLAIN_BODY", "true")
    settings = runtime.settings.model_copy(update={"requests": RequestSettings()})
    switched = replace(runtime, settings=settings)
    body = b'{"name": "plain", "scopes": ["runs:read"]}'
    async with (
        serving(switched) as url,
        httpx.AsyncClient(base_url=url, headers={"X-API-Key": API_KEY}) as api,
    ):
        signer = await signer_of(api)
        right = await signer.send(_plain(signer, body), "POST", KEYS, body)
        wrong = await signer.send(_plain(signer, body), "POST", KEYS, body + b" ")
        timed = await signer.send(signer.headers())

    assert right.status_code == 201
    check_refused(wrong, "not right")
    assert timed.status_code == 200


@pytest.mark.redis
async def test_nonces_are_kept_in_redis_where_there_is_one(
    runtime: Runtime,
    settings: PlatformSettings,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """And while it is away no signed request is let in, for it may be a repeated one."""
    with redis_server_in(tmp_path_factory.mktemp("redis")) as server:
        monkeypatch.setenv("REDIS_URL", server.url)
        with_redis = settings.model_copy(update={"redis": RedisSettings()})
        apps = registry.APPS
        await ensure_operator(runtime.db, API_KEY)
        async with (
            open_runtime(with_redis, runtime.db.dsn, registry.jobs(apps), ()) as own,
            serving(own) as url,
            httpx.AsyncClient(base_url=url, headers={"X-API-Key": API_KEY}) as api,
        ):
            signer = await signer_of(api)
            headers = signer.headers()
            first, second = await signer.send(headers), await signer.send(headers)
            kept = await runtime.db.fetch("select from platform.nonces")
            server.kill()
            away = await signer.send(signer.headers())

    assert (first.status_code, second.status_code, away.status_code) == (200, 401, 503)
    assert kept == []
