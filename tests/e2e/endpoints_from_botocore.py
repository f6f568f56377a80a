#!/usr/bin/env python3
"""Compares `awsig endpoint` with the endpoint rules in botocore, and writes the sample that `cargo test` reads.

    python3 -m venv venv && venv/bin/pip install botocore==1.44.5
    venv/bin/python endpoints_from_botocore.py compare path/to/awsig     every host, through `awsig endpoint - --format json`
    venv/bin/python endpoints_from_botocore.py sample > ../scenarios/endpoints.tsv
    venv/bin/python endpoints_from_botocore.py all                       every row, to look at

A row is a host (with a path, where the operation has one of its own), the signing name, the signing region (`*`: only
SigV4A, for every region) and where it comes from:

    rules       the service's rule set, evaluated for every region, with and without FIPS and dual-stack
    template    a URL of the rule set that needs more than a region (a bucket, an account, a stream), filled in
    operation   an evaluated host behind the host prefix of one of the service's operations
"""

import json
import re
import subprocess
import sys
from urllib.parse import urlsplit

import botocore
from botocore.endpoint_provider import EndpointProvider
from botocore.exceptions import BotoCoreError
from botocore.loaders import Loader

VERSION = "1.44.5"

# What a template's placeholder may stand for; each value is tried. Others become `placeholder`.
FILLINGS = {
    "OperationType": ["control", "data"],
    "s3expressAvailabilityZoneId": ["use1-az4"],
    "parsedArn#accountId": ["123456789012"],
    "AccountId": ["123456789012"],
    "Bucket": ["bucket", "my.execute-api.bucket"],
}

# The partitions of the suffixes that templates write out.
WRITTEN_SUFFIXES = {
    "aws aws-us-gov": ["amazonaws.com", "api.aws", "on.aws"],
    "aws": ["aws.amazon.com", "signin.aws"],
    "aws-us-gov": ["amazonaws-us-gov.com"],
    "aws-cn": ["amazonaws.com.cn", "api.amazonwebservices.com.cn", "amazonaws.cn"],
    "aws-eusc": ["amazonaws.eu", "api.amazonwebservices.eu", "amazonaws-eusc.eu"],
    "aws-iso": ["c2s.ic.gov", "api.aws.ic.gov", "c2shome.ic.gov"],
    "aws-iso-b": ["sc2s.sgov.gov", "api.aws.scloud", "sc2shome.sgov.gov"],
    "aws-iso-e": ["cloud.adc-e.uk", "api.cloud-aws.adc-e.uk", "csphome.adc-e.uk"],
    "aws-iso-f": ["csp.hci.ic.gov", "api.aws.hci.ic.gov", "csphome.hci.ic.gov"],
}

# Rows where awsig does not follow botocore, on purpose: pattern of the host, signing name, why. One that explains
# nothing any more is an error.
LEFTOVERS = [
    (r"importexport(-fips)?\.[a-z0-9-]+\..*", "IngestionService",
     "AWS Import/Export had one host, importexport.amazonaws.com; the rule set makes one for every region"),
    (r"codecatalyst(-fips)?\.global\..*", "codecatalyst", "CodeCatalyst takes a bearer token, not a signature"),
    (r".*\.s3-accelerate\.amazonaws\.com", "s3", "signed for the bucket's region, which the host does not tell"),
    (r"(budgets|cloudfront)(-fips)?\.(amazonaws\.com|api\.aws)", None,
     "asked from GovCloud, the same host would be signed for us-gov-west-1"),
]


class Botocore:
    """The rule sets, service models and partitions."""

    def __init__(self):
        if botocore.__version__ != VERSION:
            sys.exit(f"botocore {VERSION} wanted, found {botocore.__version__}")
        self.loader = Loader()
        self.partitions = self.loader.load_data("partitions")
        # `aws-global` and its like name no place; rule sets that know them pin a region
        self.regions = {
            region: partition["outputs"]
            for partition in self.partitions["partitions"]
            for region in partition["regions"]
        }

    def rows(self):
        """Every row, sorted, without duplicates: {(host, service, region): origin}."""
        rows = {}
        for service in self.loader.list_available_services("service-2"):
            model = self.loader.load_service_model(service, "service-2")
            rules = self.loader.load_service_model(service, "endpoint-rule-set-1")
            metadata = model["metadata"]
            name = metadata.get("signingName") or metadata["endpointPrefix"]
            hosts = list(self.evaluated(rules, name))
            for row in hosts:
                rows[row] = "rules"
            known = {host for host, _, _ in hosts}
            for row in self.filled_in(rules, name):
                if row[0] not in known:
                    rows.setdefault(row, "template")
            for row in prefixed(model, hosts):
                rows.setdefault(row, "operation")
        return dict(sorted(rows.items()))

    def evaluated(self, rules, name):
        provider = EndpointProvider(rules, self.partitions)
        parameters = rules["parameters"]
        defaults = {key: value["default"] for key, value in parameters.items() if "default" in value}
        for region in self.regions:
            for fips in (False, True):
                for dual in (False, True):
                    wanted = {"Region": region, "UseFIPS": fips, "UseDualStack": dual}
                    given = {**defaults, **{key: value for key, value in wanted.items() if key in parameters}}
                    try:
                        endpoint = provider.resolve_endpoint(**given)
                    except BotoCoreError:
                        continue
                    host = urlsplit(endpoint.url).hostname
                    signed = signing(endpoint.properties, name, region)
                    if is_real(host, signed[1]):
                        yield (host, *signed)

    def filled_in(self, rules, name):
        """Templates that need more than a region, or that no default parameters reach."""
        for template, properties in templates(rules):
            if re.search(r"url#|\{Endpoint\}|CustomEndpoint|localhost", template):
                continue  # not AWS's own host
            for region, outputs in self.regions.items():
                if not self.may_hold(template, outputs):
                    continue
                for url in fill(template, region, outputs):
                    host = urlsplit(url).hostname
                    service, place = signing(properties, name, None)
                    if place is None or "{" in place:
                        place = region if "egion}" in template else None
                    there = place == "*" or self.regions.get(place) is outputs
                    if there and is_real(host, place):
                        yield (host, service, place)

    def may_hold(self, template, outputs):
        """Whether a template with a suffix written out (`{Region}.signin.amazonaws.cn`) is of this partition."""
        written = re.sub(r"\{[^}]+\}", "x", template)
        ends = {end: name for name, ends in WRITTEN_SUFFIXES.items() for end in ends}
        found = max((end for end in ends if written.endswith("." + end)), key=len, default=None)
        return found is None or outputs["name"] in ends[found].split()


def signing(properties, name, region):
    """Signing name and region; SigV4 before SigV4A, since awsig signs with the former."""
    schemes = (properties or {}).get("authSchemes") or [{"name": "sigv4"}]
    scheme = next((scheme for scheme in schemes if scheme["name"] != "sigv4a"), schemes[0])
    if scheme["name"] == "sigv4a":
        return scheme.get("signingName") or name, scheme["signingRegionSet"][0]
    return scheme.get("signingName") or name, scheme.get("signingRegion") or region


def is_real(host, region):
    """Whether host and region exist: a pseudo region names no place."""
    return not any(re.fullmatch(r"aws(-[a-z]+)*-global", label) for label in [*host.split("."), region])


def templates(rule):
    """Every (URL, properties) in a rule set."""
    endpoint = rule.get("endpoint")
    if endpoint and isinstance(endpoint["url"], str):
        yield endpoint["url"], endpoint.get("properties")
    for inner in rule.get("rules", []):
        yield from templates(inner)


def fill(template, region, outputs):
    """The URLs a template makes in a region."""
    urls = [template]
    for name in sorted(set(re.findall(r"\{([^}]+)\}", template))):
        if name.lower().endswith("region"):
            values = [region]
        elif name.endswith(("#dnsSuffix", "#dualStackDnsSuffix")):
            values = [outputs[name.split("#")[1]]]
        else:
            values = FILLINGS.get(name, ["placeholder"])
        urls = [url.replace("{%s}" % name, value) for url in urls for value in values]
    return urls


def prefixed(model, hosts):
    """Hosts behind the host prefixes of operations, with the literal start of the operation's path."""
    starts = set()
    for operation in model["operations"].values():
        prefix = operation.get("endpoint", {}).get("hostPrefix")
        if prefix:
            path = operation["http"]["requestUri"].split("{")[0].split("?")[0]
            starts.add((re.sub(r"\{[^}]+\}", "placeholder", prefix), path if model["metadata"]["serviceId"] == "Location" else ""))
    for prefix, path in starts:
        for host, service, region in hosts:
            yield (f"{prefix}{host}{path}", service, region)


def label_of(host, region):
    """The host without region, FIPS, dual-stack and partition: what the sample has one row of in every partition."""
    host = host.replace(region, "{region}")
    labels = [label for label in host.split(".") if label not in ("dualstack", "fips")]
    labels = [label.removesuffix("-fips").removeprefix("fips-").replace("-fips-", "-") for label in labels]
    return ".".join(labels)


def sample(rows):
    """One row per label and partition (per label, where a template or an operation made it), its region, FIPS and
    dual-stack variant by turns; hosts without a region all."""
    partitions = Loader().load_data("partitions")["partitions"]
    suffixes = {value: partition["id"] for partition in partitions
                for key, value in partition["outputs"].items() if key.lower().endswith("dnssuffix")}
    groups = {}
    for (host, service, region), origin in rows.items():
        name = host.split("/")[0]
        suffix = max((suffix for suffix in suffixes if name.endswith("." + suffix)), key=len, default="")
        home = next((p["id"] for p in partitions if region in p["regions"]), suffixes.get(suffix))
        label = label_of(host.replace("." + suffix, "", 1), region)
        key = (label, service, home if origin == "rules" else "")
        groups.setdefault(key if region in name else (host, service, region), []).append((host, service, region))
    return sorted(sorted(group)[turn * 7 % len(group)] for turn, (_, group) in enumerate(sorted(groups.items())))


def leftover(host, service):
    for index, (pattern, name, _) in enumerate(LEFTOVERS):
        if re.fullmatch(pattern, host) and name in (None, service):
            return index
    return None


def compare(rows, awsig):
    """Asks awsig about every host; 0 when each difference is a known leftover and each leftover is still one."""
    lines = "".join(f"{host}\n" for host, _, _ in rows)
    answers = subprocess.run([awsig, "endpoint", "-", "--format", "json"], input=lines, text=True,
                             capture_output=True, check=False).stdout.splitlines()
    if len(answers) != len(rows):
        sys.exit(f"{len(rows)} hosts asked, {len(answers)} answers")
    right, used, wrong = 0, set(), []
    for (host, service, region), answer in zip(rows, map(json.loads, answers)):
        place = "*" if answer["sigv4a"] else answer["region"]
        if (answer["service"], place) == (service, region):
            right += 1
        elif leftover(host, service) is not None:
            used.add(leftover(host, service))
        else:
            wrong.append(f"{host}: botocore {service} {region}, awsig {answer['service']} {place}")
    stale = [LEFTOVERS[index][0] for index in range(len(LEFTOVERS)) if index not in used]
    print(*wrong, *[f"explains nothing any more: {pattern}" for pattern in stale], sep="\n", end="")
    print(f"{right} of {len(rows)} rows as botocore has them ({100 * right / len(rows):.2f} %), "
          f"{len(rows) - right - len(wrong)} known leftovers, {len(wrong)} wrong")
    return 1 if wrong or stale else 0


def main():
    verb = sys.argv[1] if len(sys.argv) > 1 else ""
    if verb not in ("all", "sample", "compare") or (verb == "compare") != (len(sys.argv) == 3):
        sys.exit(__doc__)
    rows = Botocore().rows()
    if verb == "compare":
        sys.exit(compare(list(rows), sys.argv[2]))
    if verb == "sample":
        print(f"# Written by tests/e2e/endpoints_from_botocore.py from botocore {VERSION} (Apache-2.0): host, service, region.")
        wanted = {row: origin for row, origin in rows.items() if leftover(row[0], row[1]) is None}
        print(*map("\t".join, sample(wanted)), sep="\n")
    else:
        print(*("\t".join([*row, origin]) for row, origin in rows.items()), sep="\n")


if __name__ == "__main__":
    main()
