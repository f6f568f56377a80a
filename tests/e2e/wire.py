"""The wire matrix: every shape in wire/ through four doors of awsig, judged by the verifier from the bytes on the wire.

send     awsig URL                        recorded on loopback
http     awsig sign --format http         the text it prints
curl     awsig sign --format curl         run by a shell, recorded (where curl is installed)
presign  awsig presign                    the URL, requested as it stands
"""

import concurrent.futures
import json
import shutil
import subprocess
import sys
from urllib.parse import unquote_to_bytes

import harness
import verify

ID, SECRET, TOKEN = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "AQoDYXdzEPT//////////wEXAMPLE+token/=="
RULE_SETS = {"general": "execute-api", "s3": "s3", "lattice": "vpc-lattice-svcs", "aoss": "aoss"}
WORKERS = 4


def shapes():
    """(rule set, service, shape) of everything in wire/."""
    load = lambda name: json.loads((harness.HERE / "wire" / f"{name}.json").read_text())["shapes"]
    for rule_set, service in RULE_SETS.items():
        for shape in load("common") + load(rule_set):
            yield rule_set, service, shape
    for shape in load("peers"):
        yield "peers", shape["service"], shape


def body_of(shape):
    if "body_hex" in shape:
        return bytes.fromhex(shape["body_hex"])
    if "body_repeat" in shape:
        text, times = shape["body_repeat"]
        return text.encode() * times
    return shape["body"].encode() if "body" in shape else None


def pieces(query):
    """What a query means: names and values, decoded."""
    split = [piece.partition("=") for piece in query.split("&") if piece]
    return [(unquote_to_bytes(name), unquote_to_bytes(value)) for name, _, value in split]


def judge(raw, service, shape):
    """The verifier's word, and besides that the wire says what was typed."""
    verify.verify(raw, SECRET, ID, TOKEN)
    message = verify.Message(raw)
    path, _, query = shape["target"].partition("#")[0].partition("?")
    if unquote_to_bytes(message.path) != unquote_to_bytes((path or "/")):
        raise verify.Refused(f"typed path {path!r} became {message.path!r}")
    if service != "s3" and message.path.upper().count("%2F") != path.upper().count("%2F"):
        raise verify.Refused(f"an escaped slash was lost: {path!r} became {message.path!r}")
    sent = [piece for piece in message.query if not piece.startswith("X-Amz-") or piece.startswith("X-Amz-Foo")]
    if pieces("&".join(sent)) != pieces(query):
        raise verify.Refused(f"typed query {query!r} became {sent!r}")
    if message.method != shape.get("method", "POST" if body_of(shape) is not None else "GET").upper():
        raise verify.Refused(f"method {message.method}")
    if message.body != (body_of(shape) or b""):
        raise verify.Refused(f"{len(message.body)} bytes of body were sent")


class Doors:
    """One worker: its own recorder and scratch file."""

    def __init__(self, scratch, number):
        self.recorder = harness.Recorder()
        self.file = scratch / f"body-{number}"
        self.env = harness.environment(AWS_ACCESS_KEY_ID=ID, AWS_SECRET_ACCESS_KEY=SECRET, AWS_SESSION_TOKEN=TOKEN)

    def arguments(self, service, shape):
        arguments = ["--service", service, "--region", "eu-central-1"]
        if "method" in shape:
            arguments += ["-X", shape["method"]]
        for header in shape.get("headers", []):
            arguments += ["-H", header]
        body = body_of(shape)
        if body is not None:
            self.file.write_bytes(body)
            arguments += ["-d", f"@{self.file}"]
        return arguments + [f"http://127.0.0.1:{self.recorder.port}{shape['target']}"]

    def run(self, command, **more):
        done = subprocess.run(command, env=self.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=30, **more)
        if done.returncode:
            raise verify.Refused(f"exit code {done.returncode}: {done.stderr.decode(errors='replace').strip()}")
        return done.stdout

    def recorded(self):
        seen = self.recorder.take()
        if len(seen) != 1:
            raise verify.Refused(f"{len(seen)} requests arrived")
        return seen[0]

    def send(self, service, shape):
        self.run([harness.AWSIG] + self.arguments(service, shape))
        return self.recorded()

    def http(self, service, shape):
        return self.run([harness.AWSIG, "sign", "--format", "http"] + self.arguments(service, shape))

    def curl(self, service, shape):
        command = self.run([harness.AWSIG, "sign", "--format", "curl"] + self.arguments(service, shape))
        self.run(["sh", "-c", command.decode().replace("curl ", "curl -q -sS -m 20 -H Expect: ", 1)])
        return self.recorded()

    def presign(self, service, shape):
        url = self.run([harness.AWSIG, "presign"] + self.arguments(service, shape)).decode().strip()
        authority, _, target = url.partition("://")[2].partition("/")
        method = shape.get("method", "POST" if body_of(shape) is not None else "GET").upper()
        headers = [header for header in shape.get("headers", [])]
        names = [header.partition(":")[0].lower() for header in headers]
        body = body_of(shape)
        if "host" not in names:
            headers.append(f"Host: {authority}")
        if service == "vpc-lattice-svcs" and "x-amz-content-sha256" not in names:
            headers.append("x-amz-content-sha256: UNSIGNED-PAYLOAD")
        if body is not None:
            headers.append(f"Content-Length: {len(body)}")
        return f"{method} /{target} HTTP/1.1\r\n{''.join(header + chr(13) + chr(10) for header in headers)}\r\n".encode() + (body or b"")


def main():
    suite = harness.Suite("wire")
    doors = ["send", "http", "presign"] + (["curl"] if shutil.which("curl") else [])
    table = {}
    everything = list(shapes())
    with harness.Scratch() as scratch:
        workers = [Doors(scratch, number) for number in range(WORKERS)]

        def work(number):
            results = []
            for rule_set, service, shape in everything[number::WORKERS]:
                for door in doors:
                    if door in shape.get("without", []):
                        continue
                    reason = None
                    try:
                        workers[number].recorder.take()
                        judge(getattr(workers[number], door)(service, shape), service, shape)
                    except (verify.Refused, subprocess.TimeoutExpired, UnicodeDecodeError) as refused:
                        reason = str(refused)
                    results.append((rule_set, door, shape["name"], reason))
            return results

        with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
            for results in pool.map(work, range(WORKERS)):
                for rule_set, door, name, reason in results:
                    good, all_of = table.get((rule_set, door), (0, 0))
                    table[rule_set, door] = (good + (reason is None), all_of + 1)
                    suite.check(f"{rule_set}, {door}: {name}", reason is None, reason)
    print("wire: | rules | " + " | ".join(doors) + " |")
    for rule_set in list(RULE_SETS) + ["peers"]:
        print(f"wire: | {rule_set} | " + " | ".join("%d/%d" % table[rule_set, door] for door in doors) + " |")
    for rule_set in RULE_SETS:
        count = table[rule_set, "send"][1]
        suite.check(f"{rule_set} has at least 80 shapes", count >= 80, count)
    suite.end()


if __name__ == "__main__":
    main()
