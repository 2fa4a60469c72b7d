"""The codecs behind `facediff.synthesis.encode`: a picture in, the same picture as it comes out of the coder."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from facediff._arrays import Picture

_JPEG_SAMPLING = {
    "4:2:0": cv2.IMWRITE_JPEG_SAMPLING_FACTOR_420,
    "4:4:4": cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444,
}
# ITU-R BT.601 in limited range: Y from 16 to 235, Cb and Cr from 16 to 240.
_TO_YUV = np.array([[65.481, 128.553, 24.966], [-37.797, -74.203, 112.0], [112.0, -93.786, -18.214]], np.float64) / 255
_YUV_OFFSET = np.array([16.0, 128.0, 128.0])


def jpeg(picture: Picture, quality: int, subsampling: str) -> Picture:
    """Code as JPEG and back."""
    sampling = _JPEG_SAMPLING[subsampling]
    return _by_opencv(picture, ".jpg", [cv2.IMWRITE_JPEG_QUALITY, quality, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, sampling])


def webp(picture: Picture, quality: int, subsampling: str) -> Picture:
    """Code as lossy WebP and back."""
    _check_halved(subsampling, "webp")
    return _by_opencv(picture, ".webp", [cv2.IMWRITE_WEBP_QUALITY, quality])


def _by_opencv(picture: Picture, ending: str, parameters: list[int]) -> Picture:
    gray = picture.ndim == 2
    _, coded = cv2.imencode(ending, picture if gray else picture[..., ::-1], parameters)
    decoded = np.asarray(cv2.imdecode(coded, cv2.IMREAD_GRAYSCALE if gray else cv2.IMREAD_COLOR))
    return np.ascontiguousarray(decoded if gray else decoded[..., ::-1], np.uint8)


def h264(picture: Picture, quality: int, subsampling: str) -> Picture:
    """Code as one H.264 frame (libx264, preset medium, 4:2:0, limited range, BT.601) and back."""
    _check_halved(subsampling, "h264")
    try:
        import av
    except ImportError as error:
        raise ImportError('codec "h264" needs PyAV, which is not installed; pip install "facediff[video]"') from error
    height, width = picture.shape[:2]
    # One chroma sample stands for two rows and columns: odd sizes get their last row and column twice.
    even = np.pad(picture, [(0, height % 2), (0, width % 2), (0, 0)][: picture.ndim], mode="edge")
    planes = _to_planes(even)
    encoder = av.CodecContext.create("libx264", "w")
    encoder.width, encoder.height, encoder.pix_fmt = even.shape[1], even.shape[0], "yuv420p"
    # The time base has to be set and means nothing here; one thread, so that the bytes depend on no machine's cores.
    encoder.time_base, encoder.thread_count = Fraction(1, 25), 1
    encoder.options = {"crf": str(quality)}
    packets = [*encoder.encode(av.VideoFrame.from_ndarray(planes, format="yuv420p")), *encoder.encode(None)]
    decoder = av.CodecContext.create("h264", "r")
    decoder.thread_count = 1
    (decoded,) = [frame for packet in [*packets, None] for frame in decoder.decode(packet)]
    return np.ascontiguousarray(_from_planes(decoded.to_ndarray(format="yuv420p"), even.shape)[:height, :width])


def _to_planes(picture: Picture) -> Picture:
    """Return a picture's Y, Cb and Cr in limited range, one below the other as PyAV wants them: (3 H / 2, W).

    Not by swscale, whose default loses about one level of every colour on the way there and back.
    """
    height, width = picture.shape[:2]
    rgb = picture if picture.ndim == 3 else np.stack([picture] * 3, axis=-1)
    luma, *chroma = np.moveaxis(rgb @ _TO_YUV.T + _YUV_OFFSET, -1, 0)
    half = [cv2.resize(plane, (width // 2, height // 2), interpolation=cv2.INTER_AREA) for plane in chroma]
    return _to_8_bits(np.concatenate([plane.ravel() for plane in (luma, *half)]).reshape(-1, width))


def _from_planes(planes: Picture, shape: tuple[int, ...]) -> Picture:
    """Return the picture of `_to_planes`, of this shape."""
    height, width = shape[:2]
    luma = planes[:height].astype(np.float64)
    if len(shape) == 2:
        return _to_8_bits((luma - 16) * (255 / 219))
    half = planes[height:].reshape(2, height // 2, width // 2).astype(np.float64)
    chroma = [cv2.resize(plane, (width, height), interpolation=cv2.INTER_LINEAR) for plane in half]
    return _to_8_bits((np.stack([luma, *chroma], axis=-1) - _YUV_OFFSET) @ np.linalg.inv(_TO_YUV).T)


def _to_8_bits(values: npt.NDArray[np.float64]) -> Picture:
    return np.rint(np.clip(values, 0, 255)).astype(np.uint8)


def _check_halved(subsampling: str, codec: str) -> None:
    if subsampling != "4:2:0":
        raise ValueError(f"codec {codec!r} has subsampling '4:2:0' only, got {subsampling!r}; leave it out")


class Codec(NamedTuple):
    """One codec and its limits."""

    recode: Callable[[Picture, int, str], Picture]
    qualities: tuple[int, int]
    largest_side: int


CODECS: dict[str, Codec] = {
    "jpeg": Codec(jpeg, (1, 100), 65500),
    "webp": Codec(webp, (1, 100), 16383),
    "h264": Codec(h264, (0, 51), 16384),
}
