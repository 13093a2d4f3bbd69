"""What is wrong with a template of the bureau's, said in Chinese with its file and line."""

from __future__ import annotations

import re
from dataclasses import dataclass

from jinja2 import TemplateSyntaxError, UndefinedError
from jinja2.exceptions import SecurityError


@dataclass(frozen=True)
class Fault:
    """One thing wrong; `file` is named from the bureau's folder on, `line` None: the whole file."""

    file: str
    line: int | None
    why: str

    @property
    def sentence(self) -> str:
        """File, line and what is wrong, in one sentence."""
        where = f"{self.file} 第 {self.line} 行" if self.line else self.file
        return f"改写的模板 {where}：{self.why}；请改正，现用自带的。"


class Refusal(Exception):
    """A template asks for what no template may; str() says what, in Chinese."""


TOKENS = {
    "end of statement block": "%}",
    "end of print statement": "}}",
    "begin of statement block": "{%",
    "begin of print statement": "{{",
    "end of template": "文件结尾",
    "name": "名称",
    "string": "引号里的文字",
    "integer": "数",
}

SAYINGS = (
    (r"(?s)unexpected end of template.*innermost block.*'(\w+)'", "“{0}”没有用 end{0} 结束"),
    (r"(?s)unknown tag '(\w+)'.*innermost block.*'(\w+)'", "“{0}”放得不对：“{1}”还没有结束"),
    (r"unknown tag '(\w+)'", "没有“{0}”这个标签"),
    (r"expected token '(.+?)', got '(.+?)'", "这里应是“{0}”，写成了“{1}”"),
    (r"unexpected char (.+) at", "这里不能写 {0}"),
    (r"unexpected '(.+?)'", "“{0}”放得不对"),
    (r"(?:filter|test) named '(.+?)'", "没有“{0}”这个过滤器"),
    (r"block '(.+?)' defined twice", "“{0}”这一块写了两遍"),
    (r"'None' has no attribute '(.+?)'", "取“{0}”的那一项是空的，请先用 if 判断"),
    (r"has no (?:attribute|element) '?(.+?)'?$", "没有“{0}”这一项"),
    (r"'(.+?)' is undefined", "没有“{0}”这一项"),
    (r"attribute '(.+?)' of .* is unsafe", "不许取用“{0}”"),
    (r"is not safely callable", "不许在模板里调用程序"),
    (r"no loop|missing endraw|missing end of", "前面有一处没有结束"),
)
"""What Jinja says, and how it is said here; the first that fits counts."""


def complaint(error: BaseException) -> str:
    """What an error means for whoever wrote the template."""
    if isinstance(error, Refusal):
        return str(error)
    if isinstance(error, RecursionError):
        return "没完没了地用到自己"
    for pattern, saying in SAYINGS:
        if found := re.search(pattern, str(error), re.IGNORECASE):
            return saying.format(*(TOKENS.get(word, word) for word in found.groups()))
    if isinstance(error, TemplateSyntaxError | SyntaxError):
        return "写法读不懂"
    if isinstance(error, UndefinedError | SecurityError):
        return "用到了没有的东西"
    return "里面的一处算不出来"
