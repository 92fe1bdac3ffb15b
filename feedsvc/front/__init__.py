"""Floor 2: our own HTTP/1.1 front: heads, connections, and what is handed on. Only `web` and `cli` import it.

It knows sockets and the protocol, nothing of feeds: what it answers itself is given to it. It takes
only what it fully understands (see `heads`), hands everything else that is well-formed on to the
application, one request a connection (see `tunnel`), and refuses what is malformed or ambiguous.
"""
