"""Words of the watch lists' pages, Chinese and English; the classes, what staff do, and what can be wrong."""

from typing import Final

WATCH_WORDS: Final[dict[str, tuple[str, str]]] = {
    "section_watch": ("提示名单", "Watch list"),
    "on_watch_list": ("名单提示", "On the watch list"),
    "watch": ("名单提示", "Watch list"),
    "decision_watch": ("提示名单", "Watch list"),
    "watch_law": (
        (
            "名单只用于提请工作人员当面核对：闸机不因名单拦人，也不因名单放行。"
            "按《个人信息保护法》第五、六、十九、三十四条，须有明确、合理的法定目的，人数最少、时间最短；到期自动删除。"
            "信访、投诉、举报是公民的权利，不得作为列入的理由。"
        ),
        (
            "The list only asks staff to look: no gate stops or admits anybody for it. By the Personal Information "
            "Protection Law (art. 5, 6, 19, 34) it needs a clear, lawful purpose, as few people and as little time as "
            "possible; entries end by themselves. Petitioning, complaining and reporting are rights, never a ground."
        ),
    ),
    "watch_propose": ("提出列入", "Propose an entry"),
    "watch_propose_line": (
        "提出后由另一人确认才生效。号码加密保存，闸机只得到不可逆的摘要。",
        "It takes effect once another person has confirmed it. The number is kept encrypted; gates get a digest only.",
    ),
    "watch_number": ("证件号码", "Document number"),
    "watch_kind": ("类别", "Class"),
    "watch_begins": ("开始", "From"),
    "watch_ends": ("截止（含当天，最长一年）", "Until (that day included, a year at most)"),
    "watch_ends_short": ("截止", "Until"),
    "watch_asked_by": ("提出单位和文号", "Who asked for it, and the reference"),
    "watch_why": ("依据（写事实）", "Grounds (the facts)"),
    "watch_note": ("给入口人员的提示（可不填，不写姓名和号码）", "Note for entry staff (optional; no name, no number)"),
    "watch_everywhere": ("所有大厅", "All halls"),
    "watch_wanted": ("公安协查", "Sought by the police"),
    "watch_needs_help": ("走失需帮助", "Missing, needs help"),
    "watch_court_ban": ("法院禁止入内", "Barred by a court"),
    "watch_document_lost": ("证件挂失", "Document reported lost"),
    "watch_disorder": ("扰乱秩序", "Disturbed the hall"),
    "watch_ended": ("名单条目已到期或已撤销", "The entry has ended or was taken back"),
    "watch_todo_wanted": (
        "不要惊动，也不要阻拦。请对方稍等，走开后报警。",
        "Stay calm and do not hold them. Ask them to wait, step away, call the police.",
    ),
    "watch_todo_needs_help": (
        "请坐下休息，陪着，联系家人或社区。",
        "Offer a seat, stay with them, call the family or the community.",
    ),
    "watch_todo_court_ban": (
        "请到一旁说明，请值班领导处理。",
        "Explain it aside; the manager on duty takes over.",
    ),
    "watch_todo_document_lost": (
        "核对本人和照片。不是本人，请报警。",
        "Compare person and photo. If it is somebody else, call the police.",
    ),
    "watch_todo_disorder": ("照常办理，请保安留意。", "Serve them as usual; let security know."),
    "watch_todo_ended": ("当面核对后，照常办理。", "Check the document, then serve them as usual."),
    "watch_companion": ("同行人员", "a companion"),
    "watch_import": ("批量导入", "Import a file"),
    "watch_import_line": (
        (
            "CSV 文件，第一行为列名：证件号码、类别、开始（可无）、截止、提出单位、依据、提示（可无）。"
            "最多 500 行；有一行不对就一行也不导入。"
        ),
        (
            "CSV with a head line: number, kind, begins (optional), ends, asked_by, why, note (optional). "
            "At most 500 lines; if one line is wrong, none is taken."
        ),
    ),
    "watch_choose_file": ("选择文件", "Choose a file"),
    "watch_import_text": ("文件内容", "Content of the file"),
    "watch_import_check": ("核对并提出", "Check and propose"),
    "watch_in_force": ("名单", "The list"),
    "watch_counted": ("生效 {number} 条", "{number} in force"),
    "watch_counted_open": ("待确认 {number} 条", "{number} to confirm"),
    "watch_to_decision": ("复核 {number}", "Decision {number}"),
    "watch_waits": ("待确认", "Waits for confirmation"),
    "watch_later": ("未开始", "Not yet"),
    "watch_active": ("生效中", "In force"),
    "watch_nobody": ("名单上没有人。", "Nobody is on the list."),
    "watch_search": ("按号码查询", "Search by number"),
    "watch_search_button": ("查询", "Search"),
    "watch_search_none": ("名单上没有这个号码。", "That number is not on the list."),
    "watch_search_found": ("名单上有这个号码：{number} 条。", "That number is on the list: {number} entries."),
    "watch_take_back": ("撤销", "Take off"),
    "watch_take_back_why": ("撤销原因", "Why it is taken off"),
    "watch_show_number": ("查看号码", "Show the number"),
    "watch_shown_number": (
        "{id} 的证件号码：{number}。已记入审计。",
        "Number of {id}: {number}. This was noted in the audit.",
    ),
    "watch_no_key": (
        "这条记录的号码用旧密钥加密，无法打开。请撤销后重新提出。",
        "The number of this entry was locked with an old key. Take it off and propose it again.",
    ),
    "watch_done_proposed": (
        "已提出，等另一人在“双人复核”里确认。",
        "Proposed. Another person confirms it on the page of decisions.",
    ),
    "watch_done_removed": (
        "已撤销，号码已删除，闸机半分钟内更新。",
        "Taken off; the number is deleted, gates follow.",
    ),
    "watch_no_such": ("没有这一条：已到期或已撤销。", "There is no such entry: it has ended or was taken back."),
    "watch_moved": ("内容与提出时不一致，请重新提出。", "It is not what was proposed. Propose it again."),
    "watch_over": ("等待期间已到期，请重新提出。", "It ended while it waited. Propose it again."),
    "watch_full": (
        "名单已满（最多 5000 条）。请先撤销不再需要的。",
        "The list is full (5000 entries). Take off what is no longer needed.",
    ),
    "watch_wrong": ("没有提出，请改正：", "Nothing was proposed. Please mend:"),
    "watch_line": ("第 {line} 行", "line {line}"),
    "watch_need_why": ("请写明原因。", "Please say why."),
    "watch_proposed_by": ("提出人", "Proposed by"),
    "watch_confirmed_by": ("确认人", "Confirmed by"),
    "watch_file": ("文件", "File"),
    "watch_bad_missing": ("没有填号码", "no number"),
    "watch_bad_check": (
        "身份证号码的校验码或出生日期不对，请核对",
        "check digit or birth date do not agree: look again",
    ),
    "watch_bad_length": ("身份证号码应为 18 位", "an identity number has 18 characters"),
    "watch_bad_number": (
        "应为身份证号码，或 5 至 14 位字母和数字",
        "an identity number, or 5–14 letters and digits",
    ),
    "watch_bad_kind": ("没有这个类别", "there is no such class"),
    "watch_bad_day": ("不是日期，请写成 2026-11-30", "no date; write 2026-11-30"),
    "watch_bad_begins": ("应在今天之后 90 天以内", "from today, within 90 days"),
    "watch_bad_until": ("必须填写截止日期", "a last day is needed"),
    "watch_bad_before": ("截止早于开始", "it ends before it begins"),
    "watch_bad_far": ("最长一年", "a year at most"),
    "watch_bad_past": ("日期已过", "that day is over"),
    "watch_bad_short": ("请填写清楚", "please say more"),
    "watch_bad_long": ("太长", "too long"),
    "watch_bad_control": ("有不可见的字符", "it has control characters"),
    "watch_bad_holds_number": ("这里不要写证件号码", "no document number belongs here"),
    "watch_bad_rights": (
        "信访、投诉、举报是公民的权利，不能作为理由；请写具体行为",
        "petitioning, complaining and reporting are rights and no ground: state the act",
    ),
    "watch_bad_already": ("已在名单上（同一类别）", "on the list already, in the same class"),
    "watch_bad_twice": ("文件里重复", "twice in the file"),
    "watch_bad_column": ("缺少这一列", "that column is missing"),
    "watch_bad_cells": ("列数比表头多", "more cells than the head line"),
    "watch_bad_file": ("不是 CSV 文件", "this is no CSV"),
    "watch_bad_empty": ("文件里没有内容", "the file is empty"),
    "watch_bad_many": ("超过 500 行，请分开导入", "more than 500 lines: import it in parts"),
    "kept_watch": ("提示名单条目", "Entries of watch lists"),
    "because_watch_dealt_with": ("名单提示已处理", "List: dealt with"),
    "because_watch_not_them": ("名单提示：不是本人", "List: somebody else"),
    "because_watch_handed_over": ("名单提示：已交公安或保安", "List: handed to police or security"),
    "watch_alarm": ("名单提示：请到通道当面核对", "Watch list: please go to the lane and look"),
    "only_look_watch": ("您可以查看名单，不能提出或撤销。", "You may read the list, not change it."),
}
