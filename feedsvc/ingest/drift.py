"""Layout drift in a poll: what looks wrong is held back, and what is certain is told and proposed for.

collected ── look ── judge by the profile ──┬── as usual: learn, go on
                                            ├── one bad page: that page waits
                                            ├── suspected: the whole poll waits for the next one
                                            └── twice in a row: layout changed, rules proposed
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Protocol

from feedsvc.domain.item import Item, Repair
from feedsvc.domain.layout import Layout, Profile
from feedsvc.domain.parsed import Parsed, ParseJob, Proposal, Rejection, Survey
from feedsvc.domain.source import Source
from feedsvc.errors import Aborted, IngestError, LayoutChanged, RulesMismatch
from feedsvc.ingest.layout import (
    HIGH,
    LEAST_PAGES,
    SHORT,
    ListLook,
    PageLook,
    bad_links,
    learn,
    list_reasons,
    look_at_list,
    look_at_pages,
    page_reasons,
)
from feedsvc.sources.reach import Collected
from feedsvc.sources.recheck import takes_back
from feedsvc.text.urls import canonical

# Polls in a row that look wrong before it is called a change.
CERTAIN_AFTER = 2
# Bad pages kept in mind for the next poll.
MOST_REMEMBERED = 50
# Rows of a proposal that continue what the source had before make it a proposal to act on.
LEAST_CONTINUED = 2
SURE = 0.75


NOTHING = Collected()


class Surroundings(Protocol):
    """What the watch needs of the poll: its list document, the parsers, and what is stored."""

    @property
    def list_job(self) -> ParseJob | None:
        """The list document that this poll read, None where it was not read."""
        ...

    def parse(self, job: ParseJob) -> Parsed:
        """Read one document."""
        ...

    def layout(self) -> Layout:
        """What is known of the source's layout."""
        ...

    def known_names(self) -> list[str]:
        """Links and headlines of the newest articles of the source."""
        ...

    def listed_before(self) -> list[str]:
        """The known links that the list showed when it was last read."""
        ...


class LayoutWatch:
    """Watches one poll of a list source; `layout` is what is to be kept of it, None for nothing new."""

    def __init__(self, source: Source, around: Surroundings, now: datetime) -> None:
        self._source = source
        self._around = around
        self._now = now
        self.layout: Layout | None = None
        self._elsewhere: Proposal | None = None

    def passed(self, found: Collected) -> Collected:
        """Return what may be taken of a poll; its `failure` says why nothing else may be."""
        if found.failure is not None:
            links = {item.link for item in found.rechecked if item.link}
            told = self.explained(found.failure, found)
            return replace(_without(found, links), failure=told)
        items = (*found.items, *found.rechecked)
        page = found.list_page
        looks = look_at_pages(items, found.rejections, page.links if page else ())
        if found.kind != "list" or (page is None and not looks):
            return found
        layout = self._around.layout()
        look = None if page is None else self._look(found, layout.profile)
        bad = bad_links(layout.profile, looks) if layout.profile.pages >= LEAST_PAGES else set()
        reasons = [
            *(list_reasons(layout.profile, look) if look else ()),
            *page_reasons(layout.profile, looks, layout.bad_links),
        ]
        if reasons:
            proposal = self._proposal(reasons, found)
            failure = self._suspect(layout, reasons, bad, proposal)
            links = {item.link for item in items if item.link}
            return replace(_holding(found, links, reasons), failure=failure)
        self.layout = _learned(layout, look, looks, bad)
        return _without(found, bad)

    def explained(self, error: IngestError, found: Collected = NOTHING) -> IngestError:
        """Return why a poll failed: rules that find nothing where they used to find rows.

        `found` is what known pages say meanwhile.
        """
        job = self._around.list_job
        if not isinstance(error, RulesMismatch) or job is None:
            return error
        layout = self._around.layout()
        if not layout.profile.polls:
            return error
        proposal = self._best()
        moved = proposal is not None and proposal.continued >= LEAST_CONTINUED
        rules = None if proposal is None else {**self._source.rules, **proposal.rules}
        rules = rules and without_unfit(rules, found)
        return self._suspect(layout, ["empty"], set(), rules, certain=moved) or error

    def _look(self, found: Collected, profile: Profile) -> ListLook | None:
        """Measure the list; one much shorter than usual is searched for rows that we know."""
        assert found.list_page is not None  # noqa: S101 - the caller has looked
        look = look_at_list(found.list_page)
        if look.rows >= SHORT * profile.rows:
            return look
        before = {canonical(link) for link in self._around.listed_before()}
        read = {canonical(row.link) for row in found.list_page.links}
        lost = before - read
        found_again = 0
        for proposal in self._proposals() if lost else ():
            again = [row for row in proposal.rows if canonical(row.link) in lost]
            if len(again) > found_again and self._has_moved(proposal, lost, read, profile):
                found_again, self._elsewhere = len(again), proposal
        return replace(look, listed_before=len(before), elsewhere=found_again)

    def _has_moved(
        self, proposal: Proposal, lost: set[str], read: set[str], profile: Profile
    ) -> bool:
        """Whether known rows moved there, or always stood there too, as the most read ones do.

        Rows that used to print their dates still do; where they never did, something new is among
        them that the rules do not read.
        """
        if profile.dated >= HIGH:
            again = [row for row in proposal.rows if canonical(row.link) in lost]
            own = not proposal.rules["list"].get("date", "").startswith("xpath:preceding")
            return own and 2 * sum(row.published_at is not None for row in again) >= len(again)
        known = {canonical(name) for name in self._around.known_names() if "://" in name}
        return any(canonical(row.link) not in known | read for row in proposal.rows)

    def _suspect(
        self,
        layout: Layout,
        reasons: Sequence[str],
        bad: Collection[str],
        proposal: Mapping[str, Any] | None,
        *,
        certain: bool = False,
    ) -> LayoutChanged | None:
        """Note that a poll looked wrong; once that is certain, return the error that says so."""
        suspected = layout.suspected + 1
        certain = certain or suspected >= CERTAIN_AFTER or layout.changed_at is not None
        self.layout = replace(
            layout,
            suspected=suspected,
            reasons=tuple(reasons),
            bad_links=_remembered(layout, bad),
            changed_at=(layout.changed_at or self._now) if certain else None,
            proposal=proposal,
        )
        if not certain:
            return None
        return LayoutChanged(
            self._source.url,
            f"the layout has changed ({', '.join(reasons)}); nothing is taken from it until"
            f" `feedsvc sources accept-layout {self._source.slug}`",
        )

    def _proposal(self, reasons: Sequence[str], found: Collected) -> Mapping[str, Any] | None:
        """The rules that would read the source now: list rules proposed anew, page rules that fit."""
        rules = dict(self._source.rules)
        if {"dates", "titles", "paging"}.intersection(reasons):
            proposal = self._best()
            if proposal is None:
                return None
            rules |= proposal.rules
        elif self._elsewhere is not None:
            rules["list"] = united(rules["list"], self._elsewhere.rules["list"])
        fitting = without_unfit(rules, found)
        return None if fitting == self._source.rules else fitting

    def _best(self) -> Proposal | None:
        """The proposal that continues most of what the source had, if one can be relied on."""
        proposals = self._proposals()
        best = max(proposals, key=lambda each: (each.continued, each.confidence), default=None)
        if best is None or (best.continued < LEAST_CONTINUED and best.confidence < SURE):
            return None
        return best

    def _proposals(self) -> Sequence[Proposal]:
        job = self._around.list_job
        if job is None:
            return ()
        known = frozenset(self._around.known_names())
        try:
            survey = self._around.parse(replace(job, kind="survey", rules=None, known=known))
        except Aborted:
            raise
        except IngestError:
            return ()
        return survey.proposals if isinstance(survey, Survey) else ()


def united(current: Mapping[str, str], other: Mapping[str, str]) -> dict[str, str]:
    """Return list rules that read the rows of both. Pure; where they are not CSS, the other's."""
    both = {**current, **other}
    if any(rule.startswith(("xpath:", "json:")) for rule in (*current.values(), *other.values())):
        return dict(other)
    for name, usual in (("items", ""), ("link", "a"), ("title", "a"), ("date", "")):
        rules = dict.fromkeys(each.get(name, usual) for each in (current, other))
        joined = ", ".join(rule for rule in rules if rule)
        if joined:
            both[name] = joined
    return both


def without_unfit(rules: Mapping[str, Any], found: Collected) -> dict[str, Any]:
    """Return the rules without those for article pages that no longer match; these are read generically."""
    unfit = unfit_rules((*found.items, *found.rechecked), found.rejections)
    kept = {name: value for name, value in rules.get("page", {}).items() if name not in unfit}
    rest = {name: value for name, value in rules.items() if name != "page"}
    return {**rest, "page": kept} if kept else rest


def unfit_rules(items: Sequence[Item], rejections: Sequence[Rejection]) -> set[str]:
    """Return the page rules that no longer match on most pages, by name. Pure."""
    failed = sum(each.kind == "rules_mismatch" for each in rejections)
    missed = [
        repair.detail.removeprefix("page.")
        for item in items
        for repair in item.repairs
        if repair.kind == "rule_unmatched"
    ]
    unfit = {name for name in set(missed) if 2 * missed.count(name) >= len(items)}
    return unfit | ({"body"} if 2 * failed >= len(items) + failed and failed else set())


def _learned(
    layout: Layout, look: ListLook | None, looks: Sequence[PageLook], bad: Collection[str]
) -> Layout:
    """The layout after a poll that looked as usual; a bad page alone is remembered for the next one."""
    usual = [each for each in looks if each.link not in bad or each.failed]
    only_bad = bool(bad) and len(bad) == len({each.link for each in looks})
    if looks or look is not None:
        layout = replace(layout, profile=learn(layout.profile, look, usual))
    remembered = _remembered(layout, bad) if only_bad or not looks else ()
    return replace(
        layout, suspected=0, changed_at=None, reasons=(), proposal=None, bad_links=remembered
    )


def _remembered(layout: Layout, bad: Collection[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*layout.bad_links, *sorted(bad))))[-MOST_REMEMBERED:]


def _holding(found: Collected, links: Collection[str], reasons: Sequence[str]) -> Collected:
    """What is left of a poll that waits for the next one, which must see everything again."""
    note = Repair(kind="layout_suspected", detail=", ".join(reasons))
    left = _without(found, links)
    return replace(left, complete=False, held_back=True, repairs=(note, *found.repairs))


def _without(found: Collected, links: Collection[str]) -> Collected:
    """Leave pages out, but not the word that an article is withdrawn: no layout is needed for that."""
    if not links:
        return found
    kept = [
        tuple(item for item in some if item.link not in links or takes_back(item))
        for some in (found.items, found.rechecked)
    ]
    held = sorted(set(links) - {each.subject for each in found.rejections})
    notes = tuple(
        Rejection(
            subject=link, kind="layout_changed", message="held back: it does not look as usual"
        )
        for link in held
    )
    return replace(
        found,
        items=kept[0],
        rechecked=kept[1],
        looked_at=tuple(page for page in found.looked_at if page.gone or page.link not in links),
        rejections=(*found.rejections, *notes),
    )
