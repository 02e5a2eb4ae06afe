"""From a clean page to a scan, a photo on a desk, a bad photo; boxes go along."""

import random
from collections.abc import Mapping, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from structures.canvas import Box

Picture = NDArray[np.uint8]
_DESKS = ((70, 72, 78), (150, 150, 155), (96, 72, 50), (130, 100, 70), (40, 42, 46), (185, 180, 172))


def degrade(image: Image.Image, boxes: Mapping[str, Sequence[Box]], level: str,
            rng: random.Random) -> tuple[Image.Image, dict[str, list[Box]]]:  # fmt: skip
    """Return the page as a picture of this level, and its boxes there in pixels."""
    page = np.asarray(image.convert("RGB")).copy()
    if level == "clean":
        return image, {path: list(found) for path, found in boxes.items()}
    random_state = np.random.default_rng(rng.randrange(2**32))
    if level == "light":
        picture, matrix = _place(page, rng, tilt=0.012, keystone=0.0, margin=0.04, desk=(250, 250, 250))
        picture = _noisy(picture, random_state, 4)
    else:
        is_heavy = level == "heavy"
        page = _creased(page, rng, 1 + is_heavy if rng.random() < (0.9 if is_heavy else 0.5) else 0)
        tilt, keystone = (0.06, 0.05) if is_heavy else (0.025, 0.022)
        picture, matrix = _place(page, rng, tilt=tilt, keystone=keystone, margin=0.06, desk=rng.choice(_DESKS))
        picture = _lit(
            picture, rng, random_state, strength=0.55 if is_heavy else 0.25, edge=is_heavy or rng.random() < 0.2
        )
        picture = cv2.GaussianBlur(picture, (0, 0), rng.uniform(1.1, 1.6) if is_heavy else rng.uniform(0.4, 0.9))
        picture = _noisy(picture, random_state, rng.uniform(8, 14) if is_heavy else rng.uniform(3, 7))
    picture = _as_jpeg(picture, {"light": 85, "photo": rng.randint(65, 85), "heavy": rng.randint(35, 50)}[level])
    moved = {path: [_moved(box, matrix) for box in found] for path, found in boxes.items()}
    return Image.fromarray(picture), moved


def _place(page: Picture, rng: random.Random, *, tilt: float, keystone: float, margin: float,
           desk: tuple[int, int, int]) -> tuple[Picture, NDArray[np.float64]]:  # fmt: skip
    """Lay the page on a desk, turned and seen from the side."""
    height, width = page.shape[:2]
    around = margin * max(height, width)
    size = (round(width + 2 * around), round(height + 2 * around))
    angle = rng.uniform(-tilt, tilt)
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    centre = np.array([width / 2, height / 2])
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    placed = (corners - centre) @ turn.T + centre + around
    placed += np.array(
        [[rng.uniform(-keystone, keystone) * width, rng.uniform(-keystone, keystone) * height] for _ in range(4)]
    )
    matrix = cv2.getPerspectiveTransform(corners, placed.astype(np.float32))
    background = np.empty((size[1], size[0], 3), np.uint8)
    background[:] = desk
    if desk != (250, 250, 250):
        grain = np.random.default_rng(rng.randrange(2**32)).normal(0, 7, (size[1] // 3 + 1, size[0] // 3 + 1))
        grain = cv2.resize(grain, size, interpolation=cv2.INTER_LINEAR)[..., None]
        background = np.clip(background + grain, 0, 255).astype(np.uint8)
    warped = cv2.warpPerspective(page, matrix, size, flags=cv2.INTER_AREA)
    mask = cv2.warpPerspective(np.full((height, width), 255, np.uint8), matrix, size)
    inside = (mask.astype(np.float32) / 255)[..., None]
    return np.clip(warped * inside + background * (1 - inside), 0, 255).astype(np.uint8), matrix


def _creased(page: Picture, rng: random.Random, count: int) -> Picture:
    """Fold the page once or twice: a dark and a bright line, print shifted a little."""
    shade = np.ones(page.shape[:2], np.float32)
    for _ in range(count):
        across = rng.random() < 0.6
        length = page.shape[0 if across else 1]
        at = rng.uniform(0.25, 0.75) * length
        place = np.arange(length, dtype=np.float32) - at
        fold = 1 - 0.22 * np.exp(-((place / 5) ** 2)) + 0.10 * np.exp(-(((place - 9) / 6) ** 2)) - 0.06 * (place > 0)
        shade *= fold[:, None] if across else fold[None, :]
    return np.clip(page * shade[..., None], 0, 255).astype(np.uint8)


def _lit(picture: Picture, rng: random.Random, state: np.random.Generator, *, strength: float, edge: bool) -> Picture:
    """Light the picture from one side, perhaps with the edge of a shadow."""
    height, width = picture.shape[:2]
    ys, xs = np.mgrid[0:height, 0:width].astype(np.float32)
    angle = rng.uniform(0, 2 * np.pi)
    along = ((xs / width - 0.5) * np.cos(angle) + (ys / height - 0.5) * np.sin(angle)) / 0.7
    light = 0.93 + strength * 0.5 * along - strength * 0.25
    if edge:
        line = rng.uniform(-0.5, 0.5)
        light *= 1 - (0.35 if strength > 0.4 else 0.18) / (1 + np.exp(-(along - line) * 30))
    warmth = np.array([1.0, rng.uniform(0.96, 1.0), rng.uniform(0.88, 1.0)], np.float32)
    del state
    return np.clip(picture * light[..., None] * warmth, 0, 255).astype(np.uint8)


def _noisy(picture: Picture, state: np.random.Generator, sigma: float) -> Picture:
    return np.clip(picture + state.normal(0, sigma, picture.shape), 0, 255).astype(np.uint8)


def _as_jpeg(picture: Picture, quality: int) -> Picture:
    _, data = cv2.imencode(".jpg", picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    return cv2.imdecode(data, cv2.IMREAD_COLOR)[..., ::-1].copy()


def _moved(box: Box, matrix: NDArray[np.float64]) -> Box:
    corners = np.array([[(box[0], box[1]), (box[2], box[1]), (box[2], box[3]), (box[0], box[3])]], np.float32)
    points = cv2.perspectiveTransform(corners, matrix)[0]
    return (float(points[:, 0].min()), float(points[:, 1].min()), float(points[:, 0].max()), float(points[:, 1].max()))
