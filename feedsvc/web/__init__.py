"""Floor 8: the web door: feed documents from memory, pages for people, checks for operators. Only `app` imports it."""
