"""How long a ticket system asks to be left alone, by whichever header it says so."""

import pytest

from renderer.deliver.http.waits import wait_s

NOW_S = 1_795_000_000.0


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({}, None),
        ({"Retry-After": "30"}, 30.0),
        ({"retry-after": "Wed, 18 Nov 2026 11:07:40 GMT"}, 60.0),
        ({"Retry-After": "soon"}, None),
        ({"X-RateLimit-Reset": str(int(NOW_S) + 12)}, 12.0),
        ({"ratelimit-reset": "41"}, 41.0),
        ({"X-RateLimit-Requests-Reset": str(int(NOW_S * 1000) + 5000)}, 5.0),
        ({"X-RateLimit-Reset": "2026-11-18T11:06:55Z"}, 15.0),
        ({"X-RateLimit-Reset": "2026-11-18T11:06:55.5+00:00"}, 15.5),
        ({"X-RateLimit-Reset": str(int(NOW_S) - 500)}, 0.0),
        ({"X-RateLimit-Reset": "-3"}, None),
        ({"X-RateLimit-Reset": "nan"}, None),
        ({"X-RateLimit-Reset": "tomorrow"}, None),
        ({"Retry-After": "3", "X-RateLimit-Reset": str(int(NOW_S) + 900)}, 3.0),
        (
            {"X-RateLimit-Requests-Reset": str(int(NOW_S) + 9), "X-RateLimit-Complexity-Reset": str(int(NOW_S) + 20)},
            20.0,
        ),
    ],
)
def test_the_wait_is_read(headers: dict[str, str], wait: float | None) -> None:
    found = wait_s(headers, NOW_S)
    assert found == (pytest.approx(wait) if wait is not None else None)
