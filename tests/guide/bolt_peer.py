"""ArcadeDB as a server that speaks Bolt; a process of its own: bolt_peer.py ROOT PORT PASSWORD."""

from __future__ import annotations

import signal
import sys
import threading


def main(root: str, port: int, password: str) -> None:
    import arcadedb_embedded.server

    server = arcadedb_embedded.server.ArcadeDBServer(
        root_path=root,
        root_password=password,
        config={
            "http_port": port + 1,
            "server_plugins": "Bolt:com.arcadedb.bolt.BoltProtocolPlugin",
            "bolt_port": port,
            "server_defaultDatabases": "neo4j[root]",
        },
        jvm_kwargs={"heap_size": "1g"},
    )
    server.start()
    print("READY", flush=True)
    stopped = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopped.set())
    stopped.wait()
    server.stop()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
