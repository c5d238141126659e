"""The walk of samples: one goes in over HTTP, the work on it is done behind."""

import httpx
from support import events, working

from forthwith.platform.runtime import Runtime


async def test_a_sample_is_taken_and_worked_on(runtime: Runtime, api: httpx.AsyncClient) -> None:
    """202 at once; the run ends well; the sample is its owner's to see."""
    answer = await api.post("/api/v1/samples", json={"content": "hello"})
    submitted = answer.json()["data"]
    async with working(runtime):
        told = await events(api, f"/api/v1/runs/{submitted['run_id']}/events")
    sample = (await api.get(submitted["polling_url"])).json()["data"]

    assert answer.status_code == 202
    assert told[-1]["event"] == "succeeded"
    assert sample["content"] == "hello"
    assert sample["status"] == "succeeded"
