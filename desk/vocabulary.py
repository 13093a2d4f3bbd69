"""The words people type and read for what the ledger stores; a test compares them with the ledger.

They stand here again because a help page may not wait for the ledger to be imported.
"""

from __future__ import annotations


def _same(*words: str) -> dict[str, str]:
    return {word: word for word in words}


OBLIGATION_STATES = _same("待报", "待审", "退回", "已收", "免报", "未报", "已撤销")
PROBLEM_STATES = _same(
    *("已登记", "已交办", "已签收", "整改中", "申请销号"),
    *("核验中", "已销号", "已归档", "已撤销"),
)
EXTENSION_STATES = _same("待批", "同意", "不同意", "逾期失效")
MESSAGE_STATES = {
    "draft": "草稿",
    "held": "待放行",
    "ready": "待发",
    "sending": "发送中",
    "sent": "已发",
    "failed": "失败",
    "unknown": "不明",
    "skipped": "不发",
}
MESSAGE_KINDS = {
    "digest": "每日消息",
    "launch": "启动通知",
    "stage": "阶段通知",
    "receipt": "回执",
    "send_back": "退回通知",
    "notice": "临时通知",
    "correction": "更正",
    "recall": "撤回",
    "undelivered": "送达失败",
    "held": "待放行",
}
CHANNELS = {
    "email": "邮箱",
    "wecom": "企业微信应用",
    "wecom_robot": "企业微信群机器人",
    "dingtalk": "钉钉机器人",
    "feishu": "飞书机器人",
    "webhook": "通用接口",
}
FACES = {
    "launch": "启动通知",
    "stage": "转段通知",
    "weekly": "每周提醒",
    "due": "到期提醒",
    "urge": "催办",
    "supervise": "督办通知",
    "leading_group": "提请领导小组",
    "send_back": "退回",
    "extension": "延期批复",
    "closed": "销号通知",
    "reopened": "重开通知",
    "stage_waiting": "阶段待决",
    "undelivered": "送达失败",
    "self_audit": "自查报告",
    "held": "待放行",
    "notice": "临时通知",
    "correction": "更正",
    "recall": "撤回",
    "receipt": "回执",
    "digest": "每日消息",
}
"""Kinds of message as readers know them, each a folder of templates."""
ROLES = _same("联络员", "主要负责人", "责任领导", "督导组", "领导小组", "活动办", "系统管理员")
ITEM_KINDS = {
    "rung": "逐级提醒",
    "weekly": "周清单",
    "extended": "延期",
    "reopened": "重开",
    "closed": "销号",
    "lapsed": "延期失效",
    "redated": "改期",
    "review_waiting": "待审提醒",
    "stage_waiting": "待转段提醒",
    "undated": "待定期",
    "missing": "未报名单",
    "set_aside": "数据有误",
    "assigned": "交办",
    "amended": "方案变动",
    "audit": "自查报告",
    "announced": "临时通知",
    "unsigned": "催签收",
    "undelivered": "送达失败",
    "held": "待放行",
    "act": "通知",
}
