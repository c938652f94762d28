"""The words of the page for telephones, in three languages. Short: it is read standing, by everybody."""

from enum import StrEnum
from typing import Final

from kiosk.wire.catalogue import Text


class Language(StrEnum):
    """A language of the page."""

    ZH_HANS = "zh-Hans"
    ZH_HANT = "zh-Hant"
    EN = "en"


NAMES: Final = {Language.ZH_HANS: "简体", Language.ZH_HANT: "繁體", Language.EN: "English"}

_WORDS: Final[dict[str, tuple[str, str, str]]] = {
    "heading": ("上传材料", "上傳材料", "Send a paper"),
    "for": ("办理：{item}", "辦理：{item}", "For: {item}"),
    "how": (
        "拍照，或选一个图片、PDF，再点“发送”。",
        "拍照，或選一個圖片、PDF，再點「傳送」。",
        "Take a picture, or choose pictures or a PDF. Then touch “Send”.",
    ),
    "sides": (
        "要两张照片：先正面，再反面。",
        "要兩張照片：先正面，再反面。",
        "Two pictures: the front first, then the back.",
    ),
    "camera": ("1 · 拍照", "1 · 拍照", "1 · Take a picture"),
    "choose": ("1 · 或者选文件", "1 · 或者選檔案", "1 · Or choose files"),
    "send": ("2 · 发送", "2 · 傳送", "2 · Send"),
    "more": ("再发", "再傳", "Send more"),
    "received": ("已收到 {count} 页", "已收到 {count} 頁", "Pages received: {count}"),
    "room": ("最多 {most} 页", "最多 {most} 頁", "At most {most} pages"),
    "full": ("页数已满。", "頁數已滿。", "That is as many pages as there may be."),
    "done": ("传完了", "傳完了", "That is all"),
    "remove": ("删掉最后一页", "刪掉最後一頁", "Delete the last page"),
    "finished": ("传好了", "傳好了", "Done"),
    "finished_line": (
        "请看自助机的屏幕，核对每一页。这个网页可以关了。",
        "請看自助機的螢幕，核對每一頁。這個網頁可以關了。",
        "Look at the machine’s screen and check each page. You can close this page.",
    ),
    "privacy": (
        "图片加密后交给您面前的自助机，随即从服务器删除。",
        "圖片加密後交給您面前的自助機，隨即從伺服器刪除。",
        "Pictures go encrypted to the machine before you, and are then deleted from the server.",
    ),
    "minutes": ("{minutes} 分钟内有效", "{minutes} 分鐘內有效", "Good for {minutes} minutes"),
    "over": ("这个二维码过期了", "這個二維碼過期了", "This code has run out"),
    "over_line": (
        "请在自助机上点“换一个新的码”，再扫一次。",
        "請在自助機上點「換一個新的碼」，再掃一次。",
        "Touch “Get a new code” on the machine, and scan again.",
    ),
    "used": ("这个二维码已经用过了", "這個二維碼已經用過了", "This code was used"),
    "used_line": (
        "要传别的材料，请扫自助机上现在的码。",
        "要傳別的材料，請掃自助機上現在的碼。",
        "For another paper scan the code that the machine shows now.",
    ),
    "other_phone": ("另一部手机正在用这个码", "另一部手機正在用這個碼", "Another phone uses this code"),
    "other_phone_line": (
        "一个码只给一部手机用。如果那不是您的手机，请在自助机上换一个新的码。",
        "一個碼只給一部手機用。如果那不是您的手機，請在自助機上換一個新的碼。",
        "One code is for one phone. If that was not yours, get a new code on the machine.",
    ),
    "nothing": ("还没有选图片或文件。", "還沒有選圖片或檔案。", "No picture or file was chosen yet."),
    "not_taken": ("{name} 没有收下", "{name} 沒有收下", "{name} was not taken"),
    "file": ("第 {place} 个文件", "第 {place} 個檔案", "File {place}"),
    "why_too_large": (
        "太大了：一个文件最多 30 MB，一次最多 60 MB。",
        "太大了：一個檔案最多 30 MB，一次最多 60 MB。",
        "It is too large: 30 MB a file, 60 MB at once.",
    ),
    "why_heic": (
        "这是 HEIC 格式，这里读不了。请直接拍照；或在手机“设置 → 相机 → 格式”里选“兼容性最佳”再拍。",
        "這是 HEIC 格式，這裡讀不了。請直接拍照；或在手機「設定 → 相機 → 格式」裡選「相容性最佳」再拍。",
        "A HEIC picture cannot be read here. Choose “Most Compatible” in Settings → Camera → Formats, and try again.",
    ),
    "why_other_kind": (
        "只收照片（JPEG、PNG）和 PDF。",
        "只收照片（JPEG、PNG）和 PDF。",
        "Only pictures (JPEG, PNG) and PDFs are taken.",
    ),
    "why_damaged": (
        "文件打不开，可能坏了。请重新拍照或重新保存。",
        "檔案打不開，可能壞了。請重新拍照或重新儲存。",
        "It cannot be opened and may be damaged. Take the picture again, or save the file again.",
    ),
    "why_too_many_pixels": (
        "图片尺寸太大。请用普通拍照模式再拍。",
        "圖片尺寸太大。請用普通拍照模式再拍。",
        "The picture has too many pixels. Take it again in the camera’s normal mode.",
    ),
    "why_too_small": (
        "图片太小，字看不清。请拍原件，不要发缩略图。",
        "圖片太小，字看不清。請拍原件，不要發縮圖。",
        "The picture is too small to be read. Photograph the paper itself.",
    ),
    "why_locked": (
        "PDF 有密码。请去掉密码再发，或者拍照。",
        "PDF 有密碼。請去掉密碼再傳，或者拍照。",
        "The PDF has a password. Save it without one, or take a picture.",
    ),
    "why_runs": (
        "PDF 里有脚本或附件。请打印成新的 PDF，或者拍照。",
        "PDF 裡有腳本或附件。請列印成新的 PDF，或者拍照。",
        "The PDF contains scripts or other files. Print it to a new PDF, or take pictures.",
    ),
    "why_too_many_pages": (
        "页数太多：这里还能收 {room} 页。",
        "頁數太多：這裡還能收 {room} 頁。",
        "It has too many pages: {room} more are taken here.",
    ),
    "why_too_slow": (
        "文件太复杂，处理不了。请拍照。",
        "檔案太複雜，處理不了。請拍照。",
        "The file is too complicated. Take a picture instead.",
    ),
    "why_disk": (
        "服务器暂时收不了文件。请用自助机的摄像头拍。",
        "伺服器暫時收不了檔案。請用自助機的鏡頭拍。",
        "The server cannot take files now. Use the machine’s camera.",
    ),
}


def word(key: str, language: Language, **values: object) -> str:
    """A text of the page.

    Args:
        key: Which.
        language: In which language.
        values: What stands in its places.
    """
    return _WORDS[key][list(Language).index(language)].format(**values)


def of(text: Text, language: Language) -> str:
    """A text of an item."""
    return {Language.ZH_HANS: text.zh_hans, Language.ZH_HANT: text.zh_hant, Language.EN: text.en}[language]


def chosen(asked: str, cookie: str, ticket: str) -> Language:
    """The page's language: asked for in the address, or chosen before, or the one on the desk's screen."""
    known = {each.value for each in Language}
    return next((Language(wanted) for wanted in (asked, cookie, ticket) if wanted in known), Language.ZH_HANS)
