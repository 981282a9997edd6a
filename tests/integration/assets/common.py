"""How patient the tests are, and what they open."""

from collections.abc import Callable

from renderer.assets.fetch import Limits
from renderer.assets.library import AssetLibrary

CDN = "http://cdn.example.test"
# Generous where an answer is to come, since the machine may be busy; hasty where none will.
LIMITS = Limits(connect_s=5.0, read_s=5.0, total_s=8.0, body_bytes=300_000)
HASTY = Limits(connect_s=0.4, read_s=0.5, total_s=0.8, body_bytes=300_000)

Open = Callable[..., AssetLibrary]
