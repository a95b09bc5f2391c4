"""The sessions of a whole acceptance: nothing is judged through the pages alone."""

from __future__ import annotations

from tests.__main__ import FLOWS, sequence


def test_what_the_pages_do_not_offer_is_asked_of_the_interface() -> None:
    assert [session.via for session in sequence("web", narrowed=False) if session.paths == FLOWS] == ["web", "api"]
    assert [session.via for session in sequence("api", narrowed=False) if session.paths == FLOWS] == ["api"]


def test_a_selection_is_one_session_through_the_channel_that_was_asked_for() -> None:
    [session] = sequence("web", narrowed=True)
    assert set(session.paths) == {path for each in sequence("web", narrowed=False) for path in each.paths}
    assert session.via == "web"
