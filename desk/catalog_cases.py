"""What can be typed about a running campaign: campaign, submission, problem, extension."""

from __future__ import annotations

from desk.parameters import (
    NUMBER,
    OF_CAMPAIGN,
    SLUG,
    THE_CAMPAIGN,
    UNIT,
    Day,
    Moved,
    OneOf,
    argument,
    day,
    file,
    flag,
    option,
    plan_file,
    verdict,
)
from desk.verbs import Needs, noun, verb
from desk.vocabulary import EXTENSION_STATES, OBLIGATION_STATES, PROBLEM_STATES

WRITING = Needs.WRITING

ITEM = argument("item", "事项")
STAGE = argument("stage", "阶段")
WHICH = argument("which", "活动#编号", nargs=-1, required=True)
WHOSE = (
    option("--unit", "单位", "哪个单位；不写则为操作人自己的单位"),
    option("--respondent", "主体", "由岗位报送的，写主体的名称（代替 --unit）"),
    option("--period", "期", "哪一期，如 2017-W16、2017-04；不写则为最早未了的一期"),
)
REASON = option("--reason", "理由", "理由", required=True)
MAY_SAY_WHY = option("--reason", "理由", "理由", default="")
NOTE = option("--note", "意见", "意见", default="")
DUE = day("--due", "整改期限", required=True)

CAMPAIGN = noun(
    "campaign",
    "活动：启动、查看、转段、延期、暂停、恢复、结束、取消",
    verb(
        "launch",
        "campaign:launch",
        "启动一次活动：列出已过或临近的固定日期，逐项保留、改期或不再要求。",
        plan_file(),
        option("--keep", "事项", "这一事项保留原日期", multiple=True),
        option("--move", "事项=日期", "这一事项改期", multiple=True, type=Moved()),
        option("--drop", "事项", "这一事项不再要求", multiple=True),
        MAY_SAY_WHY,
        needs=WRITING,
    ),
    verb(
        "status",
        "campaign:status",
        "查看活动：各阶段、应报与已报、等活动办办理的事；不写活动则列出全部活动。",
        argument("slug", "[活动]", required=False),
    ),
    verb(
        "decide",
        "campaign:decide_stage",
        "转段：结束一个阶段，启动排在它后面的；加 --open 则启动一个阶段。",
        SLUG,
        STAGE,
        flag("--open", "opening", "启动这个阶段，而不是转段"),
        MAY_SAY_WHY,
        needs=WRITING,
    ),
    verb(
        "extend",
        "campaign:extend",
        "阶段延期：改阶段的截止日期，并列出已过或临近的固定日期。",
        SLUG,
        STAGE,
        argument("new_due", "新截止日期", type=Day()),
        REASON,
        needs=WRITING,
    ),
    verb(
        "pause",
        "campaign:pause",
        "暂停活动：期间不开立、不提醒、不锁定。",
        SLUG,
        REASON,
        needs=WRITING,
    ),
    verb(
        "resume",
        "campaign:resume",
        "恢复活动：期限按暂停的工作日数顺延。",
        SLUG,
        MAY_SAY_WHY,
        needs=WRITING,
    ),
    verb("close", "campaign:close", "结束活动。", SLUG, MAY_SAY_WHY, needs=WRITING),
    verb(
        "cancel",
        "campaign:cancel",
        "取消活动：没有报的不再要求，已经报的留档，并告知各单位。",
        SLUG,
        REASON,
        needs=WRITING,
    ),
)

SUBMISSION = noun(
    "submission",
    "报送：报送、收下、退回、免报、随事开立、查看、汇总、未报名单",
    verb(
        "hand-in",
        "submission:hand_in_one",
        "报送一件，可带附件；代报须写明理由。",
        SLUG,
        ITEM,
        *WHOSE,
        option("--text", "文字", "报送的文字", default=""),
        file("--file", "附件，可写多次", multiple=True, name="files"),
        option("--count", "数量", "这一次报了几件", type=int, default=1),
        option("--on-behalf", "理由", "代别的单位报送的理由"),
        needs=WRITING,
    ),
    verb("accept", "submission:accept_one", "审核通过，收下。", SLUG, ITEM, *WHOSE, needs=WRITING),
    verb(
        "send-back",
        "submission:send_back_one",
        "退回修改：期限为三个工作日，方案另有规定的从其规定；首次收到的时间不变。",
        SLUG,
        ITEM,
        *WHOSE,
        REASON,
        needs=WRITING,
    ),
    verb("exempt", "submission:exempt_one", "免报。", SLUG, ITEM, *WHOSE, REASON, needs=WRITING),
    verb(
        "open",
        "submission:open_for_event",
        "随事报送的事项，出一件事开立一次。",
        SLUG,
        ITEM,
        needs=WRITING,
    ),
    verb(
        "list",
        "submission:show_all",
        "列出应报件。",
        OF_CAMPAIGN,
        UNIT,
        option("--state", "状态", "只看这个状态", type=OneOf(OBLIGATION_STATES)),
        flag("--overdue", "overdue", "只看逾期未报的"),
    ),
    verb(
        "gather",
        "gathering:gather",
        "汇总一个事项：各单位报回的表格合并成一个工作簿，全部附件打成一个包。",
        ITEM,
        THE_CAMPAIGN,
        option("--period", "期", "哪一期，如 2017-W16、2017-04；只有一期时可以不写"),
        file("--out", "放到哪个文件夹", name="out", required=True),
    ),
    verb(
        "missing",
        "missing:list_missing",
        "今天的未报名单，可直接贴进工作群：逾期的和三个工作日内到期的。",
        OF_CAMPAIGN,
        day("--until", "列到哪一天到期的为止；不写则为三个工作日内"),
    ),
)

PROBLEM = noun(
    "problem",
    "问题：立项、交办、申请销号、核验、重开、查看",
    verb(
        "register",
        "problem:register_one",
        "立项，登记一个问题。",
        SLUG,
        option("--unit", "单位", "责任单位", required=True),
        option("--title", "问题", "问题是什么", required=True),
        option("--source", "来源", "从哪里来，如 巡查、信访", default=""),
        option("--class", "类别", "哪一类问题", default="", name="problem_class"),
        needs=WRITING,
    ),
    verb(
        "assign",
        "problem:assign_one",
        "交办，写明整改期限。",
        WHICH,
        DUE,
        option("--start-rung", "层级", "从逐级提醒的第几级开始", type=int, default=0),
        needs=WRITING,
    ),
    verb(
        "request-close",
        "problem:request_close_one",
        "申请销号，写明整改结果和佐证。",
        WHICH,
        option("--evidence", "佐证", "整改结果和佐证", required=True),
        needs=WRITING,
    ),
    verb(
        "verify",
        "problem:verify_one",
        "核验：通过则销号，否则退回；申请的人不能自己核验。",
        WHICH,
        verdict("--ok/--return", "ok", "核验通过，或退回"),
        NOTE,
        needs=WRITING,
    ),
    verb(
        "reopen",
        "problem:reopen_one",
        "回头看发现反弹，重开；逐级提醒高一级开始。",
        WHICH,
        DUE,
        REASON,
        needs=WRITING,
    ),
    verb(
        "list",
        "problem:show_all",
        "列出问题。",
        OF_CAMPAIGN,
        UNIT,
        option("--state", "状态", "只看这个状态", type=OneOf(PROBLEM_STATES)),
        flag("--overdue", "overdue", "只看逾期未销号的"),
    ),
)

EXTENSION = noun(
    "extension",
    "延期：申请、批复、查看",
    verb(
        "ask",
        "extension:ask",
        "申请延期：期限之前提出，写明理由。",
        SLUG,
        argument("item", "[事项]", required=False),
        *WHOSE,
        option("--problem", "编号", "为这个编号的问题申请", type=int),
        day("--until", "延到哪一天", required=True),
        REASON,
        needs=WRITING,
    ),
    verb(
        "decide",
        "extension:decide",
        "批复一份延期申请。",
        NUMBER,
        verdict("--grant/--refuse", "granted", "同意，或不同意"),
        NOTE,
        needs=WRITING,
    ),
    verb(
        "list",
        "extension:show_all",
        "列出延期申请。",
        OF_CAMPAIGN,
        option("--state", "状态", "只看这个状态", type=OneOf(EXTENSION_STATES)),
    ),
)
