"""Floor 4: the way out, from stored articles to documents on the shelf. Imports store, render, text, domain; services, doors and the command line may import it."""
