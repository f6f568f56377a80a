"""A faulty client makes each mistake on purpose; from what was answered, and from the request, awsig has to name it.

argv: the python of Swift's environment, that of MiniStack's. What cannot be named, and why, stands in CELLS.
"""

import dataclasses
import hashlib
import json
import re
import subprocess
import sys
import time

import harness
import ministack_services
import servers.object_store as swift
from faulty import Key, Wish, exchange, signed
from servers import ministack

REGION, WRONG = "us-east-1", "SENTINELwrongSecret"
ROOT = harness.HERE.parent.parent

# The ways to a cause. The first three start from what the server answered, the last two are offline.
WAYS = {
    "A": "explain, the answer alone",
    "R": "explain, the request as it was sent beside it",
    "S": "explain, the request as it was signed beside it",
    "V": "verify, with the credentials",
    "D": "verify of what was signed and of what was sent: only the changed line differs",
}


@dataclasses.dataclass
class Mistake:
    """What `explain` and `verify` say when they name it; and how it is made, from what is asked for and with which key."""

    cause: str
    means: str
    verify: str
    make: object
    # Which of the canonical request's lines differs, if it was changed after signing.
    line: str = ""
    temporary: bool = False

    def is_of(self, line):
        if self.line == "payload":
            return line.startswith("x-amz-content-sha256:") or re.fullmatch(r"[0-9a-f]{64}", line)
        return line.startswith(self.line)


def changed(wish, key, rehash=False, **headers):
    """What was signed, and what is sent instead."""
    before = signed(wish, key)
    body = before.body
    if not headers:
        body = body.replace(b"e", b"E", 1)
    if rehash:
        headers = {"x-amz-content-sha256": hashlib.sha256(body).hexdigest()}
    return dataclasses.replace(before, body=body, headers={**before.headers, **headers}), before


def wrong_encodings(wish):
    return 2 if wish.service == "s3" else 1


UNEXPLAINED = r"the secret key is another, or the request was changed after signing"
MISTAKES = {
    "secret": Mistake("secret", "", UNEXPLAINED, lambda put, get, key: signed(put, key, secret=WRONG)),
    "secret, a line break behind": Mistake("secret", "", "a blank or a line break behind", lambda put, get, key: signed(put, key, secret=key.secret + "\n")),
    "region": Mistake("region", "eu-west-1.*us-east-1|--region us-east-1", "FAIL  region: .*eu-west-1.*us-east-1", lambda put, get, key: signed(put, key, region="eu-west-1")),
    "service": Mistake("service", "sqs", "FAIL  service: .*sqs", lambda put, get, key: signed(put, key, service="sqs")),
    "time, 20 minutes slow": Mistake("clock", "clock .*20 min( [0-9]+ s)? slow", "FAIL  time: .*expired", lambda put, get, key: signed(put, key, late=1200)),
    "time, 20 minutes fast": Mistake("clock", "clock .*(20 min|19 min [0-9]+ s) fast", "FAIL  time: .*not yet", lambda put, get, key: signed(put, key, late=-1200)),
    "path, encoded wrongly": Mistake("differs", "path", "signer encoded the path (once|twice)", lambda put, get, key: signed(put, key, encodings=wrong_encodings(put))),
    "path, not encoded": Mistake("differs", "path", "signed the path as it was typed", lambda put, get, key: signed(put, key, encodings=0)),
    "query, not sorted": Mistake("differs", "query", "did not sort the query", lambda put, get, key: signed(put, key, sort=False)),
    "query, not encoded": Mistake("differs", "query", "query.* did not encode", lambda put, get, key: signed(put, key, encode=False)),
    "header": Mistake("differs", "the header x-amz-meta-a was changed on the way", UNEXPLAINED, lambda put, get, key: changed(put, key, **{"x-amz-meta-a": "two"}), line="x-amz-meta-a:"),
    "body": Mistake("payload-changed", "the body that arrived is not the one that was hashed", "body does not match its signed hash", lambda put, get, key: changed(put, key), line="payload"),
    "body and its hash": Mistake("differs", "the body was changed after it was hashed", UNEXPLAINED, lambda put, get, key: changed(put, key, rehash=True), line="payload"),
    "token missing": Mistake("token-missing", "session token was not sent", "FAIL  token: .*missing", lambda put, get, key: signed(put, key, token=""), temporary=True),
    "token of another key": Mistake("token-invalid", "session token is not that of the access key", "FAIL  token: .*not that", lambda put, get, key: signed(put, key, token="SENTINEL" + key.token), temporary=True),
    "unsigned header": Mistake("header-not-signed", "x-amz-acl", "x-amz-acl is sent, but not signed", lambda put, get, key: (changed(put, key, **{"x-amz-acl": "private"})[0])),
    "expired presign": Mistake("url-expired", "lifetime of the presigned URL is over", "FAIL  time: .*good for 60 s", lambda put, get, key: signed(get, key, late=120, expires=60)),
}

# Why a way does not lead to the cause.
ALIKE = "the server's texts are those of the request as sent: a signer's mistake looks like another secret, which the server cannot tell"
SILENT = "MiniStack does not tell what it computed"
LENIENT = "the server does not check it"
NO_HASH = "without x-amz-content-sha256 there is no hash that the body could be compared with"
ROUTES = "MiniStack takes the service from the scope, so that another service answers"
NO_TOKENS = "Swift's tempauth has no temporary keys, and does not look at the token"
ONE_PATH = "the service has one path, /"
SAME = {"region": ("V", LENIENT), "unsigned header": ("V", LENIENT), "expired presign": ("V", LENIENT)}
QUIET = {
    **{name: ("V", SILENT) for name in MISTAKES if name.startswith(("secret", "path", "query"))},
    **{name: ("ARV", "") for name in MISTAKES if name.startswith("time")},
    "header": ("VD", SILENT),
    "token missing": ("RV", "whether the key is a temporary one stands in the request"),
    "token of another key": ("RV", "whether a token was sent stands in the request"),
    "service": ("V", ROUTES),
    **SAME,
}
# For each server and mistake: the ways that have to name it, and why the others cannot. "-": the mistake cannot be made.
CELLS = {
    "swift, s3": {
        **{name: ("V", ALIKE) for name in MISTAKES if name.startswith(("secret", "path", "query"))},
        **{name: ("ARV", "") for name in ("region", "service", "time, 20 minutes slow", "time, 20 minutes fast", "unsigned header", "expired presign")},
        "header": ("SVD", ALIKE),
        "body": ("ARSV", "verify shows the hash that was sent, which is the signed one, so no line differs"),
        "body and its hash": ("SVD", ALIKE),
        "token missing": ("V", NO_TOKENS),
        "token of another key": ("V", NO_TOKENS),
    },
    "ministack, s3": {
        **QUIET,
        **{name: ("V", ALIKE) for name in MISTAKES if name.startswith(("secret", "path"))},
        "region": ("ARV", "as a redirect, with the region to sign for"),
        "header": ("SVD", ALIKE),
        "body": ("V", LENIENT),
        "body and its hash": ("SVD", ALIKE),
        "token of another key": ("ARV", ""),
        "expired presign": ("ARV", ""),
    },
    "ministack, sts": {
        **QUIET,
        "path, encoded wrongly": ("-", ONE_PATH),
        "path, not encoded": ("-", ONE_PATH),
        "body": ("D", NO_HASH),
        "body and its hash": ("-", NO_HASH),
    },
    "ministack, lambda": {**QUIET, "body": ("D", NO_HASH), "body and its hash": ("-", NO_HASH)},
}
# With these reasons, the server does what is asked.
ACCEPTED = (LENIENT, NO_TOKENS)
# What `explain` may say where it cannot know the cause. "request" only of an answer that is not about signatures.
HONEST = {"signature", "signer", "request"}


class Server:
    def __init__(self, suite, scratch, name, port, put, get, key, temporary):
        self.suite, self.scratch, self.name, self.port = suite, scratch, name, port
        self.put, self.get, self.key, self.temporary = put, get, key, temporary
        self.env, self.leaks = harness.environment(), []

    def explain(self, answer, request=None, *more):
        """What it says, as JSON."""
        (self.scratch / "answer").write_bytes(answer)
        beside = []
        if request:
            (self.scratch / "request").write_bytes(request.raw())
            beside = ["--request", str(self.scratch / "request")]
        done = harness.awsig(["explain", "--format", "json", *more, *beside, str(self.scratch / "answer")], self.env)
        told = json.loads(done.stdout) if done.returncode == 0 and done.stdout else {"cause": None, "means": str(done), "next": []}
        self.no_secret("explain", done)
        return told

    def verify(self, request, key):
        (self.scratch / "request").write_bytes(request.raw())
        arguments = ["verify", "--service", self.put.service, "--region", REGION, str(self.scratch / "request")]
        done = harness.awsig(arguments, harness.environment(**key.environment()))
        self.no_secret("verify", done)
        return done.returncode, (done.stdout + done.stderr).decode()

    def no_secret(self, what, done):
        told = done.stdout + done.stderr
        secrets = [self.key.secret, self.temporary.secret, self.temporary.token, WRONG]
        if any(secret.encode() in told for secret in secrets):
            self.leaks.append((what, done))

    def taken(self, status, answer):
        """Whether the signature was believed, whatever became of the request."""
        return 200 <= status < 300 or b"ResourceNotFoundException" in answer

    def right(self):
        """Without a mistake, everything is accepted; else nothing below would mean anything."""
        for what, made, key in [
            ("header", signed(self.put, self.key), self.key),
            ("query", signed(self.get, self.key, expires=60), self.key),
            ("token", signed(self.put, self.temporary), self.temporary),
        ]:
            status, answer = exchange(self.port, made.raw())
            self.suite.check(f"{self.name}: no mistake, {what}: accepted", self.taken(status, answer), answer[:600])
            code, told = self.verify(made, key)
            self.suite.check(f"{self.name}: no mistake, {what}: verified", code == 0, told[-600:])

    def judge(self, name, mistake, wanted, reason):
        """Makes the mistake, and goes every way; gives back the ways that named it."""
        key = self.temporary if mistake.temporary else self.key
        # MiniStack tells what it computed for S3 only, and of a query only where it is the one that SDKs send.
        put = dataclasses.replace(self.put, query=[("x-id", "PutObject")]) if self.name == "ministack, s3" and "query" not in name else self.put
        made = mistake.make(put, self.get, key)
        made, before = made if isinstance(made, tuple) else (made, None)
        status, answer = exchange(self.port, made.raw())
        what = f"{self.name}: {name}"
        refused = not self.taken(status, answer)
        self.suite.check(f"{what}: refused, unless the reason says otherwise", refused == (reason not in ACCEPTED), answer[:600])
        named, said = "", {}
        tries = {"A": None, "R": made, "S": before} if refused else {}
        for way, request in tries.items():
            if way == "S" and not before:
                continue
            told = said[way] = self.explain(answer, request)
            causes = {mistake.cause, "redirect"} if name == "region" else {mistake.cause}
            if told["cause"] in causes and (way == "A" or re.search(mistake.means, "\n".join([told["means"], *told["next"]]))):
                named += way
            else:
                allowed = HONEST - {"request"} if reason != ROUTES else HONEST
                vague = {"token-invalid", "key-unknown"} if mistake.temporary and way == "A" else set()
                self.suite.check(f"{what}: {WAYS[way]}: names no wrong cause", told["cause"] in allowed | vague, told)
        if mistake.cause == "clock":
            told = self.explain(answer, made, "--time", f"@{int(time.time())}")
            self.suite.check(f"{what}: where the clock is known to be right, the signature is old", told["cause"] == "old", told)
        code, told = self.verify(made, key)
        if code == 1 and re.search(mistake.verify, told):
            named += "V"
        else:
            self.suite.check(f"{what}: verify names no wrong cause", code == 1 and UNEXPLAINED in told, told)
        if before:
            fine, shown = self.verify(before, key)
            changes = lines(told) ^ lines(shown)
            if fine == 0 and changes and all(mistake.is_of(line) for line in changes):
                named += "D"
        if mistake.cause == "secret" and name == "secret":
            own = self.verify(made, dataclasses.replace(key, secret=WRONG))
            self.suite.check(f"{what}: with the client's own secret it verifies, so that it is the secret", own[0] == 0, own)
            self.suite.check(f"{what}: explain says so", any("not the one that the service has" in hint for hint in said["R"]["next"]), said["R"])
        missing = [WAYS[way] for way in wanted if way not in named]
        self.suite.check(f"{what}: named", not missing, (missing, {way: (told["cause"], told["means"]) for way, told in said.items()}, told[-700:]))
        more = [way for way in named if way not in wanted]
        self.suite.check(f"{what}: no other way names it, so that the table is true", not more, more)
        return "".join(way for way in WAYS if way in named)

    def own_call(self):
        """awsig with a wrong secret: where the server tells its texts, they are ours, which proves it."""
        key = dataclasses.replace(self.key, secret=WRONG)
        url = f"http://{self.put.host}{self.get.path}"
        done = harness.awsig(["--service", self.put.service, "--region", REGION, url], harness.environment(**key.environment()))
        wanted = b"the service computed the very texts that were signed here" if self.put.service == "s3" else b"check the secret key first"
        self.suite.check(f"{self.name}: a call of awsig with a wrong secret", done.returncode == 22 and wanted in done.stderr, done)

    def run(self):
        self.right()
        self.own_call()
        row = {}
        for name, mistake in MISTAKES.items():
            wanted, reason = CELLS[self.name][name]
            row[name] = "-" if wanted == "-" else self.judge(name, mistake, wanted, reason)
        self.suite.check(f"{self.name}: no secret and no token was told", not self.leaks, self.leaks)
        return row


def lines(shown):
    """The lines of the canonical request that `verify` prints, without their numbers and where they came from."""
    return {text[1].strip() for text in re.finditer(r"(?m)^ *\d+  ?(.*?)(?: {2,}.*)?$", shown.partition("string to sign")[0])}


def on_swift(suite, scratch, python):
    with swift.running(python) as port:
        host, key = f"127.0.0.1:{port}", Key(swift.USER, swift.SECRET)
        suite.check("swift: make a bucket", exchange(port, signed(Wish(host, "s3", "PUT", "/bucket"), key).raw())[0] == 200)
        temporary = dataclasses.replace(key, token="SENTINELtoken")
        yield "swift, s3", Server(suite, scratch, "swift, s3", port, *objects(host), key, temporary).run()


def objects(host):
    query = [("b", "x/y"), ("a", "1")]
    put = Wish(host, "s3", "PUT", "/bucket/a b", query, {"x-amz-meta-a": "one"}, b"the body")
    return put, Wish(host, "s3", "GET", "/bucket/a b")


def on_ministack(suite, scratch, python):
    with ministack.running(python) as port:
        world = ministack_services.user(suite, port)
        host, key = f"127.0.0.1:{port}", Key(world.identity["AWS_ACCESS_KEY_ID"], world.identity["AWS_SECRET_ACCESS_KEY"])
        given = world.form("sts", "2011-06-15", "GetSessionToken")
        temporary = Key(*(ministack_services.tag(given, name) for name in ("AccessKeyId", "SecretAccessKey", "SessionToken")))
        suite.check("ministack: make a bucket", exchange(port, signed(Wish(host, "s3", "PUT", "/bucket"), key).raw())[0] == 200)
        query, headers = [("b", "x/y"), ("a", "1")], {"x-amz-meta-a": "one"}
        form = {**headers, "content-type": "application/x-www-form-urlencoded"}
        who = [("Version", "2011-06-15"), ("Action", "GetCallerIdentity")]
        function = "/2015-03-31/functions/a b"
        for name, put, get in [
            ("ministack, s3", *objects(host)),
            (
                "ministack, sts",
                Wish(host, "sts", "POST", "/", query, form, b"Action=GetCallerIdentity&Version=2011-06-15"),
                Wish(host, "sts", "GET", "/", who),
            ),
            ("ministack, lambda", Wish(host, "lambda", "POST", function + "/invocations", query, headers, b'{"the": "event"}'), Wish(host, "lambda", "GET", function)),
        ]:
            yield name, Server(suite, scratch, name, port, put, get, key, temporary).run()
        curl(suite, scratch, host, key)


# What curl 7.88 does wrong for a service whose paths are encoded twice. A newer one may do better, and be accepted.
SHAPES = {
    "plain": None,
    "a%20b": "encoded the path once",
    "a=b": "signed the path as it was sent",
    "a:b": "signed the path as it was sent",
    "a@b,c": "signed the path as it was sent",
    "a//b": "did not resolve",
    "a/./b": "did not resolve",
    "a%2Bb": "encoded the path once",
    "plain?b=1&a=2": "did not sort the query",
    "plain?acl": "left the = of a query parameter",
    "plain?a=x/y": "signed the query as it was sent|did not encode it",
    "plain?b=x/y&a=x%20y": "signed the query as it was sent",
}


def curl(suite, scratch, host, key):
    """What curl signs itself: where the server refuses that, or S3 would, curl's own trace has to be enough to tell why."""
    version = subprocess.run(["curl", "--version"], stdout=subprocess.PIPE, timeout=10).stdout.decode().split(" ")[1]
    file = scratch / "trace"
    for service, prefix in [("s3", "/bucket/"), ("lambda", "/2015-03-31/functions/")]:
        for shape, mistake in SHAPES.items():
            what = f"curl {version}, {service}, {shape}"
            command = ["curl", "--silent", "--verbose", "--noproxy", "*", "--max-time", "20", "--path-as-is"]
            command += ["--aws-sigv4", f"aws:amz:{REGION}:{service}", "--user", f"{key.id}:{key.secret}", f"http://{host}{prefix}{shape}"]
            trace = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=30).stdout
            file.write_bytes(trace)
            checked = harness.awsig(["verify", "--service", service, "--region", REGION, str(file)], harness.environment(**key.environment()))
            told = checked.stderr.decode()
            if service == "s3":
                mistake = "x-amz-content-sha256 is missing"
            if version.startswith("7.88."):
                fine = checked.returncode == 1 and re.search(mistake, told) if mistake else checked.returncode == 0
            else:
                fine = checked.returncode == 0 or re.search("means: the signer|x-amz-content-sha256", told)
            suite.check(f"{what}: verify", fine, (checked.returncode, told))
            done = harness.awsig(["explain", "--format", "json", "--request", str(file), str(file)], harness.environment())
            cause = json.loads(done.stdout)["cause"] if done.returncode == 0 else done
            answer = trace.partition(b"< HTTP/")[2]
            wanted = {"signature"} if b"Signature" in answer else {"request", "unknown"}
            if re.match(rb"1\.1 2\d\d", answer):
                # MiniStack does not look at everything that S3 does.
                wanted = {"accepted"}
            suite.check(f"{what}: explain", cause in wanted, cause)


def captured(suite):
    """The requests that curl and awscurl sent, through the program: tests/captured.rs does the same with the library."""
    key = Key("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
    files = sorted((ROOT / "tests" / "scenarios" / "captured").glob("*.http"))
    suite.check("there are captured requests", len(files) > 20, files)
    for file in files:
        date = re.search(r"(?im)^x-amz-date: *(\S+)", file.read_text())[1]
        service = "s3" if "-s3-" in file.name else "es"
        done = harness.awsig(["verify", "--service", service, "--region", REGION, "--time", date, str(file)], harness.environment(**key.environment()))
        fine = done.returncode == 0 or done.returncode == 1 and b"means: the signer" in done.stderr
        suite.check(f"{file.stem}: verified, or its signer's mistake named", fine, done)


def main():
    suite = harness.Suite("mistakes")
    with harness.Scratch() as scratch:
        captured(suite)
        table = {}
        for rows in (on_swift(suite, scratch, sys.argv[1]), on_ministack(suite, scratch, sys.argv[2])):
            table.update(rows)
    print(f"| mistake | {' | '.join(table)} |\n|{'---|' * (len(table) + 1)}")
    for name in MISTAKES:
        print(f"| {name} | {' | '.join(row[name] or 'none' for row in table.values())} |")
    suite.end()


if __name__ == "__main__":
    main()
