"""The curl suite: the same command lines, run with curl and with awsig; every difference is explained or fails.

Compared are the requests that arrive (how many, method, target, headers, body), the exit code, what is on standard output
and the files that are there afterwards. Besides, every request of awsig has to be signed, as verify.py judges.

A difference is explained by a rule of known_differences.json: which field differs, and, where it matters, what was typed
and what curl and awsig made of it. A rule that explains nothing in a run is stale and fails it.
"""

import collections
import concurrent.futures
import gzip
import json
import os
import pathlib
import re
import shlex
import shutil
import socket
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
sys.path.insert(0, str(HERE.parent))

import harness  # noqa: E402
import verify  # noqa: E402
from generate import FILES, Generator  # noqa: E402
from server import TLS, Server  # noqa: E402

ID, SECRET = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
WORKERS = 4
# What a signature is made of; curl signs otherwise or not at all, and awsig's is judged on its own.
SIGNATURE = ("authorization", "x-amz-date", "x-amz-content-sha256")


class Worker:
    """A server, and a folder in which both programs run in turn."""

    def __init__(self, scratch, number):
        self.server = Server()
        self.folder = scratch / str(number)
        refused = socket.create_server(("127.0.0.1", 0))
        self.places = {
            "{server}": f"http://127.0.0.1:{self.server.ports['http']}",
            "{secure}": f"https://localhost:{self.server.ports['https']}",
            "{refused}": f"http://127.0.0.1:{refused.getsockname()[1]}",
            "{http}": str(self.server.ports["http"]),
            "{https}": str(self.server.ports["https"]),
            "{root}": str(TLS / "anywhere-root.pem"),
            "{strangers}": str(TLS / "root.pem"),
            "{client}": str(TLS / "anywhere.pem"),
            "{clientkey}": str(TLS / "anywhere-key.pem"),
        }
        # Nobody listens there any more.
        refused.close()

    def fill(self, argument):
        for mark, place in self.places.items():
            argument = argument.replace(mark, place)
        return argument

    def run(self, program, case):
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()
        for name, content in FILES.items():
            (self.folder / name).write_bytes(content)
        self.server.play(case["answers"])
        arguments = [self.fill(argument) for argument in case["arguments"]]
        if case["signs"]:
            arguments = ["--aws-sigv4", "aws:amz:us-east-1:es", "-u", f"{ID}:{SECRET}"] + arguments
        env = harness.environment(AWS_ACCESS_KEY_ID=ID, AWS_SECRET_ACCESS_KEY=SECRET, AWS_REGION="us-east-1", AWSIG_SERVICE="es")
        done = subprocess.run(
            [program] + arguments, env=env, cwd=self.folder, input=case["input"] or b"", stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=30
        )
        seen, left = self.server.take()
        facts = {"exit code": done.returncode, "standard output": done.stdout.decode("latin-1"), "requests": len(seen), "answers left": left}
        # The boundary of a form is chance.
        boundary = re.compile(r"-{24}[0-9a-f]+")
        for number, request in enumerate(seen, 1):
            facts[f"request {number}, method"] = request.method
            facts[f"request {number}, target"] = request.target
            facts[f"request {number}, body"] = boundary.sub("BOUNDARY", request.body.decode("latin-1"))
            for name in {name for name, _ in request.headers} - set(SIGNATURE):
                values = [value for given, value in request.headers if given == name]
                facts[f"request {number}, header {name}"] = boundary.sub("BOUNDARY", ", ".join(values))
            if "multipart/form-data" in facts.get(f"request {number}, header content-type", ""):
                # So is, with it, the length.
                facts[f"request {number}, header content-length"] = "that of the form"
        for path in self.folder.rglob("*"):
            if path.is_file():
                facts[f"file {path.relative_to(self.folder)}"] = path.read_bytes().decode("latin-1")
        # A moment is chance, but not whether there was one.
        facts["standard output"] = re.sub(r"\d+\.\d{6}", lambda seconds: "never" if float(seconds[0]) == 0 else "SECONDS", facts["standard output"])
        for line in facts:
            if isinstance(facts[line], str):
                # The answer to Expect, which only curl sends and, told to show heads, shows.
                facts[line] = facts[line].replace("HTTP/1.1 100 Continue\r\n\r\n", "")
                for mark, place in self.places.items():
                    if mark in ("{server}", "{secure}", "{refused}"):
                        facts[line] = facts[line].replace(place, mark)
        return facts, seen, done.stderr.decode(errors="replace")


def unsigned(request):
    """Why a request of awsig's is not signed rightly, if it is not."""
    head, _, body = request.raw.partition(b"\r\n\r\n")
    line, _, rest = head.partition(b"\r\n")
    # To a proxy the whole URL is told; signed is the target.
    line = re.sub(rb" https?://[^/ ]+", b" ", line)
    try:
        verify.verify(line + b"\r\n" + rest + b"\r\n\r\n" + body, SECRET, ID, None)
    except verify.Refused as refused:
        return str(refused)
    return None


def documented(suite, version):
    """The command lines of the transcripts that are said to be those of the manual page are in it, word for word."""
    page = pathlib.Path("/usr/share/man/man1/curl.1.gz")
    text = (HERE.parent.parent / "transcripts" / "commands-curl.txt").read_text()
    section = text.partition(f"# curl {version}, its manual page")[2].partition("\n# curl, docs/")[0]
    lines = [line[2:].replace("awsig", "curl", 1) for line in section.splitlines() if line.startswith("$ ")]
    if not suite.check("the transcripts have command lines of this curl's manual page", len(lines) >= 100, len(lines)) or not page.exists():
        print("curl: there is no manual page to compare the transcripts with")
        return
    roff = gzip.open(page, "rt").read()
    for escape, character in [("\\-", "-"), ("\\(aq", "'"), ("\\&", ""), ("\\\\", "\\")]:
        roff = roff.replace(escape, character)
    documented = {line.strip() for line in roff.splitlines()}
    for line in lines:
        suite.check(f"the manual page has {line}", line in documented)


def full_disk(suite, scratch):
    """A disk that is full: both end with 23, awsig leaves what was there, and nothing beside it."""
    disk = scratch / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "awsig", disk], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if mounted.returncode:
        print("curl: no disk could be filled: only root may mount one")
        return
    try:
        server = Server()
        answer = "HTTP/1.1 200 OK\r\ncontent-length: 200000\r\nconnection: close\r\n\r\n" + "x" * 200000
        env = harness.environment(AWS_ACCESS_KEY_ID=ID, AWS_SECRET_ACCESS_KEY=SECRET, AWS_REGION="us-east-1", AWSIG_SERVICE="es")
        for program in ["curl", harness.AWSIG]:
            for name, arguments in [("old", ["-o", "old"]), ("old", ["-C", "-", "-o", "old"]), ("new", ["-o", "new"])]:
                (disk / "old").write_bytes(b"")
                server.play([("send", answer)])
                done = subprocess.run(
                    [program, "-sS"] + arguments + [f"http://127.0.0.1:{server.ports['http']}/k"], env=env, cwd=disk, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=30
                )
                suite.check(f"a full disk: {program} {arguments}", done.returncode == 23, (done.returncode, done.stderr))
                if program == harness.AWSIG and "-C" not in arguments:
                    there = {path.name: path.stat().st_size for path in disk.iterdir()}
                    suite.check(f"a full disk: {arguments} leaves what was there", there == {"old": 0}, there)
                    suite.check(f"a full disk: {arguments} is told", b"No space left on device" in done.stderr, done.stderr)
                for path in disk.iterdir():
                    path.unlink()
    finally:
        subprocess.run(["umount", disk])


class Known:
    def __init__(self, path):
        self.rules = json.loads(path.read_text())["differences"]
        self.used = collections.Counter()

    def explains(self, field, typed, curl, awsig):
        for rule in self.rules:
            wanted = [("field", field), ("typed", typed), ("curl", str(curl)), ("awsig", str(awsig))]
            if all(re.search(rule.get(name, ""), value, re.S) for name, value in wanted):
                self.used[rule["id"]] += 1
                return True
        return False


def main():
    count = int(os.environ.get("AWSIG_E2E_CURL_COUNT", "1200"))
    seed = int(os.environ.get("AWSIG_E2E_SEED", "20150830"))
    suite = harness.Suite("curl")
    if not shutil.which("curl"):
        suite.check("curl is installed", False)
        suite.end()
    version = subprocess.run(["curl", "--version"], stdout=subprocess.PIPE).stdout.decode().split()[1]
    documented(suite, version)
    known = Known(HERE / "known_differences.json")
    generator = Generator(seed)
    cases = list(generator.special()) + [generator.case() for _ in range(count)]
    shown, explained, requests = collections.Counter(), 0, 0
    with harness.Scratch() as scratch:
        full_disk(suite, scratch)
        workers = [Worker(scratch, number) for number in range(WORKERS)]

        def work(number):
            worker = workers[number]
            return [(case, worker.run("curl", case), worker.run(harness.AWSIG, case)) for case in cases[number::WORKERS]]

        with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
            results = [result for part in pool.map(work, range(WORKERS)) for result in part]
    for case, (theirs, _, _), (ours, seen, said) in results:
        typed = shlex.join(case["arguments"]) + (" (signed by both)" if case["signs"] else "")
        requests += len(seen)
        wrong = [f"request {number} is not signed: {why}" for number, why in enumerate(map(unsigned, seen), 1) if why]
        for field in sorted(theirs.keys() | ours.keys()):
            number = re.match(r"request (\d+)", field)
            if number and int(number[1]) > min(theirs["requests"], ours["requests"]):
                # Which of the two asked once more is told by the number of requests.
                continue
            curl, awsig = theirs.get(field), ours.get(field)
            if curl == awsig:
                continue
            if known.explains(field, typed, curl, awsig):
                explained += 1
            else:
                shown[field] += 1
                wrong.append(f"{field}: curl {curl!r:.300}, awsig {awsig!r:.300}")
        answers = " ".join(repr(text[:40]) for _, text in case["answers"])
        suite.check(typed, not wrong, "\n  ".join([""] + wrong + [f"answers {answers}", f"awsig said {said!r:.400}"]))
    for field, times in shown.most_common():
        print(f"curl: UNEXPLAINED: {field}: {times}")
    for rule in known.rules:
        suite.check(f"{rule['id']} is a difference of this run", known.used[rule["id"]], "stale")
    suite.end(f" (curl {version}: {len(cases)} command lines, {requests} requests of awsig, {explained} differences explained, seed {seed})")


main()
