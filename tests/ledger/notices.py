"""The five notices whose plans duban brings along, each with the facts read out of it by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
CAMPAIGNS = ROOT / "config/campaigns"
PLANS = {
    0: CAMPAIGNS / "yi-chuang-shuang-you-2011.yaml",
    1: CAMPAIGNS / "gan-zhuan-zheng-2017.yaml",
    2: CAMPAIGNS / "liang-xue-yi-chuang-2006.yaml",
    3: CAMPAIGNS / "wen-ming-chuang-jian.yaml",
    4: CAMPAIGNS / "chuang-xian-zheng-you-2011.yaml",
}


def core_duties(notice: int) -> dict[str, dict[str, Any]]:
    """The facts of every core duty of a notice by its id, in the notice's order."""
    duties = json.loads((ROOT / f"tests/gold/{notice}.json").read_text("utf-8"))
    return {duty["id"]: duty for duty in duties if duty["tier"] == "core"}
