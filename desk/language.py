"""Click's own words in Chinese, through gettext; `pybabel compile -d desk/locale` makes the .mo."""

from __future__ import annotations

import gettext
import os
from pathlib import Path

LOCALE = Path(__file__).parent / "locale"


def speak_chinese() -> None:
    """From now on this process takes gettext's messages from our catalogue."""
    # gettext offers no other way to choose a language than the environment it reads at each call.
    os.environ["LANGUAGE"] = "zh_CN"
    gettext.bindtextdomain("messages", str(LOCALE))
