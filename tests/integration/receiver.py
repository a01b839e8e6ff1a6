"""A system outside, as a process of its own: it keeps what it gets in a file and behaves as another file tells.

    python receiver.py PORT DIRECTORY

`mode` in the directory: ok, or a status to answer, `slow` (never answers), `cut` (closes without an answer),
`lie` (takes the message and answers 500), `away` (redirects).
"""

import json
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


def handler(directory: Path) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            mode = (directory / "mode").read_text().strip()
            told = {
                "path": self.path,
                "headers": {name.lower(): value for name, value in self.headers.items()},
                "body": body,
            }
            log = "taken" if mode in ("ok", "lie") else "turned_away"
            with (directory / log).open("a") as file:
                file.write(json.dumps(told) + "\n")
            if mode == "slow":
                time.sleep(20)
            if mode in ("slow", "cut"):
                self.connection.close()
                return
            status = {"ok": 200, "lie": 500, "away": 302}.get(mode) or int(mode)
            self.send_response(status)
            if mode == "away":
                self.send_header("location", "http://127.0.0.1:9/")
            answer = (directory / "answer").read_bytes() if (directory / "answer").exists() else b""
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def do_GET(self) -> None:
            """What became of a message: the file `outcome`, or nothing known."""
            told = directory / "outcome"
            answer = told.read_bytes() if told.exists() else b""
            self.send_response(200 if answer else 404)
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            return

    return Handler


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), handler(Path(sys.argv[2]))).serve_forever()
