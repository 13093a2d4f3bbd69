"""The offices a person can hold. The ladder climbs these, never persons by name."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """An office; its value is the word people read and write in plans and tables."""

    CONTACT = "联络员"
    HEAD = "主要负责人"
    LEADER = "责任领导"
    SUPERVISION = "督导组"
    LEADING_GROUP = "领导小组"
    OFFICE = "活动办"
    ADMIN = "系统管理员"
