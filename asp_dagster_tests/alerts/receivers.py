"""What takes alerts in the tests: a webhook and a mail server, on loopback."""

import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_string
from email.message import Message
from http.server import BaseHTTPRequestHandler


@dataclass
class Inbox:
    """What has arrived.

    Attributes:
        address: Host and port.
        texts: The texts that the webhook took.
        mails: The mails that the server took.
        status: What the webhook answers.
        refuses: Whether the mail server refuses whoever writes.
    """

    address: str = ""
    texts: list[str] = field(default_factory=list)
    mails: list[Message] = field(default_factory=list)
    status: int = 200
    refuses: bool = False
    asked: int = 0


def _webhook(inbox: Inbox) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            inbox.asked += 1
            if inbox.status == 200:
                inbox.texts.append(body["text"])
            self.send_response(inbox.status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Write nothing."""

    return Handler


def _mail_server(inbox: Inbox) -> type[socketserver.StreamRequestHandler]:
    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self._say("220 ready")
            while line := self.rfile.readline().decode().strip():
                command = line.split(":")[0].upper()
                if command == "DATA":
                    self._take()
                elif command == "MAIL FROM" and inbox.refuses:
                    self._say("450 come back later, secret@example.com")
                else:
                    self._say("221 bye" if command == "QUIT" else "250 ok")

        def _take(self) -> None:
            self._say("354 go on")
            lines = iter(lambda: self.rfile.readline().decode().rstrip("\r\n"), ".")
            inbox.mails.append(message_from_string("\n".join(lines)))
            self._say("250 taken")

        def _say(self, line: str) -> None:
            self.wfile.write(f"{line}\r\n".encode())

    return Handler


@contextmanager
def webhook() -> Iterator[Inbox]:
    """Run a webhook."""
    inbox = Inbox()
    with _running(inbox, _webhook(inbox)):
        yield inbox


@contextmanager
def mail_server() -> Iterator[Inbox]:
    """Run a mail server."""
    inbox = Inbox()
    with _running(inbox, _mail_server(inbox)):
        yield inbox


@contextmanager
def _running(inbox: Inbox, handler: type[socketserver.BaseRequestHandler]) -> Iterator[None]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        inbox.address = f"127.0.0.1:{server.server_address[1]}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield
        server.shutdown()
