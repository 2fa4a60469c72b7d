"""Pairs by a rule of the user's own."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from facediff._arrays import check_path
from facediff._pairs import Unpaired, VideoPair, VideoPairs, collect, is_clip

Rule: TypeAlias = Callable[[Path], str | os.PathLike[str] | None]


def pair_by_rule(root: Path, rule: Rule) -> VideoPairs:
    """Ask the rule for the real one of each clip in a folder and below."""
    pairs: list[VideoPair] = []
    alone: list[Unpaired] = []
    silent: list[Path] = []
    for clip in sorted(path for path in root.rglob("*") if is_clip(path)):
        answer = rule(clip)
        if answer is None:
            silent.append(clip)
            continue
        real = Path(check_path(answer, "what the rule returns"))
        if real == clip:
            alone.append(Unpaired(clip, "fake", "the rule names it as its own original"))
        elif not real.exists():
            alone.append(Unpaired(clip, "fake", f"its original is missing: {real}"))
        else:
            pairs.append(VideoPair(real, clip, clip.relative_to(root).with_suffix("").as_posix()))
    used = {pair.real for pair in pairs}
    alone += [Unpaired(clip, "unknown", "the rule names no original") for clip in silent if clip not in used]
    return collect(root, "rule", pairs, alone)
