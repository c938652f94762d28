"""Words of the page of machines that enrol by their serial number; part of `hub.console.words`."""

from typing import Final

SERIAL_WORDS: Final[dict[str, tuple[str, str]]] = {
    "machines": ("按序列号登记的机器", "Machines by serial number"),
    "machines_line": (
        "名单上的机器首次通电联网即可申请登记，不用登记码。机器上运行：{command}",
        "Machines on the list enrol without a code, once. On the machine: {command}",
    ),
    "machines_waiting_count": ("{number} 台等待核对", "{number} to compare"),
    "machines_waiting": ("等待核对", "To compare"),
    "machines_none_waiting": ("现在没有机器等待。", "No machine waits now."),
    "machines_compare": (
        "请对照机器屏幕上显示的指纹，每一位都相同才按“准许”。",
        "Compare with the fingerprint that the machine shows; press Admit only if every digit is the same.",
    ),
    "machines_serial": ("序列号", "Serial number"),
    "machines_key": ("密钥指纹", "Fingerprint"),
    "machines_from": ("来自", "From"),
    "machines_until": ("有效期至", "Until"),
    "machines_who": ("核对人", "Compared by"),
    "machines_other_keys": ("另有 {number} 次用其他密钥申请，已拒绝", "{number} tries with another key, refused"),
    "machines_admit": ("准许", "Admit"),
    "machines_turn_away": ("不是这台", "Not this one"),
    "machines_strike": ("移出名单", "Take off the list"),
    "machines_list": ("名单", "The list"),
    "machines_empty": ("名单上还没有机器。", "There is no machine on the list."),
    "machines_add": ("加入名单", "Add to the list"),
    "machines_csv": (
        "CSV，第一行是列名：serial, hall, terminal, role, group",
        "CSV; its first line names the columns: serial, hall, terminal, role, group",
    ),
    "machines_last_day": ("最后一天", "Last day"),
    "machines_at_once": (
        "不经核对立即准许（仅限专用网络）",
        "Admit at once, nobody compares (in a network of its own only)",
    ),
    "machines_state_listed": ("尚未申请", "Not asked yet"),
    "machines_state_waiting": ("等待核对", "To compare"),
    "machines_state_admitted": ("已准许", "Admitted"),
    "machines_state_used": ("已登记", "Enrolled"),
    "machines_state_over": ("已过期", "Over"),
    "machines_bad": ("名单有误，一台也没有加入。", "The list is wrong; nothing was added."),
    "machines_bad_day": ("请填写最后一天，今天或以后。", "Say the last day, today or later."),
    "machines_bad_hall": ("第 {number} 行：不是您的大厅", "Line {number}: not a hall of yours"),
    "machines_bad_line": ("第 {number} 行：", "Line {number}:"),
    "machines_gone": (
        "没有办成：这台机器已不在等待，或密钥已变。请重新核对。",
        "Not done: it does not wait any more, or its key is another. Compare again.",
    ),
    "machines_added": ("已加入名单：{number} 台", "{number} added to the list"),
    "machines_admitted": ("已准许，机器几秒后完成登记。", "Admitted; it finishes within seconds."),
    "machines_turned_away": (
        "已拒绝这个密钥，机器可以重新申请。",
        "That key was turned away; the machine may ask again.",
    ),
    "machines_struck": ("已移出名单。", "Taken off the list."),
}
