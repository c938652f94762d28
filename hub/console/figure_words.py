"""Words of the figures and of personal data; part of `hub.console.words`."""

from typing import Final

FIGURE_WORDS: Final[dict[str, tuple[str, str]]] = {
    "figures": ("统计", "Figures"),
    "figures_days": ("每日情况", "By day"),
    "figures_items": ("事项", "Items"),
    "colon": ("：", ": "),
    "comma": ("、", ", "),
    "figures_departments": ("部门", "Departments"),
    "figures_channels": ("渠道", "Channels"),
    "figures_reasons": ("未放行原因", "Reasons for not being admitted"),
    "figures_steps": ("自助办理各步骤人次", "Steps of a submission"),
    "figures_phases": ("用时（中位数）", "Times (medians)"),
    "figures_available": ("设备可用率", "Availability"),
    "figures_screens": ("屏幕", "Screens"),
    "figures_opinions": ("评价与投诉", "Opinions"),
    "figures_daily": ("日报", "Report of the day"),
    "figures_print": ("打印", "Print"),
    "figures_nothing": ("没有记录。", "Nothing was recorded."),
    "figures_worst": ("最多人离开的屏幕", "The screen that most people left"),
    "figures_worst_line": (
        "到过这里的 {people} 人次中有 {left} 人次没办完就离开（{percent}%）。",
        "Of {people} who came to it, {left} went away before they were done ({percent} %).",
    ),
    "figure_visitors_line": ("入厅人次", "Visitors"),
    "figure_min": ("{number} 分钟", "{number} min"),
    "figures_of": ("{number} 次", "of {number}"),
    "figure_visitors": ("入厅人次（含同行）", "Visitors with companions"),
    "figure_admit": ("放行", "Admitted"),
    "figure_refuse": ("不予进入", "Refused"),
    "figure_refer": ("转人工", "Referred"),
    "figure_submissions": ("收到办件", "Submissions"),
    "figure_decided": ("办结", "Decided"),
    "figure_numbers": ("取号", "Numbers taken"),
    "figure_served": ("窗口办理", "Served at windows"),
    "figure_late": ("逾期未答复", "Replies overdue"),
    "figure_in_service": ("服务中", "In service"),
    "figure_devices": ("设备就绪", "Devices ready"),
    "figure_hours": ("观察小时", "Hours seen"),
    "figure_ms": ("{number} 毫秒", "{number} ms"),
    "figure_h": ("{number} 小时", "{number} h"),
    "figure_to_accept": ("收件到受理", "To acceptance"),
    "figure_to_decide": ("受理到办结", "To decision"),
    "figure_screen": ("屏幕", "Screen"),
    "figure_shown": ("显示次数", "Shown"),
    "figure_people": ("到达人次", "Came to it"),
    "figure_hours_median": ("小时（中位数）", "Hours (median)"),
    "figure_left": ("中途离开", "Left"),
    "figure_seconds": ("停留秒数", "Seconds"),
    "channel_desk": ("自助终端", "Self-service terminals"),
    "channel_window": ("其他渠道", "Other channels"),
    "channel_number": ("窗口取号", "Numbers for windows"),
    "channel_appointment": ("预约（不含已取消）", "Appointments, not cancelled"),
    "opinion_complaint": ("投诉", "Complaint"),
    "opinion_suggestion": ("建议", "Suggestion"),
    "opinion_rating": ("评价", "Rating"),
    "reason": ("原因", "Reason"),
    "daily_line": (
        (
            "当日入厅 {visitors} 人次（含同行），放行 {admit} 人，不予进入 {refuse} 人，转人工 {refer} 人；"
            "收到办件 {submissions} 件，窗口办理 {served} 件，办结 {decided} 件。"
        ),
        (
            "{visitors} visitors with their companions; {admit} admitted, {refuse} refused, {refer} referred to staff. "
            "{submissions} submissions, {served} served at windows, {decided} decided."
        ),
    ),
    "daily_month": (
        "近 {days} 日累计：入厅 {visitors} 人次，收到办件 {submissions} 件，窗口办理 {served} 件，办结 {decided} 件。",
        "In {days} days: {visitors} visitors, {submissions} submissions, {served} served, {decided} decided.",
    ),
    "view_desk.ChooseItem": ("选择事项", "Choose an item"),
    "view_desk.ItemSummary": ("事项说明", "What is needed"),
    "view_desk.ReadingCard": ("刷证件", "Identify"),
    "view_desk.Question": ("填写", "Fill in"),
    "view_desk.CapturePaper": ("拍材料", "Papers"),
    "view_desk.Review": ("核对", "Check"),
    "view_desk.Submitting": ("提交", "Submit"),
    "view_desk.Done": ("完成", "Done"),
    # Personal data
    "privacy": ("个人信息", "Personal data"),
    "privacy_kept": ("保存期限", "How long it is kept"),
    "privacy_kept_line": (
        "到期自动删除，删除记录写入审计链。修改期限需要另一人确认。",
        "Removed by itself when due; each removal stands in the audit. A change needs a second person.",
    ),
    "kept_health": ("体温与健康证明", "Temperatures and proofs of health"),
    "kept_heads": ("进出人数", "Head counts"),
    "kept_appointments": ("预约", "Appointments"),
    "kept_passages": ("通行记录中的身份", "Who passed"),
    "kept_queue": ("取号人", "Who took a number"),
    "kept_submissions": ("办件内容与材料", "Content and papers of submissions"),
    "kept_opinions": ("投诉建议原文", "Words of complaints and suggestions"),
    "kept_help": ("远程帮助：通话、备注与留下的号码", "Remote help: calls, notes and numbers that were left"),
    "kept_requests": ("终端请求的答复", "Answers to terminals"),
    "kept_usage": ("设备与屏幕统计", "Figures of use"),
    "kept_days": ("{number} 天", "{number} days"),
    "kept_for_ever": ("长期", "For ever"),
    "kept_propose": ("提出修改", "Propose a change"),
    "kept_new": ("新期限（天）", "New time, in days"),
    "kept_bad": (
        "期限不能短于档案规定，也不能超过 36500 天。",
        "That is shorter than records are kept by law, or too long.",
    ),
    "privacy_person": ("本人申请：查阅、复制、删除", "A person asks: access, copy, erasure"),
    "privacy_person_line": (
        "请先核对本人证件。号码只用于比对，不保存；查询记入审计。",
        "Check the person's document first. The number is only compared, not kept; that you asked is in the audit.",
    ),
    "privacy_number": ("证件号码", "Document number"),
    "privacy_why": ("办理依据（如受理单号）", "On what ground, e.g. the request's number"),
    "privacy_export": ("导出给本人", "Export for the person"),
    "confirm_erase": (
        "删除此人可以删除的全部记录？删除后不能恢复。",
        "Erase everything of this person that may be erased? It cannot be brought back.",
    ),
    "privacy_erase": ("删除可以删除的", "Erase what may be erased"),
    "privacy_erase_line": (
        "法定保存期内的办件不能删除，会逐项说明。",
        "Submissions within the time the law keeps them cannot be erased; each is named.",
    ),
    "privacy_sure": ("我已核对本人证件和申请", "I have checked the document and the request"),
    "privacy_incomplete": (
        "请填写证件号码和依据，并勾选已核对。",
        "Enter number and ground, and tick that you checked.",
    ),
    "privacy_ground_number": (
        "依据里不要写证件号码：依据长期保存在审计中。请填受理单号。",
        "The ground stays in the audit for ever: enter the request's number, not the person's.",
    ),
    "privacy_erased": (
        "已删除：{records} 条；依法保留：{kept} 条。",
        "Erased: {records} records; kept by law: {kept}.",
    ),
    "privacy_seen": ("谁看过什么", "Who saw what"),
    "privacy_seen_about": ("办件编号", "Number of a submission"),
    "privacy_proofs": ("删除证明", "Proofs of removal"),
    "privacy_proof": ("{records} 条，截至 {until}", "{records} records, from before {until}"),
    "privacy_faces": ("人脸信息", "Faces"),
    "privacy_faces_line": (
        (
            "中心不保存人脸，数据库没有存放人脸的位置；人脸只在闸机内存中比对，用后即删。"
            "登记的人脸数量：{number}（达到 80000 时预警，10 万须在 30 个工作日内备案）。"
        ),
        (
            "The hub keeps no face and has no place for one; lanes compare in memory and forget. "
            "Faces enrolled: {number} (a warning comes at 80,000; at 100,000 a filing is due within 30 working days)."
        ),
    ),
    "privacy_consents": ("同意记录", "Consents"),
    "privacy_consents_line": (
        "每次提交办件或选择非人脸方式时，由本人在终端上确认；拒绝刷脸 {declined} 次，均走了其他通道。",
        "Given on the terminal with each submission; {declined} people declined the face camera and went another way.",
    ),
    "seen_open": ("打开", "Opened"),
}
