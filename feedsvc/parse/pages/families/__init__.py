"""Floor 2, in parse/pages: one module for each editing system whose pages say where everything stands.

Only `page` imports `registry`; a family is chosen by its markup, never by an address.
"""
