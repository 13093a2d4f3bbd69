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

BUSY = "数据库正被另一个程序占用，这次没有写入任何内容；请稍后重试。"
FULL = "磁盘已满，这次没有写入任何内容；请腾出空间后重试。"
AWAY = "连不上数据库；请核对 DUBAN_DATABASE_URL，并确认数据库服务在运行。"
BROKEN_OFF = (
    "与数据库的连接断了，没有做完的已撤回；请确认数据库服务在运行后重试，日程轮会接着未完处办。"
)
OLD = "数据库与本程序的版本不符；请先运行 duban migrate。"
PASSWORD = "数据库不认这个用户名或密码；请核对 DUBAN_DATABASE_URL。"
NO_DATABASE = "数据库服务器上没有这个数据库；请管理员先建好（编码 UTF8），再运行 duban migrate。"
CROWDED = "数据库的连接已用完；请稍后重试，或请管理员调大 max_connections。"

DATABASE_SAYS = {
    "is locked": BUSY,
    "is full": FULL,
    "disk i/o error": "读写数据库时磁盘出错；请检查磁盘空间和磁盘状况后重试。",
    "readonly": "数据库只能读、不能写；请核对 DUBAN_HOME 下数据库文件和目录的权限。",
    "unable to open": "数据库文件打不开；请核对 DUBAN_HOME 和该处的权限，或先运行 duban migrate。",
    "not a database": "DUBAN_DATABASE_URL 所指的文件不是数据库；请改正，或换一个 DUBAN_HOME。",
    "malformed": "数据库文件已损坏；请停止服务并用最近的备份恢复。",
    "no such table": OLD,
    "no such column": OLD,
    "authentication failed": PASSWORD,
    "no password supplied": PASSWORD,
    'role "': PASSWORD,
    "failed to resolve": "找不到数据库服务器；请核对 DUBAN_DATABASE_URL 里的主机名和网络。",
    "does not exist": NO_DATABASE,
    "too many clients": CROWDED,
    "remaining connection slots": CROWDED,
    "nul (0x00)": "有一项内容里有数据库存不下的空字符；请删去后重试。",
    "connection": AWAY,
}
"""By what the driver says where there is no code; anything else is a fault of the program."""

SQLSTATE_SAYS = {
    "22001": "有一项内容太长，数据库放不下；请缩短后重试。",
    "25006": "数据库现在只能读、不能写；请管理员核对它是不是备库，或被设成了只读。",
    "28000": PASSWORD,
    "28P01": PASSWORD,
    "3D000": NO_DATABASE,
    "40001": BUSY,
    "40P01": BUSY,
    "42501": "这个数据库用户的权限不够；请管理员授予它在库里建表和读写的权限。",
    "42703": OLD,
    "42P01": OLD,
    "53100": FULL,
    "53200": "数据库服务器内存不足，这次没有写入任何内容；请管理员检查后重试。",
    "53300": CROWDED,
    "55P03": BUSY,
    "57014": "数据库太久没有答复，这一步已撤回；请稍后重试，仍不行请管理员检查服务器。",
}
"""By PostgreSQL's code, whatever language its server speaks."""

SYSTEM_SAYS = {
    errno.ENOENT: "没有这个文件或目录",
    errno.EEXIST: "那里已有一个文件，不是目录",
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
    return _of_the_database(error)


def _of_the_database(error: Exception) -> str:
    if getattr(error, "connection_invalidated", False):
        return BROKEN_OFF
    cause = getattr(error, "orig", error)
    code = getattr(cause, "sqlstate", None)
    if code in SQLSTATE_SAYS:
        return SQLSTATE_SAYS[code]
    said = str(cause).lower()
    for words, answer in DATABASE_SAYS.items():
        if words in said and code is None:
            return answer
    raise error


def _of_the_system(error: OSError) -> str:
    where = f"{error.filename}：" if error.filename else ""
    what = SYSTEM_SAYS.get(error.errno or 0, error.strerror or str(error))
    return f"{where}{what}；请核对路径后重试。"
