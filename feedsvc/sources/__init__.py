"""Floor 3: how each kind of partner is read, one module per kind. Ingest imports it."""
