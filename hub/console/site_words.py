"""Words of the page of a terminal's settings; part of `hub.console.words`."""

from typing import Final

SITE_WORDS: Final[dict[str, tuple[str, str]]] = {
    "site": ("终端配置", "Settings"),
    "site_line": (
        "与终端自己的配置文件合并；设备接口、校准和密码属于本机，始终以本机为准。先大厅，再分组，再本机。",
        "Merged with its own site file, where plugs, calibrations and passwords stay. Hall, then group, then terminal.",
    ),
    "site_for_everybody": ("全大厅", "The whole hall"),
    "site_for_group": ("分组 {name}", "Group {name}"),
    "site_for_terminal": ("本机 {name}", "Only {name}"),
    "site_takes": ("本机将得到", "What this terminal gets"),
    "site_takes_none": ("中心没有给它配置，完全以本机文件为准。", "Nothing: its own site file alone counts."),
    "site_text": ("配置（TOML）", "Settings (TOML)"),
    "site_text_line": (
        "例：[desk] 换行 idle_seconds = 90.0。留空表示不再另行配置。",
        "E.g. [desk], and idle_seconds = 90.0 on the next line. Empty: no settings of its own any more.",
    ),
    "site_first": ("先给这些终端（百分比）", "First for (percent of the hall)"),
    "site_first_this": ("也给本机", "This terminal too"),
    "site_publish": ("签名发布", "Sign and publish"),
    "site_editions": ("各版", "Editions"),
    "site_no_editions": ("还没有发布过。", "None was published yet."),
    "site_difference": ("与上一版的差别", "What it changes"),
    "site_no_difference": ("内容相同", "says the same"),
    "site_halted": ("已停止推送", "Halted"),
    "site_halt": ("停止推送", "Halt"),
    "site_resume": ("继续推送", "Resume"),
    "site_roll_back": ("恢复上一版", "Roll back"),
    "site_widen": ("推送到", "Roll out to"),
    "site_refused": ("第 {number} 版在本机用不了，已自动退回：{why}", "Version {number} was taken back here: {why}"),
    "site_bad": ("配置有误，没有发布。", "The settings are wrong; nothing was published."),
    "site_bad_line": ("第 {line} 行 {key}：{what}", "Line {line}, {key}: {what}"),
    "site_stale": ("别人刚发布了新的一版，请看过后再改。", "Somebody has published meanwhile: look at that first."),
    "site_not_now": ("没有办成。", "Not done."),
    "site_same": ("与现在的一版相同，没有发布。", "That is what it says already; nothing was published."),
    "site_published": (
        "已签名发布，终端空闲时试用，失败会自动退回。",
        "Published. Terminals try it when nobody is served.",
    ),
    "site_done": ("已办理。", "Done."),
}
