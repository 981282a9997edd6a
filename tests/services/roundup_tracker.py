"""The process that `roundup.py` starts: makes a tracker in a folder unless there is one, and serves it at /demo/.

Roundup's own server refuses to run as root; served by WSGI it runs as anybody.
"""

import json
import socketserver
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from roundup import init, instance, password  # type: ignore[import-untyped]
from roundup.cgi.wsgi_handler import RequestDispatcher  # type: ignore[import-untyped]

TEMPLATE = Path(sys.prefix) / "share" / "roundup" / "templates" / "classic"
READER = """
db.security.addRole(name="Reader", description="May see issues and upload, but not edit an issue")
for permission in ("Web Access", "Rest Access"):
    db.security.addPermissionToRole("Reader", permission)
for kind in ("issue", "file", "msg", "priority", "status", "keyword"):
    db.security.addPermissionToRole("Reader", "View", kind)
for kind in ("file", "msg"):
    db.security.addPermissionToRole("Reader", "Create", kind)
"""


class Server(socketserver.ThreadingMixIn, WSGIServer):
    daemon_threads = True
    request_queue_size = 128


class Handler(WSGIRequestHandler):
    def log_request(self, *_: object) -> None:
        pass


def make(home: Path, url: str, users: dict[str, tuple[str, str]]) -> None:
    """`users`: their passwords and roles by name."""
    settings = {
        "TRACKER_WEB": url,
        "MAIL_DOMAIN": "tracker.example",
        "MAIL_HOST": "127.0.0.1",
        "MAIL_PORT": 9,
        "RDBMS_BACKEND": "sqlite",
        "WEB_ENABLE_REST": True,
        # A password is checked with each request, and 250,000 rounds take a tenth of a second.
        "PASSWORD_PBKDF2_DEFAULT_ROUNDS": 1000,
    }
    init.install(str(home), str(TEMPLATE), settings=settings)
    # It mails everybody concerned, and fails without a mail server.
    (home / "detectors" / "nosyreaction.py").unlink()
    with (home / "schema.py").open("a") as schema:
        schema.write(READER)
    tracker = instance.open(str(home))
    tracker.init(password.Password("admin-of-the-tests", config=tracker.config))
    database = tracker.open("admin")
    for name, (secret, roles) in users.items():
        database.user.create(
            username=name,
            password=password.Password(secret, config=database.config),
            address=f"{name}@tracker.example",
            roles=roles,
        )
    database.commit()
    database.close()


def serve(home: Path, port: int) -> None:
    tracker = RequestDispatcher(str(home))

    def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if not path.startswith("/demo/"):
            start_response("404 Not Found", [("Content-Type", "text/plain")])
            return [b"the tracker is at /demo/"]
        environ["SCRIPT_NAME"], environ["PATH_INFO"] = "/demo", path.removeprefix("/demo")
        result: Iterable[bytes] = tracker(environ, start_response)
        return result

    with make_server("127.0.0.1", port, application, Server, Handler) as server:
        server.serve_forever()


if __name__ == "__main__":
    options = json.loads(sys.argv[1])
    folder = Path(options["home"])
    if not folder.exists():
        make(folder, options["url"], options["users"])
    serve(folder, options["port"])
