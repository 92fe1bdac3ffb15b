"""Floor 1: pure functions over text (characters, charsets, dates, URLs, HTML).

Imports only `domain` and `errors`; every room above may import it. Nothing here does I/O or asks
the clock.
"""
