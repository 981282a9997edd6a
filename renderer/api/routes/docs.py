"""The OpenAPI document, and a page of it that needs nothing from elsewhere."""

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from renderer.api import reference

router = APIRouter(include_in_schema=False)


@router.get("/openapi.json")
def openapi_document(request: Request) -> Response:
    return JSONResponse(request.app.openapi(), headers={"Cache-Control": "no-cache"})


@router.get("/docs")
def docs(request: Request) -> Response:
    return HTMLResponse(reference.page(request.app.openapi()), headers=reference.HEADERS)
