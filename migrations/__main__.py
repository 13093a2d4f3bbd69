"""`python -m migrations WHAT` writes the next version file from the models; then read it."""

from __future__ import annotations

import sys

from migrations import write_version

if len(sys.argv) != 2:
    sys.exit("用法：python -m migrations 改了什么（英文小写加下划线，例如 add_visits）")
print(write_version(sys.argv[1]))
