"""A feed syndication service: partners' articles in, per-category RSS, Atom and JSON feeds out."""

__version__ = "0.1.0"
