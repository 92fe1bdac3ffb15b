"""Floor 2: the one door to addresses that come from data. Use cases, sources and above import it.

Nothing else in the house imports an HTTP client (invariant 7). `client.Fetcher` is the gateway,
`exchange` its values; the other modules are its parts and stay in this room.
"""
