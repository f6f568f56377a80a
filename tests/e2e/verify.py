"""A verifier of its own: from the bytes on the wire to AWS's verdict, by the documented rules and nothing else.

Other services: the path is normalised and encoded once more. S3: it is decoded and encoded, never normalised. The query
is decoded, strictly encoded and sorted. It shares no code and no author's shortcut with awsig, and is not AWS either.
"""

import datetime
import hashlib
import hmac
import re
from urllib.parse import quote, unquote_to_bytes

S3 = ("s3", "s3express", "s3-outposts", "s3-object-lambda")
ALGORITHM = "AWS4-HMAC-SHA256"
UNSIGNED = "UNSIGNED-PAYLOAD"


class Refused(Exception):
    pass


class Message:
    """One HTTP/1.1 request, taken apart."""

    def __init__(self, raw):
        head, _, self.body = raw.partition(b"\r\n\r\n")
        lines = head.decode("utf-8").split("\r\n")
        match = re.fullmatch(r"([^ ]+) ([^ ]+) HTTP/1\.1", lines[0])
        if not match:
            raise Refused(f"not a request line: {lines[0]!r}")
        self.method, self.target = match.groups()
        if not self.target.isascii():
            raise Refused("the target is not ASCII")
        self.path, mark, query = self.target.partition("?")
        self.query = [piece for piece in query.split("&") if piece] if mark else []
        self.headers = []
        for line in lines[1:]:
            name, colon, value = line.partition(":")
            if not colon or not name or name != name.strip():
                raise Refused(f"not a header: {line!r}")
            self.headers.append((name.lower(), value.strip(" \t")))

    def values(self, name):
        return [value for given, value in self.headers if given == name]

    def value(self, name):
        values = self.values(name)
        if len(values) > 1:
            raise Refused(f"header {name} is repeated")
        return values[0] if values else None


def encode(data):
    return quote(data, safe="-._~")


def canonical_path(path, service):
    if not path.startswith("/"):
        raise Refused("the target does not start with /")
    if service in S3:
        return quote(unquote_to_bytes(path), safe="/-._~")
    kept = []
    for segment in path.split("/"):
        if segment in ("", "."):
            continue
        if segment == "..":
            kept = kept[:-1]
        else:
            kept.append(segment)
    normal = "/" + "/".join(kept)
    if kept and path.endswith("/"):
        normal += "/"
    return quote(normal, safe="/-._~")


def canonical_query(pieces):
    pairs = []
    for piece in pieces:
        if "+" in piece:
            raise Refused("a raw + in the query is a blank to some and a plus to others")
        name, _, value = piece.partition("=")
        pairs.append((encode(unquote_to_bytes(name)), encode(unquote_to_bytes(value))))
    return "&".join(f"{name}={value}" for name, value in sorted(pairs))


def mac(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def verify(raw, secret, access_key, token=None, now=None):
    """Returns the canonical request of an accepted request; raises Refused with the reason otherwise."""
    message = Message(raw)
    parameters = {}
    for piece in message.query:
        name, _, value = piece.partition("=")
        parameters[unquote_to_bytes(name).decode("latin-1")] = unquote_to_bytes(value).decode("latin-1")
    authorization = message.value("authorization")
    if authorization is not None:
        match = re.fullmatch(r"AWS4-HMAC-SHA256 Credential=([^,]+), SignedHeaders=([^,]+), Signature=([0-9a-f]{64})", authorization)
        if not match:
            raise Refused("malformed Authorization header")
        credential, signed, signature = match.groups()
        date, in_query = message.value("x-amz-date"), False
        pieces = message.query
    elif "X-Amz-Signature" in parameters:
        credential, signed = parameters["X-Amz-Credential"], parameters["X-Amz-SignedHeaders"]
        signature, date, in_query = parameters["X-Amz-Signature"], parameters["X-Amz-Date"], True
        if parameters["X-Amz-Algorithm"] != ALGORITHM:
            raise Refused("another algorithm")
        pieces = [piece for piece in message.query if not piece.startswith("X-Amz-Signature=")]
    else:
        raise Refused("not signed")
    key_id, day, region, service, end = credential.rsplit("/", 4)
    if key_id != access_key or end != "aws4_request" or not date or not date.startswith(day):
        raise Refused(f"bad credential scope {credential!r} or date {date!r}")
    when = datetime.datetime.strptime(date, "%Y%m%dT%H%M%SZ").replace(tzinfo=datetime.timezone.utc)
    age = ((now or datetime.datetime.now(datetime.timezone.utc)) - when).total_seconds()
    if age < -900 or age > (int(parameters["X-Amz-Expires"]) if in_query else 900):
        raise Refused(f"signed {age} s ago")

    names = signed.split(";")
    if names != sorted(set(names)) or "host" not in names:
        raise Refused(f"bad list of signed headers: {signed!r}")
    for name, _ in message.headers:
        if (name.startswith("x-amz-") or name == "content-type") and name not in names:
            raise Refused(f"header {name} is sent and not signed")
    for name in names:
        if not message.values(name):
            raise Refused(f"header {name} is signed and not sent")
    given = parameters.get("X-Amz-Security-Token") if in_query else message.value("x-amz-security-token")
    if given != token:
        raise Refused("the session token is not the one given out")

    hashed = hashlib.sha256(message.body).hexdigest()
    said = message.value("x-amz-content-sha256")
    if said is not None and said not in (UNSIGNED, hashed):
        raise Refused("x-amz-content-sha256 is not the hash of the body")
    if service == "vpc-lattice-svcs":
        if said != UNSIGNED:
            raise Refused("VPC Lattice wants x-amz-content-sha256: UNSIGNED-PAYLOAD")
        payload = UNSIGNED
    elif in_query and service in S3:
        payload = UNSIGNED
    elif service in S3 + ("aoss",) and not in_query:
        if said is None:
            raise Refused("x-amz-content-sha256 is missing")
        payload = said
    else:
        payload = said or hashed

    lines = []
    for name in names:
        value = ",".join(re.sub(r"[ \t]+", " ", value) for value in message.values(name))
        lines.append(f"{name}:{value}")
    canonical = "\n".join(
        [message.method, canonical_path(message.path, service), canonical_query(pieces)] + lines + ["", signed, payload]
    )
    scope = f"{day}/{region}/{service}/aws4_request"
    to_sign = "\n".join([ALGORITHM, date, scope, hashlib.sha256(canonical.encode()).hexdigest()])
    key = ("AWS4" + secret).encode()
    for part in (day, region, service, "aws4_request"):
        key = mac(key, part)
    if not hmac.compare_digest(mac(key, to_sign).hex(), signature):
        raise Refused(f"the signature does not match; the canonical request is\n{canonical}")
    return canonical
