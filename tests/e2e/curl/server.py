"""A server that plays a script, a connection a line, and keeps what it was asked: over HTTP, over TLS, and as a proxy."""

import pathlib
import socket
import ssl
import struct
import threading
import time

TLS = pathlib.Path(__file__).resolve().parents[2] / "tls"


class Request:
    """What came over the wire."""

    def __init__(self, line, headers, body, raw):
        self.method, self.target, _ = line.split(" ", 2)
        self.headers, self.body, self.raw = headers, body, raw


def read(stream):
    """One request; nothing when the connection ends before it."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        byte = stream.recv(1)
        if not byte:
            return None
        head += byte
    lines = head.decode("latin-1").split("\r\n")[:-2]
    headers = [tuple(line.split(":", 1)) for line in lines[1:]]
    headers = [(name.lower(), value.strip()) for name, value in headers]
    named = dict(headers)
    if "expect" in named:
        stream.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")

    def exactly(count):
        data = b""
        while len(data) < count:
            more = stream.recv(count - len(data))
            if not more:
                raise ConnectionError("the request ends in its body")
            data += more
        return data

    def line():
        data = b""
        while not data.endswith(b"\r\n"):
            data += exactly(1)
        return data

    body = b""
    if "chunked" in named.get("transfer-encoding", ""):
        while True:
            size = int(line().split(b";")[0], 16)
            body += exactly(size)
            line()
            if not size:
                break
    elif "content-length" in named:
        body = exactly(int(named["content-length"]))
    return Request(lines[0], headers, body, head + body)


class Server:
    """`script` is a list of answers; what comes after its end is answered with 599, which no script has."""

    def __init__(self):
        self.lock = threading.Lock()
        self.script, self.seen = [], []
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(TLS / "anywhere.pem", TLS / "anywhere-key.pem")
        self.context = context
        self.ports = {}
        for name, serve in [("http", self.plain), ("https", self.secure)]:
            listener = socket.create_server(("127.0.0.1", 0), backlog=64)
            self.ports[name] = listener.getsockname()[1]
            threading.Thread(target=self.accept, args=(listener, serve), daemon=True).start()

    def play(self, script):
        with self.lock:
            self.script, self.seen = list(script), []

    def take(self):
        with self.lock:
            return self.seen, len(self.script)

    def accept(self, listener, serve):
        while True:
            connection, _ = listener.accept()
            connection.settimeout(10)
            threading.Thread(target=self.guarded, args=(serve, connection), daemon=True).start()

    def guarded(self, serve, connection):
        with connection:
            try:
                serve(connection)
            except (OSError, ValueError):
                pass

    def secure(self, connection):
        with self.context.wrap_socket(connection, server_side=True) as stream:
            self.answer(stream, connection)

    def plain(self, connection):
        start = connection.recv(8, socket.MSG_PEEK)
        if start[:1] == b"\x16":
            # TLS where there is none.
            return connection.sendall(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n")
        if start != b"CONNECT ":
            return self.answer(connection, connection)
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            byte = connection.recv(1)
            if not byte:
                return
            head += byte
        connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        self.secure(connection)

    def answer(self, stream, connection):
        request = read(stream)
        if request is None:
            return
        with self.lock:
            self.seen.append(request)
            answer = self.script.pop(0) if self.script else ("send", "HTTP/1.1 599 Unexpected\r\ncontent-length: 0\r\n\r\n")
        how, text = answer
        head = request.method == "HEAD" and how == "send" and "\r\n\r\n" in text
        data = (text.partition("\r\n\r\n")[0] + "\r\n\r\n" if head else text).encode("latin-1")
        stream.sendall(data)
        if how == "stall":
            # Until the client gives up.
            connection.settimeout(5)
            stream.recv(1)
        elif how == "reset":
            # What was sent must have been read before the reset overtakes it.
            time.sleep(0.1)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        elif stream is not connection:
            stream.unwrap()
