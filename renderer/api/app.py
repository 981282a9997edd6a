"""The application: middleware, routes, and the OpenAPI document that tells of them."""

import anyio
from fastapi import FastAPI
from fastapi.routing import APIRoute

from renderer import __version__
from renderer.api import openapi
from renderer.api.intake.stream import AT_ONCE
from renderer.api.middleware.auth import AuthMiddleware
from renderer.api.middleware.body import BodyLimitMiddleware
from renderer.api.middleware.request import RequestMiddleware
from renderer.api.problems import handlers
from renderer.api.routes import (
    batches,
    clips,
    deliveries,
    destinations,
    docs,
    events,
    files,
    health,
    inbound,
    recordings,
    schedules,
    shared,
    shares,
    uploads,
    webhooks,
)
from renderer.api.service import Service

_ROUTERS = (
    clips.router,
    events.router,
    files.router,
    deliveries.router,
    destinations.router,
    shares.router,
    recordings.router,
    uploads.router,
    batches.router,
    schedules.router,
    webhooks.router,
    inbound.router,
    shared.router,
    health.router,
    docs.router,
)


def create_app(service: Service) -> FastAPI:
    """Nothing is started and nothing connected to; the database is up to date."""
    app = FastAPI(
        title="renderer",
        version=__version__,
        description=openapi.DESCRIPTION,
        openapi_tags=openapi.TAGS,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=lambda route: route.name,
    )
    app.state.service = service
    app.state.upload_threads = anyio.CapacityLimiter(AT_ONCE)
    app.state.methods = [
        (route.path_regex, route.methods)
        for router in _ROUTERS
        for route in router.routes
        if isinstance(route, APIRoute)
    ]
    for router in _ROUTERS:
        app.include_router(router)
    handlers.install(app)
    openapi.install(app)
    # The last one added is the outermost.
    app.add_middleware(BodyLimitMiddleware, upload_bytes=service.settings.max_upload_bytes)
    app.add_middleware(AuthMiddleware, verify=service.verify, recall=service.recall)
    app.add_middleware(
        RequestMiddleware,
        observe=service.metrics.observe,
        https=(service.settings.public_url or "").startswith("https:"),
    )
    return app
