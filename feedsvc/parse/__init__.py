"""Floor 2: strangers' bytes → items. Pure but for the pool; nothing here fetches or stores.

Imports `text`, `domain` and `errors`. `dispatch.parse` is what the worker processes call;
`sources/`, `ingest/` and the command line reach it through `pool.ParserPool`.
"""
