"""What the load of benchmarks and fault tests sends is what the page sends."""

import io
import socket
import threading
import uuid

from django.core.files.uploadhandler import MemoryFileUploadHandler
from django.http.multipartparser import MultiPartParser

from research.load.load import Answer, Connection

COOKIES, CAPTURE = "sessionid=secret", uuid.UUID("5f8d2a40-5c55-4f8e-9d0e-0c1f7a3c9b11")


def exchange(frames: list[bytes]) -> tuple[Answer, bytes, dict[str, str], bytes]:
    """The answer, and the request line, headers and body that a server got."""
    received: list[bytes] = []

    def serve(server: socket.socket) -> None:
        connection, _ = server.accept()
        with connection, connection.makefile("rb") as file:
            received.append(file.readline().strip())
            lines = list(iter(lambda: file.readline().strip(), b""))
            length = next(int(line.split()[1]) for line in lines if line.lower().startswith(b"content-length"))
            received.extend([b"\n".join(lines), file.read(length)])
            connection.sendall(b"HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\n\r\n{}")

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=serve, args=(server,))
        thread.start()
        connection = Connection(f"http://127.0.0.1:{server.getsockname()[1]}")
        answer = connection.post(COOKIES, CAPTURE, frames)
        connection.close()
        thread.join()
    line, head, body = received
    return answer, line, dict(one.split(": ", 1) for one in head.decode().splitlines()), body


def test_one_picture_is_the_body_itself() -> None:
    answer, line, headers, body = exchange([b"\xff\xd8 one"])
    assert answer.status == 202
    assert line == f"POST /api/v1/captures/?id={CAPTURE}&trigger=manual HTTP/1.1".encode()
    names = dict(cookie.split("=") for cookie in headers["Cookie"].split("; "))
    assert (names["sessionid"], names["csrf"]) == ("secret", headers["X-CSRFToken"])
    assert (headers["Content-Type"], body) == ("application/octet-stream", b"\xff\xd8 one")


def test_a_burst_is_the_form_that_the_page_fills_in() -> None:
    frames = [b"\xff\xd8 one", b"\xff\xd8\r\n two", b"\xff\xd8--three"]
    answer, line, headers, body = exchange(frames)
    assert answer.status == 202
    assert line == b"POST /api/v1/captures/ HTTP/1.1"
    meta = {"CONTENT_TYPE": headers["Content-Type"], "CONTENT_LENGTH": headers["Content-Length"]}
    fields, files = MultiPartParser(meta, io.BytesIO(body), [MemoryFileUploadHandler()]).parse()
    assert fields.dict() == {"id": str(CAPTURE), "trigger": "manual"}
    sent = files.getlist("frames")
    assert [file.read() for file in sent] == frames
    assert {(file.name, file.content_type) for file in sent} == {("frame.jpg", "image/jpeg")}
