"""The command line: ``python -m facediff compare REAL FAKE``, a thin front on the library's own calls."""

from __future__ import annotations

import argparse
import json
import math
import os
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

from facediff import __version__
from facediff._printable import printable

if TYPE_CHECKING:
    from facediff._pairs import VideoPairs
    from facediff.compare import Comparison
    from facediff.localise import Localisation
    from facediff.timeline import VideoComparison

UNCHANGED, MANIPULATED, ERROR, INTERRUPTED = 0, 1, 2, 130
_PROGRAM = "python -m facediff"
_EXPECTED = (
    OSError,
    ValueError,
    TypeError,
    ImportError,
    RuntimeError,
)  # what the library raises, in words meant for people


class Answer(NamedTuple):
    """What a command found: the line to print, the same as data, and the exit status."""

    line: str
    data: dict[str, Any]
    status: int


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Parameters
    ----------
    argv : sequence of str, optional
        The arguments after the program's name; those of this process by default.

    Returns
    -------
    int
        0 = unchanged, 1 = manipulated, 2 = an error, 130 = interrupted.

    Examples
    --------
    >>> from facediff.__main__ import main
    >>> main(["compare", "no.png", "no.png"])
    2
    """
    try:
        arguments = _parser().parse_args(argv)
        answer = _run(arguments)
    except SystemExit as end:  # from argparse: after --help and --version, or a wrong call
        return int(end.code or 0)
    except KeyboardInterrupt:
        return _complain("interrupted; a data set is gone on with by the same command", INTERRUPTED)
    except _EXPECTED as error:
        return _complain(_words(error), ERROR)
    except Exception as error:  # a bug, and still no traceback: whoever sees it did not write the program
        return _complain(f"{type(error).__name__}: {error}; this is a bug, please report it", ERROR)
    _say(json.dumps(answer.data, indent=2, allow_nan=False) if arguments.json else printable(answer.line))
    return answer.status


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog=_PROGRAM,
        description="Compare a real and a fake picture, clip or data set: what was manipulated?",
        epilog="Exit status: 0 unchanged, 1 manipulated, 2 error.",
    )
    parser.add_argument("--version", action="version", version=f"facediff {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="compare | clip | dataset")
    for name, about, run in (
        ("compare", "two pictures", _compare),
        ("clip", "two clips, frame by frame", _clip),
        ("dataset", "all pairs of a data set's folder", _dataset),
    ):
        command = commands.add_parser(name, help=about, description=f"Compare {about}.")
        command.set_defaults(run=run)
        if name == "dataset":
            command.add_argument("root", metavar="ROOT", help="the folder of the data set")
            command.add_argument("--out", metavar="FOLDER", required=True, help="where the results go, and are resumed")
        else:
            command.add_argument("real", metavar="REAL", help="the real one")
            command.add_argument("fake", metavar="FAKE", help="the fake one")
        command.add_argument("--json", action="store_true", help="print JSON instead of a line")
        command.add_argument("--report", metavar="PAGE.html", help="write an HTML report, too")
        command.add_argument(
            "--recipe", metavar="NAME", default="noise-aware", help="noise-aware, which is the default, or otsu"
        )
        command.add_argument(
            "--false-alarm-rate", type=float, metavar="RATE", help="share of unchanged pairs called manipulated: 0.01"
        )
    return parser


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        sys.exit(_complain(f"{message}; see {self.prog} --help", ERROR))


def _run(arguments: argparse.Namespace) -> Answer:
    if arguments.report is not None:
        from facediff.report import check_target

        check_target(arguments.report)  # before the work, not after it
    run: Callable[[argparse.Namespace], Answer] = arguments.run
    return run(arguments)


def _compare(arguments: argparse.Namespace) -> Answer:
    from facediff.compare import compare_images
    from facediff.images import read_pair
    from facediff.localise import find_regions

    real, fake = read_pair(arguments.real, arguments.fake)
    comparison = compare_images(real, fake)
    found = find_regions(comparison, recipe=arguments.recipe, false_alarm_rate=arguments.false_alarm_rate)
    _report((comparison, found), arguments, files=(arguments.real, arguments.fake))
    data = {"real": arguments.real, "fake": arguments.fake, **_pair_data(comparison, found)}
    return Answer(str(found), data, MANIPULATED if found.manipulated else UNCHANGED)


def _clip(arguments: argparse.Namespace) -> Answer:
    from facediff.timeline import compare_videos

    result = compare_videos(
        arguments.real,
        arguments.fake,
        recipe=arguments.recipe,
        false_alarm_rate=arguments.false_alarm_rate,
        progress=sys.stderr.isatty(),
    )
    _report(result, arguments)
    return Answer(str(result), _clip_data(result), MANIPULATED if result.tracks else UNCHANGED)


def _dataset(arguments: argparse.Namespace) -> Answer:
    from facediff.batch import compare_many, summarise
    from facediff.datasets import find_pairs

    pairs = find_pairs(arguments.root)
    if not pairs.pairs:  # or a wrong folder would pass for an unchanged data set
        raise ValueError(_nothing_in(pairs))
    run = compare_many(
        pairs,
        out=arguments.out,
        recipe=arguments.recipe,
        false_alarm_rate=arguments.false_alarm_rate,
        progress=sys.stderr.isatty(),
    )
    _report(arguments.out, arguments)
    failures = summarise(arguments.out).failures["error"]
    data = {
        "root": arguments.root,
        "out": run.out,
        "pairs": run.pairs,
        "manipulated": run.manipulated,
        "failed": run.failed,
        "failures": dict(failures),
        "without_a_partner": len(pairs.unpaired),
    }
    # As grep has it: an error outweighs what was found.
    return Answer(str(run), data, ERROR if run.failed else MANIPULATED if run.manipulated else UNCHANGED)


def _nothing_in(pairs: VideoPairs) -> str:
    """Say that there is nothing to compare, and the first reason."""
    text = f"{pairs.root}: ROOT must hold a pair of clips, got none"
    if not pairs.unpaired:
        return f"{text}; check the folder"
    first = pairs.unpaired[0]
    return f"{text}, and {len(pairs.unpaired)} without a partner, such as {first.path}: {first.reason}"


def _report(result: Any, arguments: argparse.Namespace, *, files: tuple[str, str] | None = None) -> None:
    if arguments.report is not None:
        from facediff.report import write_report

        write_report(result, arguments.report, files=files)


def _pair_data(comparison: Comparison, found: Localisation) -> dict[str, Any]:
    return {
        "manipulated": found.manipulated,
        "identical": comparison.identical,
        "mse": comparison.mse,
        "psnr": _finite(comparison.psnr),
        "ssim": comparison.ssim,
        "changed": float(found.mask.mean()),
        "threshold": _finite(found.threshold),
        "margin": _finite(found.margin),
        "regions": [
            {
                "box": region.box.xyxy,
                "area": region.area,
                "strength": _finite(region.strength),
                "margin": _finite(region.margin),
                "mean_ssim": _finite(region.mean_ssim),
                "luma_change": region.luma_change,
                "chroma_change": region.chroma_change,
            }
            for region in found.regions
        ],
        "recipe": found.recipe,
        "recipe_version": found.recipe_version,
        "parameters": found.parameters,
        "versions": found.versions._asdict(),
    }


def _clip_data(result: VideoComparison) -> dict[str, Any]:
    return {
        "real": result.real,
        "fake": result.fake,
        "manipulated": bool(result.tracks),
        "frames": result.index.size,
        "manipulated_frames": int(result.manipulated.sum()),
        "refused_frames": len(result.refused),
        "mse": float(result.mse.mean()),
        "ssim": float(result.ssim.mean()),
        "segments": [
            {"start": each.start, "stop": each.stop, "start_time": each.start_time, "stop_time": each.stop_time}
            for each in result.segments
        ],
        "tracks": [
            {
                "start": track.start,
                "stop": track.stop,
                "presence": track.presence,
                "strength": _finite(track.strength),
                "boxes": {str(frame): box.xyxy for frame, box in zip(track.frames.tolist(), track.boxes, strict=True)},
            }
            for track in result.tracks
        ],
        "recipe": result.recipe,
        "parameters": result.parameters,
        "reading": result.reading,
        "versions": result.versions._asdict(),
    }


def _finite(value: float) -> float | None:
    """Return a number as JSON has it, which knows neither infinity nor NaN."""
    return value if math.isfinite(value) else None


def _words(error: Exception) -> str:
    """Return what an error says, without its number."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename is not None else error.strerror
    return str(error)


def _say(text: str) -> None:
    """Print; a reader that has had enough, such as head, is no error, and what was found stays found."""
    try:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()
    except BrokenPipeError:
        # Or Python complains once more when it flushes at its end.
        with open(os.devnull, "wb") as nowhere:
            os.dup2(nowhere.fileno(), sys.stdout.fileno())


def _complain(text: str, status: int) -> int:
    sys.stderr.write(f"facediff: {printable(text)}\n")
    return status


if __name__ == "__main__":  # pragma: no cover - the tests run it in a process of its own; a worker only imports it
    sys.exit(main())
