"""Command lines that curl and awsig both take, each with the answers that are waiting for it.

A command line is made of independent choices, one of each kind, so flags meet that nobody thought of together.
"""

import http
import random

OK = "HTTP/1.1 200 OK\r\nx-a: b\r\ncontent-type: text/plain\r\ncontent-length: 5\r\nconnection: close\r\n\r\nhello"
GZIP = "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff\xcb\x48\xcd\xc9\xc9\x07\x00\x86\xa6\x10\x36\x05\x00\x00\x00"

# What lies in the folder where each command runs.
FILES = {
    "text": b"a b&c=d",
    "json": b'{"a": 1}',
    "lines": b"one\r\ntwo\nthree\n",
    "binary": bytes(range(256)),
    "empty": b"",
    "headers": b"X-One: 1\nX-Two:two\n",
    "name with blanks.txt": b"named",
    "part": b"12345",
    "config": b'# options\nheader = "X-Config: yes"\nuser-agent = "from a file"\n',
    "format": b"%{http_code}-%{size_download}",
}


def status(code, body="answered", more=""):
    return f"HTTP/1.1 {code} {http.HTTPStatus(code).phrase}\r\ncontent-length: {len(body)}\r\n{more}connection: close\r\n\r\n{body}"


def sent(*answers):
    return [("send", answer) for answer in answers]


BODIES = [
    [],
    [],
    [],
    ["-d", "name=curl"],
    ["-d", "name=curl", "-d", "tool=cmdline"],
    ["-d", ""],
    ["-d", "@text"],
    ["-d", "@lines"],
    ["--data", "@text", "-d", "x=1"],
    ["--data-ascii", "@text"],
    ["--data-raw", "@at@at@"],
    ["--data-raw", "-dash"],
    ["--data-binary", "@lines"],
    ["--data-binary", "@binary"],
    ["--data-binary", "text"],
    ["--data-binary", "@empty"],
    ["--data-urlencode", "name=a b&c/d~e"],
    ["--data-urlencode", "=encode this"],
    ["--data-urlencode", "just this!"],
    ["--data-urlencode", "name@text"],
    ["--data-urlencode", "@text"],
    ["--data-urlencode", "a=1", "--data-urlencode", "b=ü", "-d", "c=3"],
    ["--json", '{ "drink":', "--json", ' "coffee" }'],
    ["--json", "@json"],
    ["--json", "@json", "-H", "Content-Type: application/x-amz-json-1.1"],
    ["--json", "{}", "-H", "Accept:"],
    ["-G", "-d", "tool=curl", "-d", "age=old"],
    ["-G", "--data-urlencode", "name=a b"],
    ["-G", "-I", "-d", "tool=curl"],
    ["--url-query", "name=val"],
    ["--url-query", "name=a b", "-d", "body"],
    ["--url-query", "=encodethis&"],
    ["--url-query", "name@text"],
    ["--url-query", "+name=%20foo"],
    ["-F", "name=curl", "-F", "file=@text"],
    ["-F", "file=@name with blanks.txt"],
    ["-F", "web=@json;type=text/html"],
    ["-F", "name=daniel;type=text/foo"],
    ["-F", "file=@text;filename=nameinpost"],
    ["-F", 'file=@"name with blanks.txt";filename="name;in;post"'],
    ["-F", "story=<text"],
    ["-F", 'colors="red; green; blue";type=text/x-myapp'],
    ["-F", "a=1", "--form-string", "b=@not;a=file"],
    ["-F", "file=@binary", "-F", "file=@empty"],
    ["-T", "text"],
    ["-T", "binary"],
    ["-T", "empty"],
    ["-T", "name with blanks.txt"],
    ["-I"],
    ["-I", "-X", "GET"],
    ["-d", "@missing"],
    ["-T", "missing"],
    ["-F", "f=@missing"],
]
METHODS = [[], [], [], [], ["-X", "PUT"], ["-X", "DELETE"], ["--request", "PATCH"], ["-X", "POST"], ["-X", "OPTIONS"], ["-X", "GET"]]
HEADERS = [
    [],
    [],
    ["-H", "X-First-Name: Joe"],
    ["-H", "x-a:1", "-H", "x-a: 2"],
    ["-H", "X-Empty;"],
    ["-H", "X-Blank:   some   blanks  "],
    ["-H", "@headers"],
    ["-H", "User-Agent: yes-please/2000"],
    ["-A", "Agent 007"],
    ["-A", "agent", "-H", "User-Agent: header"],
    ["-H", "Accept: application/json"],
    ["-H", "Content-Type: text/xml"],
    ["-H", "Content-Type:"],
    ["-H", "X-Amz-Target: Service_20200101.Op"],
    ["-H", "x-colon: http://h/?a: b"],
    ["-H", "Range: bytes=0-1"],
    ["-r", "22-44"],
    ["--range", "-5"],
    ["-r", "5-"],
    ["--config", "config"],
    ["-H", "Host: other.example"],
]
TARGETS = [
    "",
    "/",
    "/a",
    "/a/b.txt",
    "/a/b.txt?x=1",
    "/a?x=1&y=2",
    "/a?y=2&x=1#fragment",
    "/a?flag",
    "/a?flag=",
    "/dir/",
    "/a%20b/c",
    "/a/./b/../c.txt",
    "/tilde~/x-y_z.1",
    "/a?q=a%20b%2Fc",
    "/key=value@host",
    "/a?colon=a:b",
    "/a?",
    "/a//b",
]
OUTPUTS = [
    [],
    [],
    [],
    ["-o", "out"],
    ["-o", "text"],
    ["--output", "sub/out", "--create-dirs"],
    ["-o", "out", "--output-dir", "there", "--create-dirs"],
    ["-o", "sub/out"],
    ["-o", "/dev/null"],
    ["-o", "-"],
    ["-O"],
    ["-i"],
    ["--include", "-o", "out"],
    ["-D", "head"],
    ["-D", "-"],
    ["--dump-header", "head", "-o", "out"],
    ["-s"],
    ["--no-progress-meter"],
    ["-sS"],
    ["-sSo", "out"],
    ["-si"],
    ["-N"],
]
WRITE_OUTS = [
    [],
    [],
    [],
    ["-w", "%{http_code}\\n"],
    ["-w", "[%{response_code} %{method} %{size_download} %{content_type}]"],
    ["-w", "\\t%{num_redirects}%%%{redirect_url}|"],
    ["-w", "%{url_effective} %{filename_effective} %{exitcode}"],
    ["-w", "%{scheme}"],
    ["-w", "%{num_headers} %{http_version} %{urlnum} %{ssl_verify_result}"],
    ["-w", "%{size_upload}"],
    ["-w", "%{url}"],
    ["-w", "@format"],
    ["--write-out", "a%{onerror}b%{exitcode}"],
    ["-w", "%header{x-a}"],
    ["-w", "%{num_connects} %{time_namelookup} %{time_connect} %{time_pretransfer} %{time_starttransfer} %{time_total}"],
]
FAILS = [[], [], ["-f"], ["--fail"], ["--fail-with-body"]]
PLAIN = [
    sent(OK),
    sent(OK),
    sent(status(201)),
    sent(status(204, "")),
    sent(status(302, "moved", "location: /elsewhere\r\n")),
    sent(status(400)),
    sent(status(403, "<Error><Code>AccessDenied</Code></Error>")),
    sent(status(404)),
    sent(status(500, "")),
    sent("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n4;x=y\r\ndefg\r\n0\r\n\r\n"),
    sent("HTTP/1.1 200 OK\r\n\r\nuntil the end"),
    sent("HTTP/1.0 200 OK\r\n\r\nold"),
]

# Kinds of their own: flags and answers that belong together.
SPECIAL = [
    # Redirects.
    *(
        (["-L"] + body, sent(status(code, "moved", f"location: {place}\r\n"), status(200, "there")))
        for code in (301, 302, 303, 307, 308)
        for body in ([], ["-d", "body"], ["-X", "PUT", "-d", "body"], ["-I"], ["-T", "text"])
        for place in ("/elsewhere?x=1", "else")
    ),
    (["-L", "--max-redirs", "1"], sent(*[status(302, "x", f"location: /{n}\r\n") for n in range(2)])),
    (["-L", "--max-redirs", "2"], sent(*[status(302, "x", f"location: /{n}\r\n") for n in range(2)], OK)),
    (["-L", "--max-redirs", "0"], sent(status(302, "x", "location: /1\r\n"))),
    (["-L", "-i"], sent(status(302, "x", "location: /1\r\n"), OK)),
    (["-L", "-w", "%{num_redirects} %{url_effective} %{http_code}"], sent(status(302, "x", "location: /1\r\n"), OK)),
    (["-L", "-w", "%{num_connects} %{time_redirect}"], sent(status(302, "x", "location: /1\r\n"), OK)),
    (["-L", "-f"], sent(status(302, "x", "location: /1\r\n"), status(404))),
    # Answers that break.
    ([], [("send", "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nshort")]),
    (["-o", "out"], [("send", "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nshort")]),
    ([], [("send", "")]),
    ([], [("reset", "")]),
    ([], [("reset", "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nshort")]),
    ([], [("send", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\nnonsense\r\n")]),
    ([], [("send", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nabc")]),
    ([], [("send", "HTTP/1.1 200 OK\r\ncontent-length: 99999999999999999999999\r\n\r\nabc")]),
    ([], [("send", "HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\nabc")]),
    ([], [("send", "SSH-2.0-OpenSSH_9.2p1\r\n")]),
    ([], [("send", "HTTP/1.1 200 OK\r\nno colon here\r\ncontent-length: 2\r\n\r\nok")]),
    (["-m", "0.5"], [("stall", "")]),
    (["--max-time", "0.5"], [("stall", "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc")]),
    (["--speed-time", "1", "--speed-limit", "100"], [("stall", "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc")]),
    (["--max-filesize", "3"], sent(OK)),
    (["--max-filesize", "5"], sent(OK)),
    (["--max-filesize", "1K"], sent(OK)),
    (["-o", "/dev/full"], sent(OK)),
    (["-o", "missing/out"], sent(OK)),
    (["-D", "missing/head"], sent(OK)),
    (["-O", "-r", "0-4"], sent(status(206, "hello", "content-range: bytes 0-4/9\r\n"))),
    (["-i"], sent("HTTP/1.1 103 Early Hints\r\nx-hint: 1\r\n\r\n" + OK)),
    (["-i"], sent("HTTP/1.1 200 Fine\r\ncontent-length: 2\r\n\r\nok")),
    (["-i"], sent("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nx-trailer: t\r\n\r\n")),
    (["-I", "-D", "-"], sent(OK)),
    (["-f", "-i", "-o", "out"], sent(status(404))),
    # Going on.
    (["-C", "5", "-o", "part"], sent(status(206, "67890", "content-range: bytes 5-9/10\r\n"))),
    (["-C", "-", "-o", "part"], sent(status(206, "67890", "content-range: bytes 5-9/10\r\n"))),
    (["-C", "-", "-o", "fresh"], sent(OK)),
    (["-C", "-", "-o", "part"], sent(status(416, "no", "content-range: bytes */5\r\n"))),
    (["-C", "-", "-o", "part"], sent(OK)),
    (["-C", "400"], sent(status(206, "ok", "content-range: bytes 400-401/402\r\n"))),
    # Compression.
    (["--compressed"], sent(f"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: {len(GZIP)}\r\n\r\n{GZIP}")),
    ([], sent(f"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: {len(GZIP)}\r\n\r\n{GZIP}")),
    (["--compressed", "-o", "out"], sent(OK)),
    (["--compressed"], sent("HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 7\r\n\r\nno gzip")),
    (["--compressed"], sent("HTTP/1.1 200 OK\r\ncontent-encoding: nonsense\r\ncontent-length: 1\r\n\r\nx")),
    # Again.
    (["--retry", "1", "--retry-delay", "1"], sent(status(503), OK)),
    (["--retry", "1", "--retry-delay", "1", "-d", "body"], sent(status(500), status(200, "again"))),
    (["--retry", "1", "--retry-delay", "1"], sent(status(429), status(429))),
    (["--retry", "2", "--retry-delay", "1"], sent(status(404))),
    (["--retry", "1", "--retry-delay", "1", "--retry-all-errors", "-f"], sent(status(404), OK)),
    (["--retry", "1", "--retry-delay", "1", "-o", "out"], sent(status(504), OK)),
    (["--retry", "1", "--retry-delay", "1", "-w", "%{http_code} %{num_requests}"], sent(status(408), OK)),
    (["--retry", "1", "--retry-delay", "1"], [("send", ""), ("send", OK)]),
    (["--retry", "1", "--retry-delay", "1", "--retry-all-errors"], [("send", ""), ("send", OK)]),
    (["--retry", "1", "--retry-connrefused", "--retry-delay", "1", "{refused}"], []),
    # Who cannot be reached.
    (["{refused}"], []),
    (["{refused}", "-sS", "-w", "%{http_code} %{exitcode}"], []),
    (["http://host.invalid/"], []),
    (["https://host.invalid/", "-o", "out"], []),
    (["--connect-timeout", "2", "{refused}"], []),
    (["--unix-socket", "missing.sock", "http://example.com/"], []),
    # How it is reached.
    (["--resolve", "example.com:{http}:127.0.0.1", "http://example.com:{http}/a"], sent(OK)),
    (["--connect-to", "example.com:80:127.0.0.1:{http}", "http://example.com/a"], sent(OK)),
    (["--connect-to", "::127.0.0.1:{http}", "http://example.com/a?b=c"], sent(OK)),
    (["-4", "{server}"], sent(OK)),
    (["-6", "--resolve", "example.com:80:127.0.0.1", "http://example.com/"], []),
    (["-x", "127.0.0.1:{http}", "http://example.com/a"], sent(OK)),
    (["-x", "http://127.0.0.1:{http}", "--proxy-user", "name:pwd", "http://example.com/a"], sent(OK)),
    (["-x", "http://127.0.0.1:1", "--noproxy", "127.0.0.1", "{server}"], sent(OK)),
    (["-x", "http://127.0.0.1:1", "--noproxy", "*", "{server}"], sent(OK)),
    (["-x", "http://127.0.0.1:1", "{server}"], []),
    (["-x", "http://proxy.invalid:1", "{server}"], []),
    (["-x", "127.0.0.1:{http}", "--cacert", "{root}", "https://localhost/a"], sent(OK)),
    (["-p", "-x", "127.0.0.1:{http}", "--cacert", "{root}", "https://localhost/a"], sent(OK)),
    # TLS.
    (["--cacert", "{root}", "{secure}"], sent(OK)),
    (["-w", "%{num_connects} %{time_appconnect} %{time_pretransfer}", "-k", "{secure}"], sent(OK)),
    (["-k", "{secure}"], sent(OK)),
    (["--insecure", "-d", "body", "{secure}"], sent(OK)),
    (["--tlsv1.2", "-k", "{secure}"], sent(OK)),
    (["--tlsv1.2", "--tls-max", "1.2", "-k", "{secure}"], sent(OK)),
    (["--tlsv1.3", "--cacert", "{root}", "{secure}"], sent(OK)),
    (["--cert", "{client}", "--key", "{clientkey}", "-k", "{secure}"], sent(OK)),
    (["-E", "missing.pem", "-k", "{secure}"], []),
    (["--cert", "text", "-k", "{secure}"], []),
    (["{secure}"], []),
    (["--cacert", "{strangers}", "{secure}"], []),
    (["--cacert", "missing.pem", "{secure}"], []),
    (["--cacert", "text", "{secure}"], []),
    (["--cacert", "{root}", "--connect-to", "::127.0.0.1:{https}", "https://host.other.example/"], []),
    (["https://127.0.0.1:{http}/"], []),
    (["http://127.0.0.1:{https}/"], []),
    # What is wrong already when it is typed.
    (["--nonsense", "{server}"], []),
    ([], []),
    (["-d", "a", "-F", "b=c", "{server}"], []),
    (["-F", "nothing", "{server}"], []),
    (["-K", "missing", "{server}"], []),
    (["-m", "nothing", "{server}"], []),
    (["http://"], []),
    (["http://127.0.0.1:99999/"], []),
    (["ftp://127.0.0.1:1/"], []),
    (["--proto", "=https", "{server}"], []),
    (["--proto", "-all,http", "{server}"], sent(OK)),
    (["-L", "--proto-redir", "=https", "{server}/a"], sent(status(302, "x", "location: /1\r\n"))),
    (["-F", "a=1", "-H", "Content-Type: multipart/form-data"], sent(OK)),
    (["-F", "a=1", "-H", "Content-Type:"], sent(OK)),
    (["-d", "@lines", "-w", "%{size_upload}"], sent(OK)),
    (["-F", "a=1", "-w", "%{size_upload}"], sent(OK)),
    (["-w", "%{url_effective}", "{server}"], sent(OK)),
    (["-w", "%{url_effective}", "{server}/a/./b/../c"], sent(OK)),
    (["-w", "%{url}", "-G", "-d", "a=b", "{server}/a/./b/../c"], sent(OK)),
    (["-w", "%{url}", "-G", "-d", "a=b", "{server}"], sent(OK)),
    (["-w", "%{url_effective}", "-O", "{server}"], []),
    (["-F", "f=@missing", "-O", "{server}"], []),
    (["-T", "missing", "-o", "out", "-w", "%{filename_effective}"], []),
    (["-I", "-f", "-o", "sub/out"], sent(status(404))),
    (["--fail-with-body", "-o", "sub/out"], sent(status(500, ""))),
    (["--fail-with-body", "-o", "out"], sent(status(500, ""))),
    (["-o", "sub/out", "-w", "%{size_download}"], sent(OK)),
    (["-w", "%{scheme}"], sent(OK)),
    (["-w", "%{exitcode}"], sent(status(404))),
    (["--aws-sigv4", "aws:amz:us-east-1:es", "-u", "AKIDEXAMPLE:wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "-w", "%{redirect_url}"], sent(status(302, "", "location: /elsewhere\r\n"))),
    (["--url-query", "a=b c", "-w", "%{url}"], sent(OK)),
    (["{server}/a?"], sent(OK)),
    (["-d", "body", "-r", "1-2"], sent(OK)),
    (["-X", "PUT"], sent(OK)),
    (["{server}/key=value@host?colon=a:b"], sent(OK)),
    (["-F", "a=1", "-H", "Content-Type: multipart/mixed"], sent(OK)),
    (["-T", "text", "-O", "{server}"], sent(OK)),
    (["-O", "{server}/text"], sent(OK)),
    (["-q", "{server}"], sent(OK)),
    (["-g", "{server}/a[1]{b}"], sent(OK)),
    (["--http1.1", "{server}"], sent(OK)),
    (["--url", "{server}"], sent(OK)),
    (["-#", "-o", "out", "{server}"], sent(OK)),
    (["--raw", "{server}"], sent(OK)),
    (["--tcp-nodelay", "{server}"], sent(OK)),
    (["--remove-on-error", "-o", "out"], [("send", "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nshort")]),
]
# With something on standard input.
PIPED = [
    (["-d", "@-"], sent(OK)),
    (["--data-binary", "@-"], sent(OK)),
    (["--json", "@-"], sent(OK)),
    (["-T", "-"], sent(OK)),
    (["-T", "."], sent(OK)),
    (["--data-urlencode", "name@-"], sent(OK)),
    (["-F", "file=@-;filename=x"], sent(OK)),
    (["-K", "-"], sent(OK)),
]


class Generator:
    def __init__(self, seed):
        self.random = random.Random(seed)

    def case(self):
        """Arguments, answers, standard input, and whether curl is to sign too."""
        pick = self.random.choice
        target = pick(TARGETS)
        arguments = pick(BODIES) + pick(METHODS) + pick(HEADERS) + pick(OUTPUTS) + pick(WRITE_OUTS) + pick(FAILS)
        return {"arguments": arguments + ["{server}" + target], "answers": pick(PLAIN), "input": None, "signs": pick([True, False])}

    def special(self):
        for arguments, answers in SPECIAL:
            # A command line that names no place gets one, but for the one that is about just that.
            placed = any(mark in argument for argument in arguments for mark in ("{server}", "{secure}", "{refused}", "://"))
            place = [] if placed or not (arguments or answers) else ["{server}/a/x"]
            yield {"arguments": arguments + place, "answers": answers, "input": None, "signs": False}
        for arguments, answers in PIPED:
            piped = b'header = "X-Piped: yes"\n' if arguments[0] == "-K" else b"piped in\n"
            yield {"arguments": list(arguments) + ["{server}/a"], "answers": answers, "input": piped, "signs": False}
