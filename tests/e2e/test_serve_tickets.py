"""From a customer's ticket to the clip on it: Zendesk tells of the ticket, PostHog has the session, `renderer serve` does the rest."""

import hashlib
import json
import signal
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from tests.e2e.program import Program
from tests.e2e.test_serve import Serving, serving
from tests.integration.posthog_server import SESSION, PostHogServer, running
from tests.unit.inbound import signing
from tests.vendors.zendesk import ZendeskVendor

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture
def posthog() -> Iterator[PostHogServer]:
    with running() as server:
        server.store_sample()
        server.store_events()
        yield server


@pytest.fixture
def zendesk() -> Iterator[ZendeskVendor]:
    with ZendeskVendor() as running:
        yield running
    assert running.violations == []


@pytest.fixture
def env(posthog: PostHogServer, zendesk: ZendeskVendor) -> Mapping[str, str]:
    desk = {f"RENDERER_ZENDESK_{name.upper()}": value for name, value in zendesk.settings().items()}
    # A worker that is killed is missed after two seconds.
    return {**posthog.settings, **desk, "RENDERER_INBOUND_ZENDESK_SECRET": signing.SECRET, "RENDERER_LEASE_S": "2"}


def until(served: Serving, path: str, is_so: Callable[[Any], bool], key: str) -> Any:
    deadline = time.monotonic() + 150
    while not is_so(told := served.ask(path, key)):
        assert time.monotonic() < deadline, told
        time.sleep(0.2)
    return told


def tell(served: Serving, body: bytes) -> Any:
    headers = signing.zendesk(body, at_s=time.time(), invocation="01HZX9")
    request = urllib.request.Request(f"{served.address}/v1/inbound/zendesk", body, headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def test_a_ticket_gets_the_clip_of_its_session_once_even_when_the_service_is_killed(
    renderer: Program, posthog: PostHogServer, zendesk: ZendeskVendor, env: Mapping[str, str]
) -> None:
    host, project = (posthog.settings[f"RENDERER_POSTHOG_{name}"] for name in ("HOST", "PROJECT"))
    replay = f"{host}/project/{project}/replay/{SESSION}?t=54"
    body = signing.packed(
        {"ticket_id": "48213", "posthog_session_id": "", "text": f"It told me nonsense, see {replay}"}
    )
    with serving(renderer, env=env) as served:
        (key,) = served.keys
        posted = zendesk.hold_after_post()
        told = tell(served, body)
        assert told["to"] == "zendesk:48213"
        assert tell(served, body) == told
        assert posted.wait(200)
        served.process.send_signal(signal.SIGKILL)
        served.process.wait(10)
        zendesk.release()
    assert len(zendesk.notes()) == 1
    with serving(renderer, env=env) as served:
        path = f"/v1/clips/{told['clip']}"
        clip = until(served, path, lambda clip: clip["deliveries"][0]["status"] not in {"queued", "sending"}, key)
        (delivery,) = clip["deliveries"]
        assert (delivery["status"], delivery["receipt"]["found"]) == ("succeeded", True)
        manifest = served.ask(f"{path}/files/clip.json", key)
    (note,) = zendesk.notes()
    assert not note.is_public
    assert manifest["recording"]["replay_url"] == replay.partition("?")[0]
    assert {name: hashlib.sha256(content).hexdigest() for name, content in note.files.items()} == {
        output["name"]: output["sha256"] for output in clip["outputs"] if output["kind"] in {"mp4", "gif"}
    }
    assert len(note.files) == 2
    for said in ("thumbs-down", "failed with 500", "refundable", f"{replay.partition('?')[0]}?t="):
        assert said in note.text
