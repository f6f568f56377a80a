"""Signs with awscrt: one JSON object a line in, one out. The canonical requests stand in the log file named in argv."""

import datetime
import json
import sys
import time

from awscrt import auth, http, io

S3 = ("s3", "s3express", "s3-outposts", "s3-object-lambda")
END = "end-of-log"


def sign(case):
    service, query = case["service"], case["placement"] == "query"
    s3 = service in S3
    unsigned = service == "vpc-lattice-svcs" or (s3 and query) or case.get("digest") == "unsigned"
    with_header = s3 or service in ("aoss", "vpc-lattice-svcs") or case.get("digest") == "unsigned"
    left = set(case.get("leave_unsigned", [])) - {"host"}
    token = None if case.get("session") else case.get("token")
    config = auth.AwsSigningConfig(
        algorithm=auth.AwsSigningAlgorithm.V4,
        signature_type=(
            auth.AwsSignatureType.HTTP_REQUEST_QUERY_PARAMS if query else auth.AwsSignatureType.HTTP_REQUEST_HEADERS
        ),
        credentials_provider=auth.AwsCredentialsProvider.new_static(case["id"], case["secret"], token),
        region=case["region"],
        service=service,
        date=datetime.datetime.strptime(case["time"], "%Y%m%dT%H%M%SZ").replace(tzinfo=datetime.timezone.utc),
        should_sign_header=lambda name: name.lower() not in left,
        use_double_uri_encode=not s3,
        should_normalize_uri_path=not s3,
        signed_body_value="UNSIGNED-PAYLOAD" if unsigned else None,
        signed_body_header_type=(
            auth.AwsSignedBodyHeaderType.X_AMZ_CONTENT_SHA_256 if with_header else auth.AwsSignedBodyHeaderType.NONE
        ),
        expiration_in_seconds=case.get("expires"),
        omit_session_token=service == "iotdevicegateway",
    )
    headers = http.HttpHeaders([tuple(pair) for pair in case["headers"]])
    body = __import__("io").BytesIO(bytes.fromhex(case["body"]))
    signed = auth.aws_sign_request(http.HttpRequest(case["method"], case["target"], headers, body), config).result(10)
    return {"target": signed.path, "headers": list(signed.headers)}


def main():
    io.init_logging(io.LogLevel.Info, sys.argv[1])
    for line in sys.stdin:
        try:
            answer = sign(json.loads(line))
        except Exception as error:
            answer = {"error": str(error)}
        print(json.dumps(answer))
    flush(sys.argv[1])


def flush(log):
    """awscrt logs from a thread of its own into a buffer: signs on until the first of these lines is in the file."""
    case = {"service": END, "placement": "header", "id": "id", "secret": "secret", "region": END, "time": "20150830T123600Z"}
    case.update(method="GET", target="/", headers=[["host", "h"], [END, "x" * 2000]], body="")
    for _ in range(50):
        sign(case)
    for _ in range(600):
        with open(log, "rb") as file:
            if END.encode() in file.read():
                return
        time.sleep(0.1)
    sys.exit("the log of awscrt does not end")


main()
