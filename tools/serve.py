"""Serve the built book on this machine: `python tools/serve.py 8000`. Port 0 takes any free one.

With --check it only says whether the port can be had, so that this is known before minutes of building.
"""

import argparse
import sys
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

PAGES = Path(__file__).resolve().parent.parent / "_build/html"


class Pages(SimpleHTTPRequestHandler):
    def end_headers(self) -> None:
        self.send_header("Cache-Control", "no-cache")  # a page that was built again shows at once
        super().end_headers()

    def log_message(self, *_: object) -> None:
        """Keep the terminal for the address."""


def server(port: int) -> ThreadingHTTPServer:
    try:
        return ThreadingHTTPServer(("127.0.0.1", port), partial(Pages, directory=PAGES))
    except (OSError, OverflowError) as error:
        reason = "is not from 0 to 65535" if isinstance(error, OverflowError) else f"cannot be had ({error.strerror})"
        sys.exit(f"Port {port} {reason}. Choose another one: make serve PORT={8001 if port == 8000 else 8000}")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("port", type=int)
    arguments.add_argument("--check", action="store_true")
    asked = arguments.parse_args()
    with server(asked.port) as here:
        if asked.check:
            return
        print(f"The book: http://localhost:{here.server_port}/  (Ctrl+C stops)", flush=True)
        try:
            here.serve_forever()
        except KeyboardInterrupt:
            print()


if __name__ == "__main__":
    main()
