"""What the guard's tests ask for, and how."""

from collections.abc import Callable

from renderer.assets.asset import Asset
from renderer.assets.fetch import Limits

CDN = "http://cdn.example.test"

LIMITS = Limits(connect_s=5.0, read_s=5.0, total_s=8.0)

INSIDE = ["127.0.0.1", "10.0.0.5", "192.168.1.1", "169.254.169.254", "::1", "fd00:ec2::254", "100.64.0.1"]


Get = Callable[..., Asset]
