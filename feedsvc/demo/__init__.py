"""Floor 8: our own sample partner, a small site on loopback with four sources. app and cli may import it."""
