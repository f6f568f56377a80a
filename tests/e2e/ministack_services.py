"""awsig against MiniStack: many services, users of its own, session tokens, POST policies and IMDSv2.

argv: the python of MiniStack's environment.
"""

import http.client
import http.server
import json
import re
import sys
import threading
from urllib.parse import quote, unquote
from xml.etree import ElementTree

import harness
from swift_s3 import KEYS, code, exchange, typed
from servers import ministack

REGION = "us-east-1"
POLICY = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'


class World:
    """MiniStack and one identity."""

    def __init__(self, suite, port, **identity):
        self.suite, self.port, self.root = suite, port, f"http://127.0.0.1:{port}"
        self.identity = identity
        self.env = harness.environment(**identity)

    def call(self, service, *arguments, **changed):
        identity = {name: value for name, value in {**self.identity, **changed}.items() if value is not None}
        return harness.awsig(["--service", service, "--region", REGION, *arguments], harness.environment(**identity))

    def form(self, service, version, action, **fields):
        body = f"Action={action}&Version={version}" + "".join(f"&{name}={quote(value)}" for name, value in fields.items())
        return self.call(service, "-d", body, self.root)

    def json(self, service, target, body, version="1.0"):
        return self.call(
            service, "-H", f"X-Amz-Target: {target}", "-H", f"Content-Type: application/x-amz-json-{version}", "-d", json.dumps(body), self.root
        )

    def good(self, what, done, wanted=b""):
        return self.suite.check(what, done.returncode == 0 and wanted in done.stdout, done)

    def refused(self, what, done, *codes):
        return self.suite.check(what, done.returncode == 22 and any(name.encode() in done.stdout for name in codes), done)


def tag(answer, name):
    found = re.search(rb"<%s>([^<]*)</%s>" % (name.encode(), name.encode()), answer.stdout)
    return found[1].decode() if found else ""


def user(suite, port):
    """A user of its own: the root keys test/test are not verified."""
    root = World(suite, port, AWS_ACCESS_KEY_ID="test", AWS_SECRET_ACCESS_KEY="test")
    root.form("iam", "2010-05-08", "CreateUser", UserName="tester")
    key = root.form("iam", "2010-05-08", "CreateAccessKey", UserName="tester")
    root.form("iam", "2010-05-08", "PutUserPolicy", UserName="tester", PolicyName="all", PolicyDocument=POLICY)
    return World(suite, port, AWS_ACCESS_KEY_ID=tag(key, "AccessKeyId"), AWS_SECRET_ACCESS_KEY=tag(key, "SecretAccessKey"))


def services(world):
    sts, iam = "2011-06-15", "2010-05-08"
    world.good("sts, POST", world.form("sts", sts, "GetCallerIdentity"), b":user/tester<")
    world.good("sts, GET", world.call("sts", f"{world.root}/?Version={sts}&Action=GetCallerIdentity"), b":user/tester<")
    world.good("iam, odd value", world.form("iam", iam, "CreateGroup", GroupName="a+b=c,d@e.f-g_h"), b"a+b=c,d@e.f-g_h")
    world.good("iam, the same in a query", world.call("iam", f"{world.root}/?Action=GetGroup&Version={iam}&GroupName=a%2Bb=c,d@e.f-g_h"), b"a+b=c,d@e.f-g_h")
    world.good("ec2", world.form("ec2", "2016-11-15", "DescribeRegions"), b"us-east-1")
    world.good("sns", world.form("sns", "2010-03-31", "CreateTopic", Name="topic"), b":topic<")
    queue = world.json("sqs", "AmazonSQS.CreateQueue", {"QueueName": "queue"})
    world.good("sqs, create", queue, b"queue")
    url = json.loads(queue.stdout or b"{}").get("QueueUrl", "")
    text = "blanks, \u00fc, \u6587\u5b57, = @ + % & ~ and \"quotes\""
    world.good("sqs, send", world.json("sqs", "AmazonSQS.SendMessage", {"QueueUrl": url, "MessageBody": text}))
    received = world.json("sqs", "AmazonSQS.ReceiveMessage", {"QueueUrl": url})
    world.suite.check("sqs, receive", received.returncode == 0 and text in json.loads(received.stdout)["Messages"][0]["Body"], received)
    world.good("sqs, query protocol", world.form("sqs", "2012-11-05", "ListQueues"), b"queue")
    table = {"TableName": "table", "BillingMode": "PAY_PER_REQUEST", "KeySchema": [{"AttributeName": "k", "KeyType": "HASH"}]}
    table["AttributeDefinitions"] = [{"AttributeName": "k", "AttributeType": "S"}]
    world.good("dynamodb, create", world.json("dynamodb", "DynamoDB_20120810.CreateTable", table), b"table")
    world.good("dynamodb, put", world.json("dynamodb", "DynamoDB_20120810.PutItem", {"TableName": "table", "Item": {"k": {"S": text}}}))
    world.good("dynamodb, get", world.json("dynamodb", "DynamoDB_20120810.GetItem", {"TableName": "table", "Key": {"k": {"S": text}}}), b"Item")
    world.good("kms", world.json("kms", "TrentService.CreateKey", {}, "1.1"), b"KeyId")
    world.good("events", world.json("events", "AWSEvents.ListRules", {}, "1.1"), b"Rules")
    for name in ("plain", "a%3Ab", "a b", "a:b", "a@b,c", "x(y)", "a//b", "a/../b", "a%2Fb", "\u00fc", "a+b", "a=b"):
        done = world.call("lambda", f"{world.root}/2015-03-31/functions/{name}")
        fine = done.returncode in (0, 22) and b"Signature" not in done.stdout and b"NotFound" in done.stdout
        world.suite.check(f"lambda, a path encoded twice: {name}", fine, done)
    made = harness.awsig(["presign", "--service", "sts", "--region", REGION, f"{world.root}/?Action=GetCallerIdentity&Version={sts}"], world.env)
    status, body = exchange(world.port, f"GET /{made.stdout.decode().strip().partition('://')[2].partition('/')[2]} HTTP/1.1\r\nHost: 127.0.0.1:{world.port}\r\n\r\n".encode())
    world.suite.check("sts, presigned", status == 200 and b":user/tester<" in body, (status, body[:500]))


def refusals(world):
    version = "2011-06-15"
    body = ["-d", f"Action=GetCallerIdentity&Version={version}", world.root]
    world.refused("wrong secret", world.call("sts", *body, AWS_SECRET_ACCESS_KEY="wrong"), "SignatureDoesNotMatch")
    world.refused("unknown key", world.call("sts", *body, AWS_ACCESS_KEY_ID="AKIDNOBODY0000000000"), "InvalidClientTokenId", "UnrecognizedClient")
    world.refused("a token nobody gave out", world.call("sts", *body, AWS_SESSION_TOKEN="made-up"), "InvalidClientTokenId", "UnrecognizedClient", "SignatureDoesNotMatch")
    made = harness.awsig(["sign", "--format", "http", "--service", "sts", "--region", REGION, "-H", "x-amz-foo: one", *body], world.env).stdout
    status, answer = exchange(world.port, made)
    world.suite.check("what is tampered with below is accepted as it is", status == 200, (status, answer[:400]))
    for what, old, new in [("header", b"x-amz-foo: one", b"x-amz-foo: two"), ("query", b"POST / ", b"POST /?a=1 "), ("body", b"GetCaller", b"getCaller"), ("region", b"/us-east-1/", b"/us-east-2/")]:
        changed = made.replace(old, new, 1)
        status, answer = exchange(world.port, changed)
        world.suite.check(f"tampered: {what}", changed != made and status in (400, 403), (status, answer[:400]))


def tokens(world):
    """Temporary credentials: good with their token, refused without it or with another."""
    version = "2011-06-15"
    given = world.form("sts", version, "GetSessionToken")
    identity = {
        "AWS_ACCESS_KEY_ID": tag(given, "AccessKeyId"),
        "AWS_SECRET_ACCESS_KEY": tag(given, "SecretAccessKey"),
        "AWS_SESSION_TOKEN": tag(given, "SessionToken"),
    }
    session = World(world.suite, world.port, **identity)
    session.good("token, header", session.form("sts", version, "GetCallerIdentity"), b"<Arn>")
    session.good("token, dynamodb", session.json("dynamodb", "DynamoDB_20120810.ListTables", {}), b"TableNames")
    session.good("token, s3", session.call("s3", f"{session.root}/"), b"ListAllMyBuckets")
    arguments = ["-d", f"Action=GetCallerIdentity&Version={version}", session.root]
    session.refused("token, missing", session.call("sts", *arguments, AWS_SESSION_TOKEN=None), "InvalidClientTokenId", "UnrecognizedClient", "InvalidToken")
    session.refused("token, another", session.call("sts", *arguments, AWS_SESSION_TOKEN="x" + identity["AWS_SESSION_TOKEN"]), "InvalidClientTokenId", "UnrecognizedClient", "InvalidToken")
    made = harness.awsig(["presign", "--service", "s3", "--region", REGION, f"{session.root}/"], session.env).stdout.decode().strip()
    target = "/" + made.partition("://")[2].partition("/")[2]
    for what, changed, wanted in [("as it is", target, 200), ("token tampered with", target.replace("X-Amz-Security-Token=", "X-Amz-Security-Token=x"), 403)]:
        status, body = exchange(session.port, f"GET {changed} HTTP/1.1\r\nHost: 127.0.0.1:{session.port}\r\n\r\n".encode())
        world.suite.check(f"token, presigned, {what}", (status == 200) == (wanted == 200) and status in (200, 400, 403), (status, body[:400]))
    return session


def objects(world, scratch):
    world.good("s3, make a bucket", world.call("s3", f"{world.root}/bucket", "PUT"))
    file = scratch / "body"
    for key in KEYS:
        url, body = f"{world.root}/bucket/{typed(key)}", b"body of " + key.encode()
        file.write_bytes(body)
        steps = [
            ("put", world.call("s3", "-d", f"@{file}", url, "PUT"), None),
            ("get", world.call("s3", url), body),
            ("head", world.call("s3", "-X", "HEAD", url), None),
        ]
        good = all(done.returncode == 0 and (wanted is None or done.stdout == wanted) for _, done, wanted in steps)
        listed = world.call("s3", f"{world.root}/bucket?list-type=2&encoding-type=url&prefix={quote(key, safe='')}")
        names = [unquote(name.text.replace("+", " ")) for name in ElementTree.fromstring(listed.stdout).iter() if name.tag.endswith("}Key")] if listed.returncode == 0 else []
        good = good and key in names and world.call("s3", url, "DELETE").returncode == 0
        world.suite.check(f"s3, put, get, head, list and delete {key!r}", good, (steps, listed))


def post_policy(world):
    """A browser's upload with the form that `presign-post` prints."""

    def made(*arguments):
        done = harness.awsig(["presign-post", "--service", "s3", "--region", REGION, *arguments, f"{world.root}/bucket"], world.env)
        return json.loads(done.stdout) if done.returncode == 0 else world.suite.check("presign-post", False, done)

    def post(form, body, **changed):
        boundary = "----awsig-end-to-end"
        fields = dict(form["fields"], **changed)
        text = "".join(f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields.items())
        data = text.encode() + f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="f.txt"\r\n\r\n'.encode() + body + f"\r\n--{boundary}--\r\n".encode()
        path = "/" + form["url"].partition("://")[2].partition("/")[2]
        head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{world.port}\r\nContent-Type: multipart/form-data; boundary={boundary}\r\nContent-Length: {len(data)}\r\n\r\n"
        return exchange(world.port, head.encode() + data)

    form = made("--key", "posted/a b+c.txt", "--field", "Content-Type=text/plain", "--content-length-range", "1-100")
    status, answer = post(form, b"posted")
    world.suite.check("post policy: upload", status in (200, 201, 204), (status, answer[:500]))
    world.good("post policy: read again", world.call("s3", f"{world.root}/bucket/posted/a b%2Bc.txt"), b"posted")
    for what, (status, answer) in {
        "too large": post(form, b"x" * 101),
        "another key": post(form, b"posted", key="posted/other"),
        "another type": post(form, b"posted", **{"Content-Type": "text/html"}),
        "another signature": post(form, b"posted", **{"x-amz-signature": "0" * 64}),
        "another policy": post(form, b"posted", policy=form["fields"]["policy"].replace("A", "B", 1)),
    }.items():
        world.suite.check(f"post policy: {what} is refused", status in (400, 403), (status, answer[:500]))
    form = made("--key-starts-with", "any/")
    status, answer = post(form, b"posted", key="any/key")
    world.suite.check("post policy: a key that starts as agreed", status in (200, 201, 204), (status, answer[:500]))
    status, answer = post(form, b"posted", key="other/key")
    world.suite.check("post policy: a key that starts otherwise", status == 403, (status, answer[:500]))


class Spoiler(http.server.BaseHTTPRequestHandler):
    """Passes everything on to MiniStack, but the tokens of the first `spoil` reads: those it spoils."""

    protocol_version = "HTTP/1.1"
    target, spoil, seen = 0, 0, []

    def pass_on(self):
        headers = {name: value for name, value in self.headers.items() if name.lower() != "host"}
        if self.command == "GET" and Spoiler.spoil > 0:
            Spoiler.spoil -= 1
            headers["X-aws-ec2-metadata-token"] = "spoilt"
        behind = http.client.HTTPConnection("127.0.0.1", Spoiler.target, timeout=10)
        behind.request(self.command, self.path, headers=headers)
        answer = behind.getresponse()
        body = answer.read()
        Spoiler.seen.append((self.command, self.path, answer.status))
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in ("transfer-encoding", "content-length", "date", "server", "connection"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        behind.close()

    do_GET = do_PUT = pass_on

    def log_message(self, *_):
        pass


def metadata(world):
    """`awsig creds` and `awsig imds` against a metadata service that is not ours, version 2 required."""
    def env(port):
        env = harness.environment(AWS_EC2_METADATA_SERVICE_ENDPOINT=f"http://127.0.0.1:{port}")
        env.pop("AWS_EC2_METADATA_DISABLED")
        return env

    there = env(world.port)
    done = harness.awsig(["creds", "--format", "json"], there)
    found = json.loads(done.stdout or b"{}")
    world.suite.check("imds: creds, json", done.returncode == 0 and found.get("AccessKeyId", "").startswith("ASIA") and found.get("SessionToken"), done.stderr)
    done = harness.awsig(["creds", "--format", "process"], there)
    found = json.loads(done.stdout or b"{}")
    world.suite.check("imds: creds, process", found.get("Version") == 1 and found.get("Expiration"), done.stderr)
    done = harness.awsig(["creds", "--format", "env"], there)
    world.suite.check("imds: creds, env", b"AWS_SESSION_TOKEN" in done.stdout and done.returncode == 0, done.stderr)
    done = harness.awsig(["creds"], there)
    world.suite.check("imds: creds, text, names the role and no secret", b"ministack-instance-role" in done.stdout and found["SecretAccessKey"].encode() not in done.stdout, done)
    for path, wanted in [
        ("meta-data/placement/region", b"us-east-1"),
        ("latest/meta-data/placement/region", b"us-east-1"),
        ("/latest/meta-data/instance-id", b"i-"),
        ("meta-data/iam/security-credentials/", b"ministack-instance-role"),
        ("dynamic/instance-identity/document", b'"region": "us-east-1"'),
    ]:
        done = harness.awsig(["imds", path], there)
        world.suite.check(f"imds: {path}", done.returncode == 0 and wanted in done.stdout, done)
    done = harness.awsig(["imds", "meta-data/none-such"], there)
    world.suite.check("imds: what is not there", done.returncode != 0 and done.stderr.count(b"error:") == 1, done)
    done = harness.awsig(["sign", "--service", "sts", "--format", "json", "https://example.com/"], there)
    world.suite.check("imds: the region of the instance", b"/us-east-1/sts/aws4_request" in done.stdout, done)

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Spoiler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    Spoiler.target = world.port
    for spoilt in (0, 1):
        Spoiler.spoil, Spoiler.seen = spoilt, []
        done = harness.awsig(["creds", "--format", "json"], env(server.server_port))
        puts = sum(1 for method, _, _ in Spoiler.seen if method == "PUT")
        refused = sum(1 for _, _, status in Spoiler.seen if status == 401)
        world.suite.check(f"imds: {spoilt} tokens refused with 401 are renewed", done.returncode == 0 and puts == 1 + spoilt and refused == spoilt, (Spoiler.seen, done.stderr))
    Spoiler.spoil, Spoiler.seen = 1000, []
    done = harness.awsig(["creds"], env(server.server_port), timeout=20)
    world.suite.check("imds: a service that refuses every token is given up", done.returncode == 110 and len(Spoiler.seen) < 30, (Spoiler.seen, done))
    server.shutdown()


def main():
    suite = harness.Suite("ministack")
    with ministack.running(sys.argv[1]) as port, harness.Scratch() as scratch:
        world = user(suite, port)
        services(world)
        refusals(world)
        tokens(world)
        objects(world, scratch)
        post_policy(world)
        metadata(world)
    suite.end()


if __name__ == "__main__":
    main()
