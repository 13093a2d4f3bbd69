"""What may stop a command without being a fault of the program, each as one Chinese sentence."""

from __future__ import annotations

import errno

from sqlalchemy.exc import DatabaseError, InterfaceError, OperationalError

from config.clock import ClockError
from config.holiday_notice import HolidayListError
from config.schema import SchemaError
from config.settings import SettingsError
from config.tables import TableError
from ledger.errors import LedgerError

SPOKEN = (LedgerError, TableError, HolidayListError, SettingsError, ClockError, SchemaError)
"""Errors whose own words are the sentence; a plan's are one line per fault."""

FORESEEABLE = (*SPOKEN, OSError, OperationalError, InterfaceError, DatabaseError)

DATABASE_SAYS = {
    "is locked": "数据库正被另一个程序占用，这次没有写入任何内容；请稍后重试。",
    "is full": "磁盘已满，这次没有写入任何内容；请腾出空间后重试。",
    "disk i/o error": "读写数据库时磁盘出错；请检查磁盘空间和磁盘状况后重试。",
    "readonly": "数据库只能读、不能写；请核对 DUBAN_HOME 下数据库文件和目录的权限。",
    "unable to open": "数据库文件打不开；请核对 DUBAN_HOME 和该处的权限，或先运行 duban migrate。",
    "not a database": "DUBAN_DATABASE_URL 所指的文件不是数据库；请改正，或换一个 DUBAN_HOME。",
    "malformed": "数据库文件已损坏；请停止服务并用最近的备份恢复。",
    "no such": "数据库与本程序的版本不符；请先运行 duban migrate。",
    "connection": "连不上数据库；请核对 DUBAN_DATABASE_URL，并确认数据库服务在运行。",
}
"""By what the database's driver says; anything else is a fault of the program."""

SYSTEM_SAYS = {
    errno.ENOENT: "没有这个文件或目录",
    errno.EISDIR: "这是目录，不是文件",
    errno.ENOTDIR: "路径的中间一段不是目录",
    errno.EACCES: "没有权限",
    errno.EPERM: "没有权限",
    errno.ENOSPC: "磁盘已满，请腾出空间后重试",
    errno.EROFS: "该处只能读、不能写",
    errno.ENAMETOOLONG: "名称太长",
}


def sentence(error: Exception) -> str:
    """The sentence to print; raises the error again when it is not a foreseeable one."""
    if isinstance(error, SPOKEN):
        return str(error)
    if isinstance(error, OSError):
        return _of_the_system(error)
    said = str(getattr(error, "orig", error)).lower()
    for words, answer in DATABASE_SAYS.items():
        if words in said:
            return answer
    raise error


def _of_the_system(error: OSError) -> str:
    where = f"{error.filename}：" if error.filename else ""
    what = SYSTEM_SAYS.get(error.errno or 0, error.strerror or str(error))
    return f"{where}{what}；请核对路径后重试。"
