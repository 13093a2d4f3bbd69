"""Whom our connections trust: the system's authorities, and those the administrator adds."""

from __future__ import annotations

import ssl
from functools import cache
from pathlib import Path

from notifications.mail import ChannelDown


@cache
def trusting(ca_file: Path | None) -> ssl.SSLContext:
    """A context that checks certificates and names; kept, since making one costs a dozen mails.

    Raises ChannelDown when the file of further authorities is none.
    """
    context = ssl.create_default_context()
    if ca_file is not None:
        try:
            context.load_verify_locations(ca_file)
        except OSError as error:  # a file that holds no certificate is an SSLError, an OSError
            raise ChannelDown(
                f"DUBAN_CA_FILE 所指的文件 {ca_file} 读不出证书：请核对路径、权限和格式（PEM）"
            ) from error
    return context


def trouble(error: OSError) -> str:
    """Why a connection failed, in Chinese where it is one of the usual reasons."""
    match error:
        case ssl.SSLCertVerificationError():
            why = f"对方的证书不可信（{error.verify_message}）"
            return f"{why}；自建的证书机构请用 DUBAN_CA_FILE 指明"
        case ssl.SSLError():
            return f"加密连接没有建成（{error.reason or error}），请核对端口和加密方式"
        case TimeoutError():
            return "等了太久没有应答"
        case ConnectionRefusedError():
            return "对方拒绝连接，请核对端口和防火墙"
        case ConnectionError():
            return "连接中断"
    return error.strerror or str(error) or type(error).__name__
