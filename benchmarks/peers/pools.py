"""Who rotates keys, ours among them: `pools TASK NAME` prints JSON.

Each asks a `ChatVendor` of its own process, over HTTP, with the client it comes with.
"""

import asyncio
import json
import logging
import os
import resource
import statistics
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any, Final

from benchmarks.peers.chat_vendor import COOLING, ChatVendor

Ask = Callable[[], Awaitable[object]]
Found = dict[str, Any]

PLENTY: Final = 100_000
RPM: Final = 5
CALLS: Final = 30
_SEQUENCE: Final = 10
_ROUNDS: Final = 5
_PATIENCE_SECONDS: Final = 10.0
_MESSAGE: Final = "yes?"


def _ours(url: str, secrets: Sequence[str], rpm: int) -> Ask:
    import httpx  # noqa: PLC0415

    from forthwith.platform.upstream import (  # noqa: PLC0415
        Attempt,
        Limits,
        Upstream,
        Vendor,
        in_memory,
        keys_from,
    )

    keys = keys_from(*secrets, limits=Limits(rpm=rpm))
    upstream = Upstream(Vendor(name="chat", keys=keys, wait_seconds=120), in_memory())
    http = httpx.AsyncClient(base_url=url)
    body = {"model": "gpt-4o", "messages": [{"role": "user", "content": _MESSAGE}]}

    async def send(attempt: Attempt) -> Any:
        headers = {"Authorization": f"Bearer {attempt.secret}"}
        response = await http.post("/chat/completions", json=body, headers=headers)
        attempt.check(response)
        return response.json()

    return lambda: upstream.call("chat", send)


def _litellm(url: str, secrets: Sequence[str], rpm: int, **how: int) -> Ask:
    from litellm import Router  # type: ignore[import-not-found] # noqa: PLC0415

    places = [
        {
            "model_name": "chat",
            "litellm_params": {
                "model": "openai/gpt-4o",
                "api_base": url,
                "api_key": secret,
                "rpm": rpm,
                "max_retries": 0,
            },
        }
        for secret in secrets
    ]
    router = Router(model_list=places, routing_strategy="usage-based-routing-v2", **how)
    messages = [{"role": "user", "content": _MESSAGE}]
    return lambda: router.acompletion(model="chat", messages=messages)


def _pydantic_ai(url: str, secrets: Sequence[str], *, retries: int) -> Ask:
    from openai import AsyncOpenAI  # type: ignore[import-not-found] # noqa: PLC0415
    from pydantic_ai.direct import model_request  # type: ignore[import-not-found] # noqa: PLC0415
    from pydantic_ai.messages import ModelRequest  # type: ignore[import-not-found] # noqa: PLC0415
    from pydantic_ai.models.fallback import (  # type: ignore[import-not-found] # noqa: PLC0415
        FallbackModel,
    )
    from pydantic_ai.models.openai import (  # type: ignore[import-not-found] # noqa: PLC0415
        OpenAIChatModel,
    )
    from pydantic_ai.providers.openai import (  # type: ignore[import-not-found] # noqa: PLC0415
        OpenAIProvider,
    )

    def model(secret: str) -> Any:
        client = AsyncOpenAI(base_url=url, api_key=secret, max_retries=retries)
        return OpenAIChatModel("gpt-4o", provider=OpenAIProvider(openai_client=client))

    fallback = FallbackModel(*map(model, secrets))
    return lambda: model_request(fallback, [ModelRequest.user_text_prompt(_MESSAGE)])


POOLS: Final[dict[str, Callable[[str, Sequence[str], int], Ask]]] = {
    "ours": _ours,
    "LiteLLM Router": _litellm,
    "LiteLLM Router, no retries": partial(_litellm, num_retries=0),
    "pydantic-ai FallbackModel": lambda url, keys, _: _pydantic_ai(url, keys, retries=2),
    "pydantic-ai, no retries of the SDK": lambda url, keys, _: _pydantic_ai(url, keys, retries=0),
}
FAILING_OVER: Final = (
    *("ours", "LiteLLM Router"),
    *("pydantic-ai FallbackModel", "pydantic-ai, no retries of the SDK"),
)
BURSTING: Final = ("ours", "LiteLLM Router, no retries", "pydantic-ai, no retries of the SDK")


async def failover(name: str) -> Found:
    """Until the second key has answered, where the first one is told to come back in 7 s.

    `plain_ms` is the next call; `wasted` are calls of eleven in turn that asked the first key.
    """
    took, plain, wasted = [], [], 0
    is_patient = name == "pydantic-ai FallbackModel"  # it sleeps as long as it is told, each time
    for _ in range(1 if is_patient else _ROUNDS):
        vendor = ChatVendor(PLENTY)
        async with vendor.open() as url:
            await _warm_up(name, url)
            ask = POOLS[name](url, [COOLING, "good"], PLENTY)
            seconds = 0.0
            while not vendor.refused[COOLING]:  # who chooses by chance meets it sooner or later
                seconds = await _seconds(ask)
            took.append(seconds)
            if not is_patient:
                plain += [await _seconds(ask) for _ in range(_SEQUENCE)]
            wasted = max(wasted, vendor.refused[COOLING])
    return {
        "ms": statistics.median(took) * 1000,
        "plain_ms": statistics.median(plain) * 1000 if plain else None,
        "wasted": wasted,
    }


async def _warm_up(name: str, url: str) -> None:
    """Have its modules loaded: some come with the first call, and take seconds."""
    await POOLS[name](url, ["warm"], PLENTY)()


async def _seconds(ask: Ask) -> float:
    began = time.perf_counter()
    await ask()
    return time.perf_counter() - began


async def burst(name: str) -> Found:
    """30 calls at once on 3 keys of 5 a minute: answered, failed and waiting after 10 seconds."""
    vendor = ChatVendor(RPM)
    async with vendor.open() as url:
        await _warm_up(name, url)
        ask = POOLS[name](url, ["one", "two", "three"], RPM)
        tasks = [asyncio.ensure_future(ask()) for _ in range(CALLS)]
        done, waiting = await asyncio.wait(tasks, timeout=_PATIENCE_SECONDS)
        for task in waiting:
            task.cancel()
        await asyncio.wait(tasks)
        failed = sum(task.exception() is not None for task in done)
    return {
        "answered": len(done) - failed,
        "failed": failed,
        "waiting": len(waiting),
        "refused": vendor.refused.total(),
    }


async def load(name: str) -> Found:
    """What making a pool takes, imports and all, beside a bare interpreter with asyncio."""
    before, began = _resident(), time.perf_counter()
    POOLS[name]("http://127.0.0.1:9/v1", ["one", "two"], PLENTY)
    return {"seconds": time.perf_counter() - began, "mib": (_resident() - before) / 2**20}


def _resident() -> int:
    with open("/proc/self/statm") as pages:  # noqa: PTH123 - one line
        return int(pages.read().split()[1]) * resource.getpagesize()


TASKS: Final = (failover, burst, load)


def main() -> None:
    """Do the one task that is asked for."""
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"  # else it asks the network for prices
    logging.disable(logging.CRITICAL)
    task, name = sys.argv[1:]
    measure = next(each for each in TASKS if each.__name__ == task)
    found = asyncio.run(measure(name))
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
