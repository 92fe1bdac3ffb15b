"""What a correction makes of an article's words."""

from __future__ import annotations

import pytest

from feedsvc.curate.desk import Correction, corrected_content
from feedsvc.domain.item import AiLabel
from tests.publish.stored import article


@pytest.mark.parametrize("label", ["generated", "assisted"])
def test_an_editor_says_that_a_machine_made_it_and_takes_that_back(label: AiLabel) -> None:
    content, edited = corrected_content(article(1), Correction(ai_label=label))
    assert (content.ai_label, edited) == (label, {"ai_label"})
    again, edited = corrected_content(article(1, content), Correction(ai_label=""))
    assert (again.ai_label, edited) == ("", {"ai_label"})


def test_a_label_that_stands_already_is_no_correction() -> None:
    assert corrected_content(article(1), Correction(ai_label=""))[1] == set()
