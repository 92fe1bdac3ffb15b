"""Floor 0: how the service speaks of itself (logs). Everyone may import it."""
