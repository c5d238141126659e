"""The sandbox's Notion: its rules, its budget, what it shows of itself."""

import asyncio
from typing import Any

import httpx
import pytest
from notion_client import APIResponseError, AsyncClient
from notion_workspace import Running, recordings

from forthwith.integrations.notion import properties
from forthwith.integrations.notion.schema import Column
from forthwith.sandbox.notion import NotionKnobs
from forthwith.sandbox.notion.contract import Contract


@pytest.fixture
async def sdk(workspace: Running) -> Any:
    """The vendor's own client, as others use it."""
    environment = workspace.sandbox.environment()
    async with AsyncClient(
        auth=environment["NOTION_API_KEY"], base_url=environment["NOTION_BASE_URL"], retry=False
    ) as client:
        yield client


async def test_the_sdk_reads_every_object(workspace: Running, sdk: Any) -> None:
    """From the database to its page and back, with a file."""
    me = await sdk.users.me()
    database = await sdk.databases.retrieve(workspace.sandbox.workspace.database)
    source = database["data_sources"][0]["id"]
    await sdk.data_sources.update(source, properties={"Email": {"email": {}}})
    parent = {"type": "data_source_id", "data_source_id": source}
    page = await sdk.pages.create(parent=parent, properties={"Name": properties.title("Lin")})
    begun = await sdk.file_uploads.create(
        mode="single_part", filename="a.txt", content_type="text/plain"
    )
    sent = await sdk.file_uploads.send(begun["id"], file=("a.txt", b"hello", "text/plain"))
    listed = await sdk.data_sources.query(source)

    assert me["bot"]["workspace_limits"]["max_file_upload_size_in_bytes"] > 0
    assert [each["id"] for each in listed["results"]] == [page["id"]]
    assert (await sdk.pages.retrieve(page["id"].replace("-", "")))["id"] == page["id"]
    assert (begun["status"], sent["status"]) == ("pending", "uploaded")
    assert (await sdk.file_uploads.retrieve(begun["id"]))["content_length"] == 5


async def test_pages_are_listed_a_part_at_a_time(workspace: Running, sdk: Any) -> None:
    for number in range(3):
        await workspace.notion.create({"title": properties.title(str(number))})
    source = (await workspace.notion.schema()).id
    first = await sdk.data_sources.query(source, page_size=2)
    rest = await sdk.data_sources.query(source, start_cursor=first["next_cursor"])

    assert first["has_more"]
    assert [len(each["results"]) for each in (first, rest)] == [2, 1]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({"Name": {"title": [{"text": {"content": "x" * 2_001}}]}}, "should be ≤ `2000`"),
        ({"Name": {"title": [{"text": {"content": "x"}}] * 101}}, "should be ≤ `100`"),
        ({"Name": {"title": "x"}}, "should be an array"),
        ({"Name": {"email": "a@example.com"}}, "Name is expected to be title."),
        ({"Age": {"number": 1}}, "Age is not a property that exists."),
    ],
)
async def test_what_notion_would_not_take_is_refused(
    workspace: Running, sdk: Any, value: dict[str, Any], said: str
) -> None:
    parent = {"type": "data_source_id", "data_source_id": (await workspace.notion.schema()).id}
    with pytest.raises(APIResponseError, match=said) as refusal:
        await sdk.pages.create(parent=parent, properties=value)

    assert (refusal.value.status, refusal.value.code) == (400, "validation_error")


@pytest.mark.parametrize(
    ("kind", "wrong"),
    [
        ("email", "x" * 201),
        ("phone_number", ""),
        ("url", "x" * 2_001),
        ("number", "1"),
        ("select", {"name": "a,b"}),
        ("multi_select", [{"name": "x" * 101}]),
        ("date", {"end": "2026-01-01"}),
        ("files", [{"name": "x"}]),
    ],
)
async def test_each_type_has_its_rule(workspace: Running, kind: Any, wrong: Any) -> None:
    await workspace.notion.add([Column("Value", kind)])
    answer = await workspace.control.post(
        "/v1/pages", headers=_headers(workspace), json=await _page(workspace, {kind: wrong})
    )

    assert answer.status_code == 400
    assert "Value" in answer.json()["message"]


async def test_a_file_has_to_be_sent_before_it_is_shown(workspace: Running) -> None:
    await workspace.notion.add([Column("Value", "files")])
    begun = workspace.sandbox.workspace.begin_upload("a.jpg", "image/jpeg")
    value = properties.uploaded_file(begun.id, "a.jpg")
    answer = await workspace.control.post(
        "/v1/pages", headers=_headers(workspace), json=await _page(workspace, value)
    )

    assert answer.json()["message"] == "The file upload has not been sent."


async def test_a_new_page_may_be_found_late(workspace: Running) -> None:
    await workspace.notion.add([Column("Card ID", "rich_text")])
    await workspace.set_knobs(NotionKnobs(index_seconds=0.3))
    await workspace.notion.create({"Card ID": properties.rich_text("card")})
    at_first = await workspace.notion.find("Card ID", "card")
    await asyncio.sleep(0.4)

    assert at_first is None
    assert await workspace.notion.find("Card ID", "card") is not None


async def test_the_budget_of_a_minute_is_told_with_its_reason(workspace: Running) -> None:
    await workspace.behave(quota={"per_minute": 1})
    answers = [await _me(workspace) for _ in range(2)]
    body = answers[1].json()

    assert [each.status_code for each in answers] == [200, 429]
    assert 0 < int(answers[1].headers["retry-after"]) <= 60
    assert (body["code"], body["object"]) == ("rate_limited", "error")
    assert body["additional_data"] == {"rate_limit_reason": "connection"}


async def test_an_overload_speaks_as_notion_does(workspace: Running) -> None:
    await workspace.behave(next_faults=[{"kind": "status", "status": 529, "retry_after": 5}])
    answer = await _me(workspace)

    assert (answer.status_code, answer.headers["retry-after"]) == (529, "5")
    assert answer.json()["code"] == "service_overload"


async def test_only_the_connection_may_ask(workspace: Running) -> None:
    strange = await workspace.control.get("/v1/users/me")
    of_no_version = await workspace.control.get(
        "/v1/users/me", headers={"authorization": _headers(workspace)["authorization"]}
    )
    lost = await workspace.control.get(f"/v1/pages/{'0' * 32}", headers=_headers(workspace))

    assert (strange.status_code, strange.json()["code"]) == (401, "unauthorized")
    assert of_no_version.json()["code"] == "missing_version"
    assert lost.json()["code"] == "object_not_found"


async def test_people_see_what_it_holds(workspace: Running) -> None:
    """Names are shown, never run."""
    made = await workspace.notion.create({"Name": properties.title("<b>Lin</b>")})
    table = await workspace.control.get(workspace.sandbox.page)
    page = await workspace.control.get(made.url)

    assert "&lt;b&gt;Lin&lt;/b&gt;" in table.text
    assert "&lt;b&gt;Lin&lt;/b&gt;" in page.text


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"url": 7}, ".url is 7"),
        ({"strange": 1}, ".strange was never recorded"),
        ({"properties": {"A": {"id": "a", "type": "email"}}}, ".properties.A has"),
    ],
)
def test_the_recordings_find_what_is_shaped_otherwise(change: dict[str, Any], said: str) -> None:
    folder = recordings()
    if folder is None:
        pytest.skip("the recordings of ../shared (or FORTHWITH_SHARED) are not here")
    contract = Contract(folder)
    page = contract._recordings[("GET", "/v1/pages/{id}")][0].answer
    contract.look_at_answer("GET", f"/v1/pages/{'0' * 32}", 200, page)
    assert contract.broken == []
    contract.look_at_answer("GET", f"/v1/pages/{'0' * 32}", 200, page | change)
    contract.look_at_answer("GET", f"/v1/pages/{'0' * 32}", 200, {"object": "page"})

    assert any(said in each for each in contract.broken)
    assert any(".url is missing" in each for each in contract.broken)


def _headers(workspace: Running) -> dict[str, str]:
    token = workspace.sandbox.workspace.token
    return {"authorization": f"Bearer {token}", "notion-version": "2025-09-03"}


async def _me(workspace: Running) -> httpx.Response:
    return await workspace.control.get("/v1/users/me", headers=_headers(workspace))


async def _page(workspace: Running, value: dict[str, Any]) -> dict[str, Any]:
    source = (await workspace.notion.schema()).id
    return {"parent": {"data_source_id": source}, "properties": {"Value": value}}
