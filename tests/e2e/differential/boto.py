"""Signs with botocore, and gives back its canonical request."""

import datetime
from unittest import mock

import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

S3 = ("s3", "s3express", "s3-outposts", "s3-object-lambda")


def sign(case, url, headers):
    service, query = case["service"], case["placement"] == "query"
    credentials = Credentials(case["id"], case["secret"], None if service == "iotdevicegateway" else case.get("token"))
    if case.get("session"):
        name = botocore.auth.S3ExpressQueryAuth if query else botocore.auth.S3ExpressAuth
        more = {"identity_cache": None}
    elif service in S3:
        name, more = (botocore.auth.S3SigV4QueryAuth if query else botocore.auth.S3SigV4Auth), {}
    else:
        name, more = (botocore.auth.SigV4QueryAuth if query else botocore.auth.SigV4Auth), {}
    if query:
        more["expires"] = case["expires"]
    signer = name(credentials, service, case["region"], **more)
    seen = {}
    plain = signer.canonical_request

    def canonical_request(request):
        seen["canonical_request"] = plain(request)
        return seen["canonical_request"]

    signer.canonical_request = canonical_request
    request = AWSRequest(case["method"], url, data=b"" if query else bytes.fromhex(case["body"]))
    for header, value in headers:
        request.headers[header] = value
    if service in S3:
        request.context["client_config"] = mock.Mock(s3={"payload_signing_enabled": case.get("digest") != "unsigned"})
    elif service == "vpc-lattice-svcs" or case.get("digest") == "unsigned":
        request.context["payload_signing_enabled"] = False
    elif service == "aoss" and not query:
        request.headers["X-Amz-Content-SHA256"] = signer.payload(request)
    now = datetime.datetime.strptime(case["time"], "%Y%m%dT%H%M%SZ")
    with mock.patch.object(botocore.auth, "get_current_datetime", lambda *_: now):
        signer.add_auth(request)
    if query:
        seen["signature"] = request.url.rpartition("X-Amz-Signature=")[2]
    else:
        seen["signature"] = request.headers["Authorization"].rpartition("Signature=")[2]
    return seen
