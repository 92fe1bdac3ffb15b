"""Taking the rules that were proposed for a source whose layout has changed."""

from __future__ import annotations

from datetime import datetime

from feedsvc.curate.registry import check_rules
from feedsvc.domain.source import Source
from feedsvc.errors import Conflict
from feedsvc.store import layouts, sources
from feedsvc.store.engine import Database


def accept_layout(db: Database, slug: str, now: datetime, *, keep_rules: bool = False) -> Source:
    """Read a source by the proposed rules from now on, due at once, and learn its layout anew.

    `keep_rules` says that the rules are right as they are and what was learned is not. Raises
    `NotFound`, and `Conflict` where nothing is proposed.
    """
    with db.write() as session:
        source = sources.get(session, slug)
        rules = source.rules if keep_rules else layouts.get(session, source.id).proposal
        if rules is None:
            raise Conflict(
                f"source {slug}", "no rules are proposed; write them and add them by hand"
            )
        check_rules(rules, slug)
        sources.set_rules(session, slug, rules, now)
        return sources.get(session, slug)
