"""A clip in a notebook: shown inline, by the browser's own player."""

from __future__ import annotations

import base64
import html
import os
from dataclasses import dataclass
from urllib.parse import quote

#: The largest clip that is put into the page itself, in bytes; a larger one is linked to.
EMBED_AT_MOST = 8 * 2**20

KINDS = {".mp4": "video/mp4", ".webm": "video/webm", ".gif": "image/gif", ".webp": "image/webp"}


@dataclass(frozen=True, slots=True)
class Player:
    """A clip that a notebook shows; see `facediff.video.show_video`."""

    path: str
    width: int | None

    def __str__(self) -> str:
        return f"Player: {self.path}, shown inline by a notebook"

    def _repr_html_(self) -> str:
        kind = KINDS[os.path.splitext(self.path)[1].lower()]
        source = html.escape(self._source(kind))
        size = "max-width: 100%" + ("" if self.width is None else f"; width: {self.width}px")
        name = html.escape(os.path.basename(self.path))
        if kind.startswith("image/"):
            return f'<img src="{source}" alt="{name}" style="{size}">'
        return f'<video src="{source}" title="{name}" style="{size}" controls loop muted playsinline></video>'

    def _source(self, kind: str) -> str:
        if os.path.getsize(self.path) > EMBED_AT_MOST:
            return quote(os.path.relpath(self.path).replace(os.sep, "/"))
        with open(self.path, "rb") as file:
            return f"data:{kind};base64,{base64.b64encode(file.read()).decode()}"
