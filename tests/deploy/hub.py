"""A hub on loopback that answers what `huggingface_hub` asks of it, over real HTTP, and keeps what it was sent."""

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from huggingface_hub import HfApi

TOKEN = "hf_planted_token_that_nobody_may_print"


@dataclass
class Hub:
    """What the hub knows. `refuses`: the status with which it answers requests whose path contains a text."""

    spaces: dict[str, dict[str, bytes]] = field(default_factory=dict)
    buckets: dict[str, bool] = field(default_factory=dict)
    refuses: dict[str, int] = field(default_factory=dict)
    asked: list[tuple[str, str, Any]] = field(default_factory=list)
    commits: int = 0
    address: str = ""

    def api(self, token: str | None = TOKEN) -> HfApi:
        """A client of this hub."""
        return HfApi(endpoint=self.address, token=token)

    def sent_to(self, end: str) -> list[Any]:
        """What was sent to the addresses that end so."""
        return [body for _, path, body in self.asked if path.endswith(end)]


@contextmanager
def local_hub() -> Iterator[Hub]:
    """A hub that is there until the block ends."""
    hub = Hub()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.answer("GET", None)

        def do_POST(self) -> None:
            self.answer("POST", self.body())

        def do_PUT(self) -> None:
            self.answer("PUT", self.body())

        def body(self) -> Any:
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            lines = [json.loads(line) for line in raw.splitlines() if line]
            return lines if "ndjson" in self.headers.get("Content-Type", "") else (lines or [None])[0]

        def answer(self, method: str, body: Any) -> None:
            path = self.path.split("?")[0]
            hub.asked.append((method, path, body))
            for part, status in hub.refuses.items():
                if part in path:
                    return self.reply(status, {"error": "refused"})
            if self.headers.get("Authorization") != f"Bearer {TOKEN}":
                return self.reply(401, {"error": "Invalid token"})
            return self.reply(*self.found(method, path, body))

        def found(self, method: str, path: str, body: Any) -> tuple[int, Any]:
            if path == "/api/repos/create":
                name = f"{body['organization']}/{body['name']}"
                hub.spaces[name] = {}
                return 200, {"url": f"{hub.address}/spaces/{name}"}
            if path == "/api/validate-yaml":
                return 200, {"errors": [], "warnings": []}
            if path.startswith("/api/buckets/"):
                name = path.removeprefix("/api/buckets/")
                if name not in hub.buckets:
                    return 404, {"error": "Bucket not found"}
                known = {"id": name, "private": hub.buckets[name], "size": 0, "totalFiles": 0}
                return 200, known | {"createdAt": "2026-01-01T00:00:00.000Z"}
            owner, space, *rest = path.removeprefix("/api/spaces/").split("/")
            files = hub.spaces.get(f"{owner}/{space}")
            if files is None:
                return 404, {"error": "Repository not found"}
            return self.about_space(f"{owner}/{space}", files, method, rest, body)

        def about_space(
            self, name: str, files: dict[str, bytes], method: str, rest: list[str], body: Any
        ) -> tuple[int, Any]:
            match method, rest:
                case "GET", [] | ["revision", *_]:
                    siblings = [{"rfilename": path} for path in files]
                    return 200, {"id": name, "sha": "0" * 40, "siblings": siblings, "private": False, "tags": []}
                case "POST", ["preupload", _]:
                    each = [
                        {"path": file["path"], "uploadMode": "regular", "shouldIgnore": False} for file in body["files"]
                    ]
                    return 200, {"files": each}
                case "POST", ["commit", _]:
                    hub.commits += 1
                    for line in body:
                        if line["key"] == "file":
                            files[line["value"]["path"]] = base64.b64decode(line["value"]["content"])
                        elif line["key"] == "deletedFile":
                            del files[line["value"]["path"]]
                    return 200, {
                        "success": True,
                        "commitOid": "1" * 40,
                        "commitUrl": f"{hub.address}/spaces/{name}/commit/1",
                    }
                case "POST", ["variables"]:
                    return 200, {}
                case "POST", ["hardware"]:
                    return 200, {"stage": "BUILDING", "hardware": {"current": None, "requested": body["flavor"]}}
                case _:
                    return 200, {}

        def reply(self, status: int, value: Any) -> None:
            content = json.dumps(value).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            if status == 404:
                self.send_header("X-Error-Code", "RepoNotFound")
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    hub.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
