"""Two selling partners behind one Login with Amazon, and what a declaration of both becomes.

Here belongs what all tests of several partners need.
"""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import dagster as dg
import requests
import yaml
from dagster.components.testing import create_defs_folder_sandbox

from asp_dagster.components import SellingPartners
from asp_dagster.simulator import Simulator
from asp_dagster_tests.declaring import code_location

UNTIL = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
DAY = (UNTIL - timedelta(days=1)).date().isoformat()


Amazons = Mapping[str, Simulator]
Run = Callable[..., dg.ExecuteInProcessResult]


@contextmanager
def login_of(amazons: Sequence[Simulator]) -> Iterator[str]:
    """One Login with Amazon for all simulators, as there is one for all of Amazon."""
    urls = {each.client_id: each.lwa_url for each in amazons}

    class Login(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            url = urls[parse_qs(body.decode())["client_id"][0]]
            headers = {"Content-Type": self.headers["Content-Type"]}
            answer = requests.post(url, data=body, headers=headers, timeout=10)
            self.send_response(answer.status_code)
            self.send_header("Content-Type", answer.headers["Content-Type"])
            self.end_headers()
            self.wfile.write(answer.content)

        def log_message(self, *_: object) -> None:
            """Log nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Login) as server:
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        yield f"http://127.0.0.1:{server.server_port}/auth/o2/token"
        server.shutdown()
        serving.join()


@contextmanager
def declared(attributes: Mapping[str, Any]) -> Iterator[tuple[dg.Definitions, Path]]:
    """Load a declaration as a code location would; hand out its folder too."""
    with create_defs_folder_sandbox() as sandbox:
        path = sandbox.scaffold_component(component_cls=SellingPartners)
        content = {"type": "asp_dagster.SellingPartners", "attributes": dict(attributes)}
        (path / "defs.yaml").write_text(yaml.safe_dump(content))
        with sandbox.load_component_and_build_defs(defs_path=path) as (_component, defs):
            yield code_location(defs), path.parent


def orders_of(amazon: Simulator) -> list[str]:
    """The orders that changed on the day."""
    start = datetime.fromisoformat(DAY).replace(tzinfo=UTC)
    books = amazon.partner.books.by_last_update
    return sorted(each.order_id for each in books.between(start, start + timedelta(days=1)))


def credentials_of(account: str, amazon: Simulator) -> Mapping[str, str]:
    """The variables of an account's credentials."""
    return {
        f"ASP_CREDENTIALS_{account}_{name}".upper(): getattr(amazon, name)
        for name in ("client_id", "client_secret", "refresh_token")
    }
