"""awsig against OpenStack Swift's s3api, the strictest of the S3 servers to be had: argv is the python of Swift's venv."""

import hashlib
import re
import socket
import sys
from urllib.parse import quote, unquote
from xml.etree import ElementTree

import harness
import servers.object_store as swift

KEYS = (
    ["plain", "a/b/c", "a b", " a", "a ", "a  b", "a=b", "a@b", "a+b", "a,b", "a;b", "a:b", "a&b", "a$b", "a!b", "a*b", "a'b"]
    + ["a(b)", "a#b", "a%b", "a%20b", "a%2Fb", "a~b", "a//b", "a///b/", "//a", "a?b", "a\"b", "a<b>", "a[b]", "a{b}", "a|b", "a^b", "a`b"]
    + ["a\\b", "\u00fc", "e\u0301", "\u6587\u5b57/\u65e5\u672c", "\U0001f600", "a/../b", "../a", "a/..", "a/./b", "./a", "...", ".hidden", "a/."]
    + ["= @+,;:&$!*'()#%~//\u00fc/..", "dt=2024-01-01/hour=00/part-0001.parquet", "-_.~", "x" * 900, "trailing/"]
)
BINARY = bytes(range(256)) * 300


def exchange(port, raw):
    """Sends bytes, and gives back status and body."""
    with socket.create_connection(("127.0.0.1", port), 10) as connection:
        connection.settimeout(20)
        connection.sendall(raw)
        answer = b""
        while b"\r\n\r\n" not in answer:
            more = connection.recv(65536)
            if not more:
                break
            answer += more
        head, _, body = answer.partition(b"\r\n\r\n")
        length = re.search(rb"(?im)^content-length: *(\d+)", head)
        while length and not raw.startswith(b"HEAD") and len(body) < int(length[1]):
            more = connection.recv(65536)
            if not more:
                break
            body += more
    return int(head.split(b" ")[1]) if head else 0, body


def typed(key):
    """A key as people put it into a URL: only what would change the URL's meaning is escaped."""
    return key.replace("%", "%25").replace("#", "%23").replace("?", "%3F")


def code(body):
    found = re.search(rb"<Code>([^<]*)</Code>", body)
    return found[1].decode() if found else body[:200]


def main():
    suite = harness.Suite("swift")
    with swift.running(sys.argv[1]) as port, harness.Scratch() as scratch:
        env = harness.environment(AWS_ACCESS_KEY_ID=swift.USER, AWS_SECRET_ACCESS_KEY=swift.SECRET)
        root = f"http://127.0.0.1:{port}"

        def call(*arguments, env=env):
            return harness.awsig(["--service", "s3", "--region", swift.REGION, *arguments], env)

        def sign(*arguments, verb="sign"):
            return harness.awsig([verb, "--service", "s3", "--region", swift.REGION, *arguments], env)

        def good(what, *arguments, body=None):
            done = call(*arguments)
            fine = done.returncode == 0 and (body is None or done.stdout == body)
            return suite.check(what, fine, (done.returncode, done.stdout[:600], done.stderr))

        file = scratch / "body"
        good("make a bucket", f"{root}/bucket", "PUT")
        keys(suite, good, call, sign, root, port, file)
        presigned(suite, sign, root, port, file)
        refused(suite, call, sign, env, root, port, file)
        canonical(suite, call, sign, env, root)
        multipart(suite, good, call, root, file)
        chunked(suite, good, env, root, port)
    suite.end()


def keys(suite, good, call, sign, root, port, file):
    for index, key in enumerate(KEYS):
        body = f"body of {index}\n".encode() + (BINARY if index % 10 == 0 else b"")
        file.write_bytes(body)
        for form, url in [("encoded", quote(key, safe="/")), ("typed", typed(key))]:
            url = f"{root}/bucket/{url}"
            good(f"put {key!r}, {form}", "-d", f"@{file}", url, "PUT")
            good(f"get {key!r}, {form}", url, body=body)
            good(f"head {key!r}, {form}", "-X", "HEAD", url)
            listed = call(f"{root}/bucket?list-type=2&encoding-type=url&prefix={quote(key, safe='')}")
            names = [unquote(name.text.replace("+", " ")) for name in ElementTree.fromstring(listed.stdout).iter() if name.tag.endswith("}Key")] if listed.returncode == 0 else listed.stderr
            suite.check(f"list {key!r}", key in names, names)
            good(f"delete {key!r}, {form}", url, "DELETE")
            gone = call(url)
            suite.check(f"{key!r} is gone, {form}", gone.returncode == 22 and code(gone.stdout) == "NoSuchKey", gone)


def presigned(suite, sign, root, port, file):
    for key in KEYS:
        url = f"{root}/bucket/{typed(key)}"
        body = b"presigned " + key.encode()
        for method in ("PUT", "GET", "DELETE"):
            made = sign("-X", method, url, verb="presign").stdout.decode().strip()
            target = "/" + made.partition("://")[2].partition("/")[2]
            sent = body if method == "PUT" else b""
            raw = f"{method} {target} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Length: {len(sent)}\r\n\r\n".encode() + sent
            status, answer = exchange(port, raw)
            fine = status in (200, 204) and (method != "GET" or answer == body)
            suite.check(f"presigned {method} {key!r}", fine, (status, answer[:600], target))
    made = sign(f"{root}/bucket/a?response-content-type=text/plain", verb="presign").stdout.decode().strip()
    target = made.partition(str(port))[2]
    for what, changed in [
        ("path", target.replace("/bucket/a", "/bucket/b")),
        ("parameter", target.replace("text%2Fplain", "text%2Fhtml")),
        ("lifetime", target.replace("X-Amz-Expires=900", "X-Amz-Expires=901")),
        ("signature", target[:-1] + ("0" if target[-1] != "0" else "1")),
        ("added parameter", target + "&acl"),
    ]:
        status, answer = exchange(port, f"GET {changed} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
        suite.check(f"presigned, {what} tampered with", changed != target and status == 403, (status, answer[:300]))
    old = sign("--time", "20200101T000000Z", f"{root}/bucket/a", verb="presign").stdout.decode().strip().partition(str(port))[2]
    status, answer = exchange(port, f"GET {old} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
    suite.check("presigned, expired", status == 403, (status, answer[:300]))


def refused(suite, call, sign, env, root, port, file):
    url = f"{root}/bucket/refused"
    file.write_bytes(b"the body that is signed")
    wrong = call("-d", f"@{file}", url, "PUT", env=dict(env, AWS_SECRET_ACCESS_KEY="wrong"))
    suite.check("wrong secret", wrong.returncode == 22 and code(wrong.stdout) == "SignatureDoesNotMatch", wrong)
    wrong = call(url, env=dict(env, AWS_ACCESS_KEY_ID="test:nobody"))
    suite.check("unknown key", wrong.returncode == 22 and code(wrong.stdout) in ("InvalidAccessKeyId", "SignatureDoesNotMatch"), wrong)
    for what, more in [("wrong service", ["--service", "sqs"]), ("old", ["--time", "20200101T000000Z"])]:
        names = {"--service": "s3", "--region": swift.REGION}
        names.update({more[0]: more[1]})
        done = harness.awsig([part for pair in names.items() for part in pair] + [url], env)
        suite.check(what, done.returncode == 22 and code(done.stdout) in ("AuthorizationHeaderMalformed", "RequestTimeTooSkewed", "AccessDenied", "SignatureDoesNotMatch"), done)
    done = harness.awsig(["--service", "s3", "--region", "eu-central-1", url], env)
    told = done.returncode == 22 and code(done.stdout) == "NoSuchKey" and b"us-east-1" in done.stderr
    suite.check("wrong region: the server names its own, and is asked again with that", told, done)
    made = harness.awsig(["sign", "--service", "s3", "--region", "eu-central-1", "--format", "http", url], env).stdout
    status, answer = exchange(port, made)
    suite.check("wrong region, asked once", status == 400 and code(answer) == "AuthorizationHeaderMalformed", (status, answer))
    made = sign("--format", "http", "-H", "x-amz-meta-a: one", "-H", "content-type: text/plain", "-d", f"@{file}", url + "?a=1", "PUT").stdout
    status, answer = exchange(port, made)
    suite.check("what is tampered with below is accepted as it is", status == 200, (status, answer[:600]))
    for what, old, new in [
        ("method", b"PUT ", b"GET "),
        ("path", b"/bucket/refused", b"/bucket/refuseD"),
        ("query", b"?a=1", b"?a=2"),
        ("header", b"x-amz-meta-a: one", b"x-amz-meta-a: two"),
        ("content type", b"text/plain", b"text/html"),
        ("body", b"that is signed", b"that is SIGNED"),
        ("hash of the body", hashlib.sha256(file.read_bytes()).hexdigest().encode(), b"0" * 64),
        ("hash of another body", hashlib.sha256(file.read_bytes()).hexdigest().encode(), b"UNSIGNED-PAYLOAD"),
        ("day", b"x-amz-date: 20", b"x-amz-date: 19"),
        ("signature", b"Signature=", b"Signature=0"),
        ("host", b"host: 127.0.0.1", b"host: 127.0.0.2"),
    ]:
        changed = made.replace(old, new, 1)
        status, answer = exchange(port, changed)
        suite.check(f"tampered: {what}", changed != made and 400 <= status < 500, (status, answer[:600]))


def canonical(suite, call, sign, env, root):
    """What the server computes, word for word: it tells when the secret is wrong."""
    wrong = dict(env, AWS_SECRET_ACCESS_KEY="wrong")
    for key in KEYS:
        url = f"{root}/bucket/{typed(key)}?b=2&a=1&c&d=x y+z"
        arguments = ["--time", "@%d" % __import__("time").time(), "-H", "X-Amz-Meta-A: a   b", url]
        told = call(*arguments, env=wrong).stdout
        texts = [re.search(rb"<%s>(.*?)</%s>" % (name, name), told, re.S) for name in (b"CanonicalRequest", b"StringToSign")]
        made = __import__("json").loads(sign("--format", "json", *arguments).stdout)
        for text, ours in zip(texts, (made["canonical_request"], made["string_to_sign"])):
            unescaped = ElementTree.fromstring(text[0]).text if text else told
            suite.check(f"the server's own texts for {key!r}", unescaped == ours, (unescaped, ours))


def multipart(suite, good, call, root, file):
    url = f"{root}/bucket/many parts+=@"
    begun = call(f"{url}?uploads", "POST")
    upload = re.search(rb"<UploadId>([^<]+)", begun.stdout)
    if not suite.check("begin an upload in parts", begun.returncode == 0 and upload, begun):
        return
    tags, parts = [], [b"0123456789abcdef" * 327680, b"the end"]
    for number, part in enumerate(parts, 1):
        file.write_bytes(part)
        done = call("-i", "-d", f"@{file}", f"{url}?partNumber={number}&uploadId={upload[1].decode()}", "PUT")
        tag = re.search(rb"(?i)etag: *(\S+)", done.stdout)
        suite.check(f"part {number}", done.returncode == 0 and tag, done)
        tags.append(tag[1].decode() if tag else "")
    listed = "".join(f"<Part><PartNumber>{number}</PartNumber><ETag>{tag}</ETag></Part>" for number, tag in enumerate(tags, 1))
    good("complete the upload", "-H", "content-type: application/xml", "-d", f"<CompleteMultipartUpload>{listed}</CompleteMultipartUpload>", f"{url}?uploadId={upload[1].decode()}", "POST")
    good("get what came in parts", url, body=b"".join(parts))


SHAPES = {
    "signed chunks": [],
    "signed chunks, signed crc32 trailer": ["--checksum", "crc32"],
    "signed chunks, signed crc32c trailer": ["--checksum", "crc32c"],
    "signed chunks, signed sha256 trailer": ["--checksum", "sha256"],
    "unsigned chunks, crc32 trailer": ["--checksum", "crc32", "--payload", "unsigned"],
    "unsigned chunks, crc32c trailer": ["--checksum", "crc32c", "--payload", "unsigned"],
    "unsigned chunks, sha256 trailer": ["--checksum", "sha256", "--payload", "unsigned"],
}


def chunked(suite, good, env, root, port):
    """Bodies from a pipe: whole, and with one byte changed on the way."""
    recorder = harness.Recorder()
    for shape, options in SHAPES.items():
        for size in (0, 1, 65535, 65536, 65537, 1000000):
            body = (b"0123456789abcdef" * (size // 16 + 1))[:size]
            url = f"{root}/bucket/chunked {len(options)} {size}"
            what = ["--service", "s3", "--region", swift.REGION, *options, "-H", f"content-length: {size}", "-T", "-"]
            done = harness.awsig(what + [url], env, body)
            suite.check(f"{shape}, {size} bytes", done.returncode == 0, done)
            good(f"{shape}, {size} bytes, read again", url, body=body)
        body = b"0123456789abcdef" * 10000
        path = "/bucket/chunked-tampered"
        host = ["-H", f"Host: 127.0.0.1:{port}"]
        size = ["-H", f"content-length: {len(body)}"]
        done = harness.awsig(
            ["--service", "s3", "--region", swift.REGION, *options, *host, *size, "-T", "-", f"http://127.0.0.1:{recorder.port}{path}"], env, body
        )
        seen = recorder.take()
        if not suite.check(f"{shape}, recorded", done.returncode == 0 and len(seen) == 1 and b"aws-chunked" in seen[0], done):
            continue
        status, answer = exchange(port, seen[0])
        suite.check(f"{shape}, replayed as it is", status == 200, (status, answer[:500]))
        start = seen[0].index(b"\r\n\r\n") + 4
        changes = [("first chunk", b"0123456789abcdef", b"0123456789abcdeF", start)]
        if "signed chunks," in shape + "," and not shape.startswith("unsigned"):
            at = seen[0].index(b"chunk-signature=", start) + 16
            flipped = b"0" if seen[0][at : at + 1] != b"0" else b"1"
            changes.append(("first signature", seen[0][at : at + 64], flipped + seen[0][at + 1 : at + 64], start))
            changes.append(("last chunk", b"0123456789abcdef\r\n", b"0123456789abcdeF\r\n", start))
        if "trailer" in shape:
            at = seen[0].rindex(b"x-amz-checksum-")
            line = seen[0][at : seen[0].index(b"\n", at)]
            value = line.partition(b":")[2]
            other = b"A" if value[:1] != b"A" else b"B"
            changes.append(("trailer", line, line.replace(b":" + value, b":" + other + value[1:]), at))
        if "signed" in shape and "x-amz-trailer-signature" in seen[0].decode("latin-1"):
            at = seen[0].index(b"x-amz-trailer-signature:") + 24
            flipped = b"0" if seen[0][at : at + 1] != b"0" else b"1"
            changes.append(("trailer signature", seen[0][at : at + 64], flipped + seen[0][at + 1 : at + 64], at))
        for name, old, new, after in changes:
            changed = seen[0][:after] + seen[0][after:].replace(old, new, 1)
            status, answer = exchange(port, changed)
            suite.check(f"{shape}, {name} tampered with", changed != seen[0] and 400 <= status < 500, (status, answer[:500]))
    done = harness.awsig(["--service", "s3", "--region", swift.REGION, "-T", "-", f"{root}/bucket/piped"], env, BINARY)
    suite.check("a pipe of unknown length", done.returncode == 0, done)
    good("a pipe of unknown length, read again", f"{root}/bucket/piped", body=BINARY)


if __name__ == "__main__":
    main()
