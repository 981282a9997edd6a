"""Playwright's driver, a Node program that comes with its package and steers Chromium."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Playwright, async_playwright

from renderer.errors import SetupError


@asynccontextmanager
async def driver() -> AsyncIterator[Playwright]:
    """SetupError `driver_start` when it does not start, as where a library that Node needs is missing."""
    manager = async_playwright()
    try:
        playwright = await manager.__aenter__()
    except Exception as error:  # Playwright has no kind of its own for it
        raise SetupError(
            "driver_start",
            "the driver that steers Chromium does not start: see what `playwright --version` says, and run scripts/setup",
        ) from error
    try:
        yield playwright
    finally:
        await manager.__aexit__()
