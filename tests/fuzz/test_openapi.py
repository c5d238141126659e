"""Requests made up from /openapi.json, right and wrong ones, against the real server."""

import asyncio
import os
import sys
from pathlib import Path

import httpx
import pytest
from support import API_KEY

SECONDS = 50  # per run of schemathesis
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "unsupported_method",
    "allow_header_conformance",
)

pytestmark = [pytest.mark.fuzz, pytest.mark.timeout(4 * SECONDS)]


async def _fuzz(api: httpx.AsyncClient, folder: Path, *options: str) -> None:
    """Fail with what schemathesis found, unless every answer was as declared."""
    command = [
        *(str(Path(sys.executable).parent / "schemathesis"), "run", f"{api.base_url}/openapi.json"),
        *("--url", str(api.base_url), "--checks", ",".join(CHECKS), "--mode", "all"),
        *("--phases", "examples,coverage,fuzzing", "--max-time", str(SECONDS)),
        *("--seed", os.environ.get("FUZZ_SEED", "1")),  # repeatable; another seed looks elsewhere
        *("--request-timeout", "2", "--continue-on-failure", "--no-shrink", "--warnings", "off"),
        *("--suppress-health-check", "all", *options),
    ]
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=folder,
        env={**os.environ, "NO_COLOR": "1"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        said, _ = await asyncio.wait_for(process.communicate(), 3 * SECONDS)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode != 0:
        pytest.fail(said.decode(), pytrace=False)


async def test_no_request_of_the_operator_breaks_a_promise(
    api: httpx.AsyncClient, tmp_path: Path
) -> None:
    await _fuzz(api, tmp_path, "--header", f"X-API-Key: {API_KEY}")


async def test_no_request_of_a_stranger_breaks_a_promise(
    api: httpx.AsyncClient, tmp_path: Path
) -> None:
    await _fuzz(api, tmp_path)
