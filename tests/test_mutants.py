"""The list of planted faults cannot rot: each still has its one place in the code."""

from __future__ import annotations

import pytest

from tests.mutants import MUTANTS, Mutant, text_of


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_every_planted_fault_has_its_place(mutant: Mutant) -> None:
    text = text_of(mutant)
    assert text.replace(mutant.old, mutant.new) != text
