"""An invented list of 2027, in the words of a notice; no such notice was ever issued."""

from __future__ import annotations

from datetime import date, timedelta

from ledger.workdays import YearList, YearStatus

TEXT = """关于2027年部分节假日安排的通知（虚构）
一、元旦：1月1日（周五）至3日（周日）放假，共3天。
二、春节：2月5日（农历除夕、周五）至11日（周四）放假调休，共7天。1月30日（周六）、2月13日（周六）上班。
三、清明节：4月5日（周一）放假，与周末连休。
四、劳动节：5月1日（周六）至5日（周三）放假调休，共5天。4月25日（周日）、5月8日（周六）上班。
五、端午节：6月9日（周三）放假1天。
六、中秋节：9月15日（周三）放假1天。
七、国庆节：10月1日（周五）至7日（周四）放假调休，共7天。9月26日（周日）、10月9日（周六）上班。
"""


def _days(first: str, last: str) -> list[date]:
    start, end = (date.fromisoformat(f"2027-{text}") for text in (first, last))
    return [start + timedelta(days=n) for n in range((end - start).days + 1)]


OFF = frozenset(
    day
    for span in (
        *(("01-01", "01-03"), ("02-05", "02-11"), ("04-05", "04-05"), ("05-01", "05-05")),
        *(("06-09", "06-09"), ("09-15", "09-15"), ("10-01", "10-07")),
    )
    for day in _days(*span)
)
WORK = frozenset(
    date.fromisoformat(f"2027-{text}")
    for text in ("01-30", "02-13", "04-25", "05-08", "09-26", "10-09")
)
LIST = YearList(2027, YearStatus.PUBLISHED, off=OFF, work=WORK)
