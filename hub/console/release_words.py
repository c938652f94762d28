"""The console's words about releases."""

from typing import Final

RELEASE_WORDS: Final[dict[str, tuple[str, str]]] = {
    "release": ("程序版本", "Release"),
    "release_proven": ("运行正常", "proven"),
    "release_trial": ("试运行", "on trial"),
    "release_": ("", ""),
    "release_not_run": ("未采用的版本", "Release not run"),
    "step_downloading": ("正在下载", "downloading"),
    "step_waiting": ("等待切换时段", "waiting for its hours"),
    "step_installed": ("已安装", "installed"),
    "step_failed": ("更新未成功", "not installed"),
    "why_crashed": ("启动即退出，已自动退回", "it crashed and was taken back"),
    "why_hangs_at_start": ("启动无响应，已自动退回", "it hung at the start and was taken back"),
    "why_hangs": ("运行中无响应，已自动退回", "it hung and was taken back"),
    "why_self_test": ("自检未通过，已自动退回", "it failed its self-test and was taken back"),
    "why_by_hand": ("由技术人员退回", "taken back by a technician"),
    "why_tampered": ("文件与签名不符", "not what was signed"),
    "why_older": ("比现有版本旧", "older than what runs"),
    "why_wrong_key": ("签名密钥不对", "signed by another key"),
    "why_expired": ("更新签名已过期", "the stamp has expired"),
    "why_unreachable": ("无法取得更新", "could not be fetched"),
    "why_cut": ("下载中断，下次继续", "cut while downloading; it goes on from there"),
    "why_disk_full": ("磁盘空间不足", "the disk is full"),
    "why_missing": ("中心没有该版本", "the hub does not have it"),
    "why_not_for_here": ("不适用于本机", "not for this machine"),
    "why_refused_before": ("曾被退回，不再自动尝试", "taken back before"),
    "why_clock": ("本机时钟不对", "the terminal's clock is wrong"),
    "why_untrusted": ("本机没有信任的根证书", "no root of releases is known there"),
    "why_on_trial": ("上一版本仍在试运行", "another is still on trial"),
    "why_": ("", ""),
}
