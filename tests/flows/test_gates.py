"""The keys of the gates at which a campaign's run waits."""

from __future__ import annotations

import re

import pytest

from flows.gates import attempt_key, keys_of, moves_of


def test_the_first_attempt_is_named_by_the_moves_alone() -> None:
    assert [attempt_key(3, attempt) for attempt in (1, 2, 3)] == ["move-3", "move-3-2", "move-3-3"]


@pytest.mark.parametrize(("moves", "attempt"), [(0, 1), (3, 2), (120, 11)])
def test_a_key_is_lowercase_ascii_and_tells_its_moves(moves: int, attempt: int) -> None:
    key = attempt_key(moves, attempt)
    assert re.fullmatch(r"[a-z0-9-]+", key)
    assert moves_of(key) == moves


@pytest.mark.parametrize("key", [None, "", "0", "move-", "move-3-x", "remove-3", "move-3-2-1"])
def test_a_key_of_another_kind_is_no_gate_of_ours(key: str | None) -> None:
    assert moves_of(key) is None


def test_the_keys_fired_for_one_move_come_in_order_and_no_others() -> None:
    fired = {"move-1", "move-12", "move-1-2", "move-1-4", "0"}
    assert keys_of(1, fired) == ["move-1", "move-1-2"]
    assert keys_of(2, fired) == []
