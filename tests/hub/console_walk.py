"""What a machine can say of a page: words left over, names of controls, contrast, headings, width, the keyboard."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

import httpx
from playwright.sync_api import Page

HAN = re.compile(r"[\u3400-\u9fff]")
KEYS = re.compile(r"\b[a-z]+(?:_[a-z0-9]+)+\b")
"""What a word is called inside the program."""
RAW = re.compile(
    r"\b\d{4}-\d\d-\d\dT\d|^(?:None|True|False|null|undefined|NaN)$|\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}"
)
"""A moment, a value or an id as a program writes it."""
VARYING = re.compile(r"/(?:\d{6,}|\d+|[0-9a-f-]{36}|[0-9a-f]{64}|[A-Z0-9]{8}|(?:gate|desk)-\d+)(?=/|$)")
_VOID = frozenset({"meta", "link", "input", "img", "br", "hr", "source", "path", "wbr"})
_NOT_READ = frozenset({"script", "style", "svg", "template", "code", "pre", "textarea"})
"""What is no sentence of the page: programs, drawings, and what people wrote or will write."""


def kind_of(path: str) -> str:
    """The address with what varies left out: pages of one kind look the same."""
    return VARYING.sub("/…", urlsplit(path).path)


@dataclass
class Read(HTMLParser):
    """A page as a reader without eyes has it."""

    texts: list[str] = field(default_factory=list)
    """What is not marked as of another language, or as not to be translated."""
    hints: list[str] = field(default_factory=list)
    """What is shown when somebody points at a thing: there the program's own names may stand, too."""
    links: list[str] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    _open: list[tuple[str, bool]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    @classmethod
    def of(cls, html: str) -> "Read":
        """Read a page."""
        page = cls()
        page.feed(html)
        return page

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if "id" in given:
            self.ids.append(given["id"] or "")
        if tag == "a" and given.get("href"):
            self.links.append(given["href"] or "")
        hidden = tag in _NOT_READ or given.get("translate") == "no" or (tag != "html" and "lang" in given)
        if not (self._open and self._open[-1][1]) and not hidden:
            self.texts += [given[name] or "" for name in ("aria-label", "placeholder") if given.get(name)]
            self.hints += [given["title"]] if given.get("title") else []
        if tag not in _VOID:
            self._open.append((tag, hidden or bool(self._open and self._open[-1][1])))

    def handle_endtag(self, tag: str) -> None:
        while self._open:
            if self._open.pop()[0] == tag:
                return

    def handle_data(self, data: str) -> None:
        if data.strip() and not (self._open and self._open[-1][1]):
            self.texts.append(data.strip())

    @property
    def words(self) -> str:
        """All that is read."""
        return " ".join(" ".join(self.texts).split())


def left_over(page: Read, language: str, data: list[str], keys: tuple[str, ...] = ()) -> list[str]:
    """Words that were not translated: names of the program's own, and Chinese on an English page.

    Args:
        page: What is read.
        language: Of the page.
        data: What people typed, which no program translates.
        keys: Of what has a name that people know.
    """

    def rest(text: str) -> str:
        for each in data:
            text = text.replace(each, "")
        return text

    found = [key for text in page.texts for key in [*KEYS.findall(rest(text)), *RAW.findall(rest(text))]]
    found += [text[:60] for text in page.texts for key in keys if re.search(rf"\b{key}\b", rest(text))]
    if language == "en":
        found += [text[:60] for text in [*page.texts, *page.hints] if HAN.search(rest(text))]
    return found


def walk(client: httpx.Client, starts: list[str], *, most: int = 3) -> Iterator[tuple[str, httpx.Response]]:
    """Each page somebody gets to by links, at most so many of a kind.

    Args:
        client: Signed in.
        starts: Where to begin.
        most: Pages of a kind.
    """
    waiting, seen, kinds = list(starts), set(starts), dict[str, int]()
    while waiting:
        path = waiting.pop(0)
        kind = kind_of(path)
        kinds[kind] = kinds.get(kind, 0) + 1
        if kinds[kind] > most:
            continue
        answer = client.get(path)
        yield path, answer
        if answer.is_redirect:
            links = [answer.headers["location"]]
        elif answer.headers.get("content-type", "").startswith("text/html"):
            links = Read.of(answer.text).links
        else:
            continue
        for link in links:
            to = urlsplit(link)
            if to.netloc or not to.path.startswith("/") or "lang=" in to.query or to.path == "/sign-out":
                continue
            whole = to.path + (f"?{to.query}" if to.query else "")
            if whole not in seen:
                seen.add(whole)
                waiting.append(whole)


LOOK = r"""() => {
  const wrong = [];
  const shown = (e) => {
    const box = e.getBoundingClientRect();
    return e.checkVisibility({visibilityProperty: true, opacityProperty: false}) && box.width > 0 && box.height > 0;
  };
  const told = (e) => `${e.tagName.toLowerCase()}${e.id ? '#' + e.id : ''}.${[...e.classList].join('.')}`
    + ` "${(e.textContent || e.value || '').trim().replace(/\s+/g, ' ').slice(0, 30)}"`;

  // Names
  const name = (e) => {
    const by = (e.getAttribute('aria-labelledby') || '').split(/\s+/).filter(Boolean)
      .map((id) => document.getElementById(id)?.textContent || '').join(' ').trim();
    const labels = [...(e.labels || [])].map((l) => l.textContent.trim()).join(' ').trim();
    const own = e.matches('input,select,textarea') ? '' : e.textContent.trim();
    const picture = e.querySelector?.('img[alt]')?.alt || '';
    return by || e.getAttribute('aria-label') || labels || own || picture || e.title
      || (e.matches('input[type=submit]') ? e.value : '');
  };
  for (const e of document.querySelectorAll('a[href],button,input:not([type=hidden]),select,textarea,summary')) {
    if (shown(e) && !name(e)) wrong.push(`no name: ${told(e)} ${e.name || ''}`);
  }
  for (const e of document.querySelectorAll('img:not([alt])')) wrong.push(`picture without words: ${told(e)}`);

  // Headings
  const heads = [...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].filter(shown);
  const ones = heads.filter((e) => e.tagName === 'H1').length;
  if (ones !== 1) wrong.push(`${ones} headings of the first order`);
  let level = 0;
  for (const e of heads) {
    const now = Number(e.tagName[1]);
    if (now > level + 1) wrong.push(`heading of order ${now} after ${level}: ${told(e)}`);
    level = now;
  }

  // Contrast
  const rgb = (text) => (text.match(/[\d.]+/g) || []).map(Number);
  const light = ([r, g, b]) => {
    const line = [r, g, b].map((v) => { v /= 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; });
    return 0.2126 * line[0] + 0.7152 * line[1] + 0.0722 * line[2];
  };
  const ground = (e) => {
    for (let at = e; at; at = at.parentElement) {
      const c = rgb(getComputedStyle(at).backgroundColor);
      if (c.length >= 3 && (c.length === 3 || c[3] > 0.99)) return c;
    }
    return [255, 255, 255];
  };
  const said = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const e = walker.currentNode.parentElement;
    if (!e || !walker.currentNode.textContent.trim() || !shown(e)) continue;
    if (e.closest('script,style,svg,[aria-hidden=true],:disabled')) continue;
    const style = getComputedStyle(e);
    const [a, b] = [light(rgb(style.color)), light(ground(e))].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < 4.5) {
      const words = `contrast ${ratio.toFixed(2)}: ${told(e)}`;
      if (!said.has(words)) { said.add(words); wrong.push(words); }
    }
  }

  // Sizes
  const over = document.documentElement.scrollWidth - innerWidth;
  if (over > 0) {
    const wide = (e) => e.getBoundingClientRect().right > innerWidth + 1;
    const widest = [...document.querySelectorAll('main *')].filter(wide);
    wrong.push(`wider than ${innerWidth} px by ${over}: ${widest.slice(0, 3).map(told).join('; ')}`);
  }
  if (innerWidth < 500) {
    const touched = 'button,.button,select,summary,label.check,nav a,'
      + 'input:not([type=hidden],[type=checkbox],[type=radio])';
    for (const e of document.querySelectorAll(touched)) {
      const box = e.getBoundingClientRect();
      const small = shown(e) && !e.classList.contains('unseen') && box.height < 43.5;
      if (small) wrong.push(`too small to touch: ${told(e)} ${Math.round(box.height)} px`);
    }
  } else {
    // Numbers stand under each other, and their heading over them.
    const side = (e) => ['end', '-webkit-right', 'right'].includes(getComputedStyle(e).textAlign) ? 'right' : 'left';
    const figure = /^[-+]?\d+([.,]\d+)?( ?(%|°C|kB|MB))?$/;
    for (const table of document.querySelectorAll('main table')) {
      const names = [...table.querySelectorAll('thead th')];
      for (const row of table.querySelectorAll('tbody tr')) {
        [...row.cells].forEach((cell, place) => {
          if (!shown(cell)) return;
          const number = figure.test(cell.textContent.trim()) && !cell.matches('.digits,.note');
          if (number && side(cell) !== 'right') wrong.push(`a number that is not right-aligned: ${told(cell)}`);
          const head = names.length === row.cells.length && names[place].textContent.trim() ? names[place] : null;
          if (head && side(head) !== side(cell)) wrong.push(`a heading not over its column: ${told(head)}`);
        });
      }
    }
    for (const e of document.querySelectorAll('main :is(td, th):not(:has(details))')) {
      const box = e.getBoundingClientRect(), within = document.createRange();
      within.selectNodeContents(e);
      const high = within.getBoundingClientRect().height;
      const lines = shown(e) ? high / parseFloat(getComputedStyle(e).lineHeight) : 0;
      if (box.width < 90 && lines > 4) wrong.push(`squeezed: ${told(e)}`);
    }
    for (const e of document.querySelectorAll('.num, td.digits, time')) {
      const even = getComputedStyle(e).fontVariantNumeric.includes('tabular-nums');
      if (shown(e) && !even) { wrong.push(`digits of different widths: ${told(e)}`); break; }
    }
  }
  const ids = [...document.querySelectorAll('[id]')].map((e) => e.id);
  for (const id of new Set(ids.filter((each, place) => ids.indexOf(each) !== place))) wrong.push(`id twice: ${id}`);
  if (document.querySelector('[tabindex]:not([tabindex="0"],[tabindex="-1"])')) wrong.push('tabs ordered by numbers');
  return wrong;
}"""
"""What is wrong with a page as it is shown."""

STOPS = r"""() => {
  const kinds = 'a[href],button,input:not([type=hidden]),select,textarea,summary,[tabindex="0"]';
  const all = [...document.querySelectorAll(kinds)];
  const groups = new Set();
  const stops = all.filter((e) => {
    if (e.disabled || !e.checkVisibility({visibilityProperty: true})) return false;
    if (e.type === 'radio') {
      if (groups.has(e.name)) return false;
      groups.add(e.name);
    }
    return true;
  });
  stops.forEach((e, place) => { e.dataset.stop = place; });
  for (const e of document.querySelectorAll('input[type=radio]')) {
    const first = stops.find((s) => s.type === 'radio' && s.name === e.name);
    if (first) e.dataset.stop = first.dataset.stop;
  }
  document.activeElement?.blur();
  return stops.length;
}"""
AT = r"""() => {
  const e = document.activeElement;
  if (!e || e === document.body) return [-1, true];
  const style = getComputedStyle(e);
  const seen = (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2) || style.boxShadow !== 'none';
  const box = e.getBoundingClientRect();
  return [Number(e.dataset.stop ?? -2), seen && box.bottom > 0 && box.right > 0];
}"""


def looks(page: Page) -> list[str]:
    """What is wrong with the page as it is shown now."""
    return [str(each) for each in page.evaluate(LOOK)]


def by_keyboard(page: Page) -> list[str]:
    """What Tab does not reach, or reaches without showing it."""
    stops: int = page.evaluate(STOPS)
    order: list[int] = []
    ends = 0
    wrong: list[str] = []
    for _ in range(4 * stops + 8):  # a date is several stops
        page.keyboard.press("Tab")
        place, seen = page.evaluate(AT)
        ends += place == -1  # the page is over: Tab begins anew at its top
        if ends == 2 or (order and place == order[0] != order[-1]):
            break
        if place == -1:
            continue
        order.append(place)
        if not seen:
            wrong.append(f"focus is not seen: {told(page)}")
    missed = sorted(set(range(stops)) - set(order))
    return wrong + [f"not reached by Tab: {told(page, place)}" for place in missed if still_there(page, place)][:5]


def still_there(page: Page, place: int) -> bool:
    """Whether a stop is shown now: what asks for a first key goes away with it."""
    return bool(page.evaluate(f"document.querySelector('[data-stop=\"{place}\"]')?.checkVisibility() ?? false"))


def told(page: Page, place: int | None = None) -> str:
    """An element in words."""
    which: Any = "document.activeElement" if place is None else f"document.querySelector('[data-stop=\"{place}\"]')"
    return str(page.evaluate(f"({which}?.outerHTML ?? '').slice(0, 110)"))
