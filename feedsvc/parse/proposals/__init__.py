"""Floor 2, part of parse: a list page nobody wrote rules for → ranked rules that read it. Pure.

anchors ─ groups ─ rows ─ rules (selectors, fields, pager) ─ read as a poll would ─ marks ─ ranked
"""
