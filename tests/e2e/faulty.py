"""A client that signs with the standard library alone, and goes wrong on purpose, one mistake at a time."""

import dataclasses
import hashlib
import hmac
import re
import socket
import time
from urllib.parse import quote

EMPTY = hashlib.sha256(b"").hexdigest()


def digest(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def strict(text):
    return quote(text, safe="-_.~")


@dataclasses.dataclass
class Key:
    id: str
    secret: str
    token: str = ""

    def environment(self):
        pairs = {"AWS_ACCESS_KEY_ID": self.id, "AWS_SECRET_ACCESS_KEY": self.secret}
        return {**pairs, "AWS_SESSION_TOKEN": self.token} if self.token else pairs


@dataclasses.dataclass
class Wish:
    """What is asked for: the path and the query are as typed, not encoded."""

    host: str
    service: str
    method: str = "GET"
    path: str = "/"
    query: list = dataclasses.field(default_factory=list)
    headers: dict = dataclasses.field(default_factory=dict)
    body: bytes = b""
    region: str = "us-east-1"


@dataclasses.dataclass
class Message:
    """A request, ready to be written."""

    method: str
    target: str
    headers: dict
    body: bytes

    def raw(self):
        lines = [f"{self.method} {self.target} HTTP/1.1"] + [f"{name}: {value}" for name, value in self.headers.items()]
        return "\r\n".join(lines + ["", ""]).encode() + self.body


def path_of(wish, times):
    """The path as the service's rules have it signed: S3 encodes it once, all others twice."""
    path = wish.path
    for _ in range(times):
        path = quote(path, safe="/-_.~")
    return path


def signed(wish, key, *, secret=None, region=None, service=None, late=0, encodings=None, sort=True, encode=True, token=None, expires=None):
    """The request that a client sends. Every named argument is a mistake: what it signs with instead of the right thing."""
    now = time.gmtime(time.time() - late)
    date, token = time.strftime("%Y%m%dT%H%M%SZ", now), key.token if token is None else token
    scope = f"{date[:8]}/{region or wish.region}/{service or wish.service}/aws4_request"
    if encodings is None:
        encodings = 1 if wish.service == "s3" else 2
    headers, query = {"host": wish.host}, list(wish.query)
    payload = hashlib.sha256(wish.body).hexdigest()
    if expires is None:
        headers.update({"x-amz-date": date, **wish.headers})
        if wish.service == "s3":
            headers["x-amz-content-sha256"] = payload
        if token:
            headers["x-amz-security-token"] = token
    else:
        payload = "UNSIGNED-PAYLOAD" if wish.service == "s3" else payload
        query += [("X-Amz-Algorithm", "AWS4-HMAC-SHA256"), ("X-Amz-Credential", f"{key.id}/{scope}"), ("X-Amz-Date", date)]
        query += [("X-Amz-Expires", str(expires)), ("X-Amz-SignedHeaders", "host")]
        if token:
            query.append(("X-Amz-Security-Token", token))
    names = ";".join(sorted(headers))
    sent = "&".join(f"{strict(name)}={strict(value)}" for name, value in query)
    pairs = [(strict(name), strict(value)) if encode else (name, value) for name, value in query]
    canonical_query = "&".join(f"{name}={value}" for name, value in (sorted(pairs) if sort else pairs))
    lines = [wish.method, path_of(wish, encodings), canonical_query]
    lines += [f"{name}:{headers[name].strip()}" for name in sorted(headers)] + ["", names, payload]
    hashed = hashlib.sha256("\n".join(lines).encode()).hexdigest()
    derived = ("AWS4" + (secret or key.secret)).encode()
    for part in scope.split("/"):
        derived = digest(derived, part)
    signature = digest(derived, f"AWS4-HMAC-SHA256\n{date}\n{scope}\n{hashed}").hex()
    target = path_of(wish, 1) + (f"?{sent}" if sent else "")
    if expires is None:
        headers["authorization"] = f"AWS4-HMAC-SHA256 Credential={key.id}/{scope}, SignedHeaders={names}, Signature={signature}"
    else:
        target += f"&X-Amz-Signature={signature}"
    if wish.body or wish.method in ("PUT", "POST"):
        headers["content-length"] = str(len(wish.body))
    return Message(wish.method, target, {**headers, "connection": "close"}, wish.body)


def exchange(port, raw):
    """Sends bytes; gives back the bytes of the answer, head and body, and its status."""
    answer = b""
    with socket.create_connection(("127.0.0.1", port), 10) as connection:
        connection.settimeout(20)
        connection.sendall(raw)
        while True:
            more = connection.recv(65536)
            answer += more
            head, end, body = answer.partition(b"\r\n\r\n")
            length = re.search(rb"(?im)^content-length: *(\d+)", head)
            if not more or (end and length and len(body) >= int(length[1])):
                return int(answer.split(b" ")[1]) if answer else 0, answer
