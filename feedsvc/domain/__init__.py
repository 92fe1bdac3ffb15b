"""Floor 0: the values that travel through the house. Standard library only; everyone may import it."""
