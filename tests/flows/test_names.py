"""The names of our flow files: Prefect may put their folder on sys.path, none may hide others."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_no_flow_file_bears_the_name_of_a_stdlib_module_or_of_one_of_our_packages() -> None:
    packages = {folder.name for folder in ROOT.iterdir() if (folder / "__init__.py").exists()}
    assert {"ledger", "notifications", "config"} <= packages
    names = {file.stem for file in (ROOT / "flows").glob("*.py")} - {"__init__", "__main__"}
    assert "campaign" in names
    assert names & (sys.stdlib_module_names | packages) == set()
