"""Makes requests out of a seed: what people type, what scripts paste, and what nobody should."""

import random

SERVICES = {
    # signing name: (weight, host)
    "s3": (24, "bucket.s3.{region}.amazonaws.com"),
    "s3express": (4, "bucket--usw2-az1--x-s3.s3express-usw2-az1.{region}.amazonaws.com"),
    "s3-outposts": (2, "ap-123.op-01.s3-outposts.{region}.amazonaws.com"),
    "s3-object-lambda": (2, "ap-123.s3-object-lambda.{region}.amazonaws.com"),
    "execute-api": (14, "abc123.execute-api.{region}.amazonaws.com"),
    "vpc-lattice-svcs": (12, "svc-0123.7d67968.vpc-lattice-svcs.{region}.on.aws"),
    "aoss": (10, "abc.{region}.aoss.amazonaws.com"),
    "iotdevicegateway": (8, "abc-ats.iot.{region}.amazonaws.com"),
    "lambda": (5, "abc.lambda-url.{region}.on.aws"),
    "bedrock": (5, "bedrock-runtime.{region}.amazonaws.com"),
    "es": (4, "search-x.{region}.es.amazonaws.com"),
    "sqs": (4, "sqs.{region}.amazonaws.com"),
    "sts": (3, "sts.{region}.amazonaws.com"),
    "dynamodb": (3, "dynamodb.{region}.amazonaws.com"),
}
REGIONS = ["us-east-1", "us-west-2", "eu-central-1", "ap-southeast-2", "cn-north-1", "us-gov-west-1", "eusc-de-east-1"]
METHODS = ["GET"] * 8 + ["POST"] * 5 + ["PUT"] * 4 + ["DELETE", "HEAD", "PATCH", "OPTIONS", "PROPFIND", "M-SEARCH"]
PUNCTUATION = "!$&'()*+,;=:@[]{}|\\^`\"<>~-._"
LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
UNICODE = "äßéñ€中文字😀\u0301\u00a0\u200b\u1680\u2028ሴ"
HEADER_NAMES = [
    "Content-Type", "X-Amz-Target", "x-amz-meta-Name", "X-AMZ-META-NAME", "x-amz-acl", "X-Custom", "x-custom", "X-Custom-1",
    "Accept", "Accept-Encoding", "Cache-Control", "Range", "If-Match", "Content-MD5", "My!Header", "a", "z-last", "A-B", "A_B",
    "Date", "x-amz-server-side-encryption", "X-Amz-Storage-Class", "content-encoding", "Referer", "X-Forwarded-For", "Via",
]
NEVER_SIGNED = [
    "User-Agent", "Connection", "Expect", "Keep-Alive", "TE", "Trailer", "Upgrade", "X-Amzn-Trace-Id", "traceparent",
    "tracestate", "baggage", "Proxy-Authorization", "Proxy-Authenticate", "Transfer-Encoding",
]


class Generator:
    def __init__(self, seed):
        self.random = random.Random(seed)

    def chance(self, probability):
        return self.random.random() < probability

    def piece(self, raw_stop, length=8):
        """A few characters, raw or escaped; none of `raw_stop` raw."""
        out = []
        for _ in range(self.random.randint(0, length)):
            kind = self.random.random()
            if kind < 0.55:
                out.append(self.random.choice(LETTERS))
            elif kind < 0.72:
                character = self.random.choice(PUNCTUATION)
                out.append("%%%02X" % ord(character) if character in raw_stop else character)
            elif kind < 0.80:
                out.append(self.random.choice(UNICODE))
            elif kind < 0.83:
                out.append(" ")
            elif kind < 0.95:
                byte = self.random.choice(b" %/?#&=+:@~-A\xc3\xa9" + bytes([self.random.randrange(256)]))
                out.append(("%%%02X" if self.chance(0.5) else "%%%02x") % byte)
            else:
                out.append(self.random.choice(["%20", "%2F", "%2f", "%25", "%252F", "%C3%A9", "+"]))
        return "".join(out)

    def segment(self):
        kind = self.random.random()
        if kind < 0.08:
            return ""
        if kind < 0.13:
            return self.random.choice([".", "..", "%2e", "%2E%2e", ".%2E", "...", ".a", "a.", "..b"])
        if kind < 0.45:
            return "".join(self.random.choice(LETTERS) for _ in range(self.random.randint(1, 10)))
        return self.piece("", 10)

    def path(self):
        kind = self.random.random()
        if kind < 0.06:
            return ""
        if kind < 0.12:
            return "/"
        count = self.random.randint(30, 80) if self.chance(0.01) else self.random.randint(1, 6)
        path = "/" + "/".join(self.segment() for _ in range(count))
        return path + self.random.choice(["", "", "", "", "/", "/.", "/..", "//", "/./"])

    def query(self):
        if self.chance(0.35):
            return None
        if self.chance(0.04):
            return ""
        names = [self.piece("&=#", 6) for _ in range(self.random.randint(1, 4))] + ["list-type", "prefix", "Action", "a", "A", "a-", "X-Amz-Foo"]
        pieces = []
        for _ in range(self.random.randint(100, 200) if self.chance(0.01) else self.random.randint(1, 7)):
            kind = self.random.random()
            name = self.random.choice(names)
            if kind < 0.1:
                pieces.append(name)
            elif kind < 0.15:
                pieces.append(name + "=")
            elif kind < 0.17:
                pieces.append("")
            elif kind < 0.19:
                pieces.append("=" + self.piece("&#", 4))
            elif kind < 0.22:
                pieces.append(name + "=a=b=" + self.piece("&#", 3))
            else:
                pieces.append(name + "=" + self.piece("&#", 10) + self.random.choice(["", "", "", "?", "/"]))
        return "&".join(pieces)

    def value(self):
        kind = self.random.random()
        if kind < 0.06:
            return ""
        if kind < 0.45:
            return self.random.choice(
                ["application/json", "application/x-amz-json-1.0", "text/plain; charset=utf-8", "bytes=0-9", "gzip, br", "*/*", "a,b, c", '"quoted   blanks"', "DynamoDB_20120810.ListTables", "1"]
            )
        out = []
        for _ in range(self.random.randint(0, 12)):
            kind = self.random.random()
            if kind < 0.5:
                out.append(self.random.choice(LETTERS))
            elif kind < 0.65:
                out.append(self.random.choice(PUNCTUATION + "%#?/"))
            elif kind < 0.85:
                out.append(" " * self.random.randint(1, 4))
            elif kind < 0.92:
                out.append(self.random.choice(["\t", " \t", "\t\t "]))
            else:
                out.append(self.random.choice(UNICODE))
        return "".join(out)

    def headers(self):
        headers = []
        for _ in range(self.random.choice([0, 0, 1, 1, 2, 3, 5, 8])):
            headers.append([self.random.choice(HEADER_NAMES), self.value()])
        if headers and self.chance(0.2):
            name, _ = self.random.choice(headers)
            headers.insert(self.random.randrange(len(headers) + 1), [name.upper(), self.value()])
        if self.chance(0.01):
            headers += [["X-Many-%d" % index, self.value()] for index in range(self.random.randint(33, 60))]
        if self.chance(0.08):
            headers.append([self.random.choice(NEVER_SIGNED), self.value()])
        if self.chance(0.02):
            headers.append(["X-Amz-Date", "20010203T040506Z"])
        if self.chance(0.02):
            headers.append(["x-amz-security-token", "an-older-token"])
        self.random.shuffle(headers)
        return headers

    def body(self, method):
        if method in ("GET", "HEAD", "DELETE", "OPTIONS") and self.chance(0.9) or self.chance(0.2):
            return b""
        if self.chance(0.5):
            return b'{"key": "%d"}' % self.random.randrange(10**6)
        return self.random.randbytes(self.random.choice([1, 55, 56, 63, 64, 65, 1000, 5000]))

    def authority(self, service, region):
        host = SERVICES[service][1].format(region=region)
        kind = self.random.random()
        if kind < 0.06:
            host = self.random.choice(["127.0.0.1", "[::1]", "[2001:DB8::a]", "localhost"])
        elif kind < 0.12:
            host = host.upper()
        return host + self.random.choice([""] * 10 + [":443", ":80", ":8443", ":9000", ":"])

    def case(self):
        service = self.random.choices(list(SERVICES), [weight for weight, _ in SERVICES.values()])[0]
        region = self.random.choice(REGIONS)
        method = self.random.choice(METHODS)
        query = self.query()
        headers = self.headers()
        url = self.random.choice(["https", "https", "https", "http", "HTTPS"]) + "://" + self.authority(service, region)
        url += self.path() + ("" if query is None else "?" + query) + ("#part" if self.chance(0.03) else "")
        case = {
            "method": method,
            "url": url,
            "headers": headers,
            "body": self.body(method).hex(),
            "service": service,
            "region": region,
            "time": "20%02d%02d%02dT%02d%02d%02dZ" % tuple(self.random.randint(low, high) for low, high in [(0, 37), (1, 12), (1, 28), (0, 23), (0, 59), (0, 59)]),
            "id": "AKID" + "".join(self.random.choice("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") for _ in range(16)),
            "secret": "".join(self.random.choice(LETTERS + "+/") for _ in range(self.random.choice([40, 40, 40, 8, 61, 90]))),
            "placement": "query" if self.chance(0.4) else "header",
        }
        if service == "s3express" and self.chance(0.7):
            case["session"] = True
        if self.chance(0.45) or case.get("session"):
            case["token"] = "".join(self.random.choice(LETTERS + "+/=") for _ in range(self.random.choice([4, 100, 700])))
        if case["placement"] == "query":
            case["expires"] = self.random.choice([1, 60, 300, 900, 3600, 86400, 604800])
        elif self.chance(0.05):
            case["digest"] = "unsigned"
        if headers and self.chance(0.06):
            case["leave_unsigned"] = [self.random.choice(headers)[0].lower()]
        if self.chance(0.03):
            headers.append(["Host", self.random.choice(["other.example", "Other.Example:8080", "[::1]:9"])])
        return case
