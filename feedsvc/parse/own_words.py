"""What services like ours say of an article in an object `_feedsvc`: in JSON Feed and on its page."""

from __future__ import annotations

from collections.abc import Mapping

from feedsvc.domain.item import AiLabel, Dateline, Marker, MarkerStatus
from feedsvc.domain.parsed import ParseJob
from feedsvc.parse.json_values import Object, obj, string
from feedsvc.text.dates import read_date
from feedsvc.text.scrub import one_line

_STATUSES: Mapping[str, MarkerStatus] = {"withdrawn": "withdrawn", "corrected": "corrected"}
_LABELS: Mapping[str, AiLabel] = {"generated": "generated", "assisted": "assisted"}


def marker_of(ours: Object, job: ParseJob) -> Marker | None:
    """The marker that status, reason and time make; None for an article that is neither."""
    status = _STATUSES.get(string(ours, "status"))
    if status is None:
        return None
    at = read_date(string(ours, "at"), zone=job.timezone, seen_at=job.seen_at)
    return Marker(
        status=status, reason=one_line(string(ours, "reason"), 200), at=at.at if at else None
    )


def dateline_of(ours: Object) -> Dateline | None:
    """The dateline, None where not one of its three words is said."""
    told = obj(ours, "dateline")
    place, date, agency = (one_line(string(told, key), 60) for key in ("place", "date", "agency"))
    return Dateline(place=place, date=date, agency=agency) if place or date or agency else None


def ai_label_of(ours: Object) -> AiLabel:
    """The label of a text that a machine made or helped to make; "" where there is none."""
    return _LABELS.get(string(ours, "ai_label"), "")
