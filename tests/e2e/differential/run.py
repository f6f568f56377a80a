"""The differential suite: awsig, awscrt and botocore sign the same requests; every difference is explained or fails.

Each generated URL is brought to its strict form here, by other means than awsig's; awsig has to send exactly that. The
other signers get that form; awscrt besides gets the query as it was generated.
"""

import collections
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
from urllib.parse import quote, unquote_to_bytes

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
sys.path.insert(0, str(HERE.parent))

import boto  # noqa: E402
from generate import Generator  # noqa: E402

S3 = boto.S3
SECTIONS = ["method", "path", "query", "headers", "signed", "payload"]
CREDENTIAL_PARAMETERS = ["X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires", "X-Amz-SignedHeaders"]


def strict(text, safe=""):
    return quote(unquote_to_bytes(text), safe=safe + "-._~")


def split(url):
    scheme, _, rest = url.partition("://")
    rest = rest.partition("#")[0]
    end = min((at for at in (rest.find("/"), rest.find("?")) if at >= 0), default=len(rest))
    path, mark, query = rest[end:].partition("?")
    return scheme.lower(), rest[:end], path or "/", query if mark else None


def wire(case):
    """Scheme, host and target as they have to go over the wire."""
    scheme, host, path, query = split(case["url"])
    host = host.lower()
    name, colon, port = host.rpartition(":")
    if colon and "]" not in port and port in ("", {"https": "443", "http": "80"}[scheme]):
        host = name
    if case["service"] in S3:
        target = strict(path, "/")
    else:
        target = "/".join(strict(segment) for segment in path.split("/"))
    if query is not None:
        pieces = [piece.partition("=") for piece in query.split("&") if piece]
        target += "?" + "&".join(strict(name) + equals + strict(value) for name, equals, value in pieces)
    return scheme, host, target


def sections(canonical):
    lines = canonical.split("\n")
    return dict(zip(SECTIONS, [lines[0], lines[1], lines[2], lines[3:-3], lines[-2], lines[-1]]))


def bridge(cases, program):
    text = "".join(json.dumps(case) + "\n" for case in cases)
    done = subprocess.run([program], input=text.encode(), stdout=subprocess.PIPE, timeout=300, check=True)
    return [json.loads(line) for line in done.stdout.decode().split("\n") if line]


def crt(cases):
    """What awscrt makes of the cases, with the canonical request of each from its log."""
    with tempfile.TemporaryDirectory() as scratch:
        log = os.path.join(scratch, "log")
        text = "".join(json.dumps(case) + "\n" for case in cases)
        done = subprocess.run([sys.executable, HERE / "crt.py", log], input=text.encode(), stdout=subprocess.PIPE, timeout=600, check=True)
        with open(log, encoding="utf-8", errors="surrogateescape", newline="\n") as file:
            entries = re.split(r"^\[[A-Z]+\] \[[^]]*\] \[[^]]*\] \[[^]]*\] - ", file.read(), flags=re.M)
    answers = [json.loads(line) for line in done.stdout.decode().split("\n") if line]
    texts = [entry.partition("with contents \n")[2] for entry in entries if "built canonical request" in entry and "\nend-of-log:" not in entry]
    texts = iter(text[:-1] if text.endswith("\n") else text for text in texts)
    for answer in answers:
        if "error" in answer:
            continue
        answer["canonical_request"] = next(texts).rstrip("\n")
        authorization = [value for name, value in answer["headers"] if name.lower() == "authorization"]
        place = authorization[0] if authorization else answer["target"]
        answer["signature"] = re.search(r"Signature=([0-9a-f]{64})", place)[1]
    assert next(texts, None) is None, "the log of awscrt holds more than was asked"
    return answers


def repeats(query):
    names = [piece.partition("=")[0] for piece in query.split("&") if piece]
    return len(set(names)) < len(names)


def is_utf8(text):
    try:
        unquote_to_bytes(text).decode()
    except UnicodeDecodeError:
        return False
    return True


class Known:
    """The explained differences, from known_differences.json.

    A rule holds for one signer (`oracle`) and the requests that `when` describes, and tells exactly what differs:
    `refuses` (the signer refuses the request), `without` (take these headers from theirs or ours, then both are the same),
    `blanks` (split values at every Unicode blank, then both are the same) or `sections` (these lines differ).
    A rule that explains nothing in a whole run is stale, and fails it.
    """

    def __init__(self, path):
        self.rules = json.loads(path.read_text())["differences"]
        self.used = collections.Counter()

    def for_case(self, oracle, case, target, headers):
        query = target.partition("?")[2]
        facts = {
            "service": case["service"],
            "placement": case["placement"],
            "target": target,
            "query_repeats_a_name": str(repeats(query)),
            "query_is_utf8": str(is_utf8(query)),
            "digest": case.get("digest", "signed"),
            "token": "session" if case.get("session") else "some" if case.get("token") else "none",
            "body": "some" if case["body"] else "none",
        }
        lines = [f"{name.lower()}: {value}" for name, value in headers]
        for rule in self.rules:
            when = dict(rule["when"])
            header = when.pop("header", None)
            if oracle not in rule["oracle"] or (header and not any(re.search(header, line, re.S) for line in lines)):
                continue
            if all(re.search(pattern, facts[fact]) for fact, pattern in when.items()):
                yield rule

    def settle(self, rule, ours, theirs):
        """Takes the difference that the rule explains out of both."""
        before = [json.dumps(side) for side in (ours, theirs)]
        for side, text in [(ours, "ours"), (theirs, "theirs")]:
            names = rule.get("without", {}).get(text, [])
            side["headers"] = [line for line in side["headers"] if line.partition(":")[0] not in names]
            side["signed"] = ";".join(name for name in side["signed"].split(";") if name not in names)
            if side["query"]:
                pieces = [piece.partition("=") for piece in side["query"].split("&")]
                side["query"] = "&".join(
                    name + equals + ("%3B".join(listed for listed in value.split("%3B") if listed not in names) if name == "X-Amz-SignedHeaders" else value)
                    for name, equals, value in pieces
                )
            if rule.get("blanks"):
                side["headers"] = [re.sub(r"\s*([,:])\s*", r"\1", " ".join(line.split())) for line in side["headers"]]
        for section in rule.get("sections", []):
            ours[section] = theirs[section]
        if before != [json.dumps(side) for side in (ours, theirs)]:
            self.used[rule["id"]] += 1

    def stale(self):
        return [rule["id"] for rule in self.rules if not self.used[rule["id"]]]


def main():
    program, count = sys.argv[1], int(sys.argv[2])
    seed = int(os.environ.get("AWSIG_E2E_SEED", "20150830"))
    generator = Generator(seed)
    cases = [generator.case() for _ in range(count)]
    known = Known(HERE / "known_differences.json")
    ours = bridge(cases, program)

    wires, raws = [], []
    for case in cases:
        scheme, host, target = wire(case)
        headers = [list(pair) for pair in case["headers"]]
        if not any(name.lower() == "host" for name, _ in headers):
            headers.append(["Host", host])
        if case.get("session"):
            # awscrt knows the name of no other token header: the session's is given like any header or parameter.
            if case["placement"] == "query":
                target += ("&" if "?" in target else "?") + "X-Amz-S3session-Token=" + strict(case["token"].replace("%", "%25"))
            else:
                headers.append(["x-amz-s3session-token", case["token"]])
        raw_query = split(case["url"])[3]
        raw = target.partition("?")[0] + ("" if raw_query is None else "?" + raw_query)
        wires.append(dict(case, target=target, headers=headers))
        raws.append(dict(case, target=raw, headers=headers))

    tally = collections.Counter()
    unexplained = []

    def compare(oracle, index, theirs, target, headers):
        case, our = cases[index], ours[index]
        tally[oracle, "signed"] += 1
        rules = list(known.for_case(oracle, case, target, headers))
        if "error" in theirs:
            for rule in rules:
                if re.search(rule.get("refuses", "$^"), theirs["error"]):
                    known.used[rule["id"]] += 1
                    tally[oracle, "explained"] += 1
                    return
            unexplained.append((oracle, "refused", case, theirs["error"], our["canonical_request"]))
            return
        if our["canonical_request"] == theirs["canonical_request"]:
            if our["signature"] == theirs["signature"]:
                tally[oracle, "same"] += 1
            else:
                unexplained.append((oracle, "signature", case, theirs["signature"], our["signature"]))
            return
        left, right = sections(our["canonical_request"]), sections(theirs["canonical_request"])
        for rule in rules:
            if left != right:
                known.settle(rule, left, right)
        if left == right:
            tally[oracle, "explained"] += 1
            return
        for section in SECTIONS:
            if left[section] != right[section]:
                one, other = left[section], right[section]
                if section == "headers":
                    one, other = [x for x in one if x not in other], [x for x in other if x not in one]
                unexplained.append((oracle, section, case, other, one))

    for index, (case, our) in enumerate(zip(cases, ours)):
        if "error" in our:
            unexplained.append(("awsig", "refused", case, our["error"], ""))
            continue
        scheme, host, target = wire(case)
        url = f"{scheme}://{host}{target}"
        sent = our["url"]
        if case["placement"] == "query":
            names = CREDENTIAL_PARAMETERS + ["X-Amz-Signature", "X-Amz-Security-Token", "X-Amz-S3session-Token"]
            kept, _, query = sent.partition("?")
            query = "&".join(piece for piece in query.split("&") if piece.partition("=")[0] not in names)
            sent = kept + ("?" + query if query else "")
            url = url.rstrip("?")
        if sent != url:
            unexplained.append(("strict form", "url", case, url, sent))
        else:
            tally["strict form", "same"] += 1
        tally["strict form", "signed"] += 1
    good = [index for index, our in enumerate(ours) if "error" not in our]
    theirs_of = dict(zip(good, crt([wires[index] for index in good])))
    for index, theirs in theirs_of.items():
        compare("awscrt", index, theirs, wires[index]["target"], wires[index]["headers"])
    signed = {index: theirs for index, theirs in theirs_of.items() if "error" not in theirs}
    received = [dict(cases[index], target=theirs["target"], headers=theirs["headers"]) for index, theirs in signed.items()]
    for index, asked, verdict in zip(signed, received, bridge(received, program)):
        tally["awscrt, verified by awsig", "signed"] += 1
        rules = known.for_case("awscrt, verified by awsig", cases[index], asked["target"], asked["headers"])
        explained = [rule for rule in rules if re.search(rule.get("refuses", "$^"), verdict.get("error", ""))]
        if "verified" in verdict:
            tally["awscrt, verified by awsig", "same"] += 1
        elif explained:
            tally["awscrt, verified by awsig", "explained"] += 1
            known.used.update([explained[0]["id"]])
        else:
            unexplained.append(("awscrt, verified by awsig", "refused", cases[index], signed[index]["canonical_request"], verdict["error"]))
    without_session = [index for index in good if not cases[index].get("session")]
    for index, theirs in zip(without_session, crt([raws[index] for index in without_session])):
        compare("awscrt, raw query", index, theirs, raws[index]["target"], raws[index]["headers"])
    for index in good:
        case = cases[index]
        scheme, host, target = wire(case)
        left = [name.lower() for name in case.get("leave_unsigned", []) if name.lower() != "host"]
        headers = [pair for pair in case["headers"] if pair[0].lower() not in left]
        try:
            theirs = boto.sign(case, f"{scheme}://{host}{target}", headers)
        except Exception as error:
            theirs = {"error": f"{type(error).__name__}: {error}"}
        compare("botocore", index, theirs, target, headers)

    for oracle in ["strict form", "awscrt", "awscrt, verified by awsig", "awscrt, raw query", "botocore"]:
        told = ", ".join(f"{tally[oracle, what]} {what}" for what in ("signed", "same", "explained"))
        print(f"differential: {oracle}: {told}")
    for rule in known.rules:
        print(f"differential: explained by {rule['id']}: {known.used[rule['id']]}")
    shown = collections.Counter()
    for oracle, section, case, right, left in unexplained:
        shown[oracle, section] += 1
        if shown[oracle, section] <= int(os.environ.get("AWSIG_E2E_SHOW", "3")):
            print(f"differential: UNEXPLAINED: {oracle}, {section}\n  theirs {right!r:.700}\n  awsig  {left!r:.700}\n  {json.dumps(case)[:700]}")
    for what, times in shown.items():
        print(f"differential: UNEXPLAINED: {what[0]}, {what[1]}: {times}")
    stale = known.stale()
    for rule in stale:
        print(f"differential: STALE: no request of this run shows the difference {rule}")
    print(f"differential: {count - len({id(entry[2]) for entry in unexplained})} passed, {len({id(entry[2]) for entry in unexplained}) + len(stale)} failed (seed {seed})")
    sys.exit(1 if unexplained or stale else 0)


main()
