"""Runs one of Swift's four servers in this process: swift_daemon.py {account,container,object,proxy}-server CONF.

Swift reads its cluster's secret from /etc/swift/swift.conf; here it is set before anything asks for it.
"""

import sys

from swift.common import utils

utils.HASH_PATH_SUFFIX = b"end-to-end"
utils.SWIFT_CONF_FILE = sys.argv[2]

from swift.common.wsgi import run_wsgi  # noqa: E402

sys.exit(run_wsgi(sys.argv[2], sys.argv[1]))
