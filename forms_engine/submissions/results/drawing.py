"""Where the parts of a bar chart stand, for an SVG that is as wide as its page: lengths in percent, heights in pixels.

Text keeps its size on a narrow page, so labels are broken into lines here. Pure.
"""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from forms_engine.submissions.results.tally import Bar

LINE, THICK, GAP = 20, 22, 14  # pixels: line of a label, bar, space below
CHARACTERS = 34  # of a label on one line: fits a page of 320 pixels
WIDEST = 62  # percent, of the longest bar; the number stands behind it


@dataclass(frozen=True)
class DrawnLine:
    text: str
    y: int


@dataclass(frozen=True)
class DrawnBar:
    lines: tuple[DrawnLine, ...]
    y: int
    width: str  # percent of the drawing, as SVG writes it
    number_x: str
    number_y: int
    number: str


@dataclass(frozen=True)
class Drawing:
    bars: tuple[DrawnBar, ...]
    height: int
    thick: int = THICK


def draw(bars: Sequence[Bar]) -> Drawing:
    longest, top, drawn = max((bar.count for bar in bars), default=0), 0, []
    for bar in bars:
        words = textwrap.wrap(bar.label, CHARACTERS) or [""]
        lines = tuple(DrawnLine(text, top + LINE * (n + 1) - 5) for n, text in enumerate(words))
        y = top + LINE * len(words)
        width = WIDEST * bar.count / longest if longest else 0
        number = f"{bar.count:,}".replace(",", ".") + f" ({bar.percent} %)"
        drawn.append(DrawnBar(lines, y, f"{width:.2f}%", f"{width + 2:.2f}%", y + THICK - 6, number))
        top = y + THICK + GAP
    return Drawing(tuple(drawn), top)
