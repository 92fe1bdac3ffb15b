"""Floor 2, in parse: feed documents (RSS, Atom, RDF, JSON Feed) → items. Only `dispatch` imports it."""
