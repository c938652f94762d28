"""What forms send: read within limits, and only from our own pages."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Self
from urllib.parse import parse_qsl, urlencode

from fastapi import Request
from starlette.exceptions import HTTPException

from kiosk.clock import CHINA

MOST_BYTES = 256 * 1024
_MOST_FIELDS = 200


@dataclass(frozen=True, slots=True)
class Form:
    """The fields of a form, each once; what is missing reads as empty."""

    fields: Mapping[str, str]

    @classmethod
    def decoded(cls, text: str) -> Self:
        """A form as browsers encode it; the zero character, which PostgreSQL cannot store, is left out.

        Raises:
            HTTPException: 422 for what is no form.
        """
        try:
            pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=_MOST_FIELDS)
            return cls({name: value.replace("\0", "") for name, value in pairs})
        except ValueError as error:
            raise HTTPException(422) from error

    def encoded(self) -> str:
        """As browsers encode it."""
        return urlencode(self.fields)

    def text(self, name: str) -> str:
        """A field without the space around it."""
        return self.fields.get(name, "").strip()

    def number(self, name: str) -> int | None:
        """A whole number, 0 or more; None for anything else."""
        text = self.text(name)
        return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None

    def decimal(self, name: str) -> float | None:
        """A number such as `36.6` or `36,6`, in full-width digits too; None for anything else."""
        try:
            return float(self.text(name).replace("，", ".").replace(",", ".").replace("．", "."))
        except ValueError:
            return None

    def day(self, name: str) -> date | None:
        """A date as browsers send it; None for anything else."""
        try:
            return date.fromisoformat(self.text(name))
        except ValueError:
            return None

    def moment(self, name: str) -> datetime | None:
        """A moment (ISO 8601), in China's time where it names none; None for anything else."""
        try:
            moment = datetime.fromisoformat(self.text(name))
        except ValueError:
            return None
        return moment if moment.tzinfo is not None else moment.replace(tzinfo=CHINA)


def check_origin(request: Request) -> None:
    """Refuse to act for a page of another origin: a browser says where a form comes from.

    Raises:
        HTTPException: 403.
    """
    if request.method in {"GET", "HEAD"}:
        return
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    own = f"{request.url.scheme}://{request.headers.get('host', '')}"
    if site not in {None, "same-origin", "none"} or (site is None and origin not in {None, own}):
        raise HTTPException(403)


async def form_of(request: Request, most: int = MOST_BYTES) -> Form:
    """The form of a request.

    Args:
        request: With its body.
        most: So many bytes at most.

    Raises:
        HTTPException: 413 for more, 422 for what is no form.
    """
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > most:
            raise HTTPException(413)
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        raise HTTPException(422) from error
    return Form.decoded(text)
