"""Floor 2, in parse: article pages and saved text → one item. Only `dispatch` imports it."""
