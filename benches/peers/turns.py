"""Takes turns at signing: the requests come as JSON in the first line, each signed once in answer; then every line
`name times` is answered with the nanoseconds that so many signatures took."""

import json
import sys
import time


def take(make, headers):
    """make(given) returns a function that signs a request; headers(result, request) is what is sent then."""
    given = json.loads(sys.stdin.readline())
    requests = {request["name"]: request for request in given["requests"]}
    sign = make(given)
    signed = {name: headers(sign(request), request) for name, request in requests.items()}
    print(json.dumps(signed), flush=True)
    for line in sys.stdin:
        name, times = line.split()
        request, turns = requests[name], range(int(times))
        sign(request)  # the caches of the processor are somebody else's by now
        start = time.perf_counter_ns()
        for _ in turns:
            sign(request)
        print(time.perf_counter_ns() - start, flush=True)
