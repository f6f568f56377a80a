"""TLS in front of a port of this machine, byte for byte. Usage: tls-front.py CERTIFICATE-AND-KEY.pem PORT

Prints its own port. Lives as long as it is not ended; each connection ends after 30 s.
"""

import socket
import ssl
import sys
import threading


def pump(source, sink):
    try:
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def serve(connection, context, port):
    try:
        connection.settimeout(30)
        with context.wrap_socket(connection, server_side=True) as outer, socket.create_connection(("127.0.0.1", port), 30) as inner:
            back = threading.Thread(target=pump, args=(inner, outer), daemon=True)
            back.start()
            pump(outer, inner)
            back.join(30)
    except OSError:
        pass


def main():
    certificate, port = sys.argv[1], int(sys.argv[2])
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with socket.create_server(("127.0.0.1", 0)) as server:
        print(server.getsockname()[1], flush=True)
        while True:
            connection, _ = server.accept()
            threading.Thread(target=serve, args=(connection, context, port), daemon=True).start()


main()
