"""Floor 1: what we say to people, in Chinese and English. Every floor above may import it."""
