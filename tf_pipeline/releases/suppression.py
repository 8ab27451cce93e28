"""Which counts must be hidden, so that nobody can read or calculate a small one.

Belongs here: cells, lines of cells that add up, which cells to suppress, and what a reader could
still calculate. Does not belong here: which published columns add up (`ref_shared.csv`), files.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

# whole-number arithmetic modulo a large prime: exact, and quicker than fractions
PRIME = 2**61 - 1


@dataclass(frozen=True)
class Line:
    """Cells whose signed sum is zero: the parts with their signs, and last the total, negative.

    A difference between parts and total is also a cell, but a hidden one.
    """

    parts: tuple[tuple[int, int], ...]
    total: int

    @property
    def terms(self) -> tuple[tuple[int, int], ...]:
        """Every cell with its sign."""
        return (*self.parts, (self.total, -1))


@dataclass
class Cells:
    """Counts, and the lines in which they add up; `hidden` cells are never published."""

    threshold: int
    values: list[int] = field(default_factory=list)
    hidden: set[int] = field(default_factory=set)
    lines: list[Line] = field(default_factory=list)

    def add(self, value: int, *, is_hidden: bool = False) -> int:
        """Adds a count; returns its number."""
        self.values.append(value)
        if is_hidden:
            self.hidden.add(len(self.values) - 1)
        return len(self.values) - 1

    def add_line(self, parts: Sequence[tuple[int, int]], total: int) -> None:
        """Adds a line of parts and total; a difference between them becomes a hidden cell.

        We assume that readers know when the parts sum exactly to the total.
        """
        rest = self.values[total] - sum(sign * self.values[cell] for cell, sign in parts)
        if rest:
            parts = [*parts, (self.add(rest, is_hidden=True), 1)]
        self.lines.append(Line(tuple(parts), total))

    def is_small(self, cell: int) -> bool:
        """Whether a count needs protection; zero does not."""
        return 0 < abs(self.values[cell]) < self.threshold

    def small(self) -> set[int]:
        """Every count that needs protection, including hidden ones."""
        return {cell for cell in range(len(self.values)) if self.is_small(cell)}


def suppress(cells: Cells) -> set[int]:
    """The cells to suppress: the small ones, and enough others that nobody can calculate them."""
    chosen = cells.small() - cells.hidden
    lines_of: dict[int, list[Line]] = {}
    for line in cells.lines:
        for cell, _ in line.terms:
            lines_of.setdefault(cell, []).append(line)
    waiting = list(cells.lines)
    while True:
        while waiting:
            found = _weak_spot(cells, waiting.pop(), chosen)
            if found is not None:
                chosen.add(found)
                waiting.extend(lines_of[found])
        best = _best_further(cells, lines_of, chosen)
        if best is not None:
            chosen.add(best)
            waiting.extend(lines_of[best])
        if not waiting:
            # readers can calculate these large counts anyway, so blanking them protects nothing
            return chosen - (recoverable(cells, chosen) - cells.small())


def _best_further(cells: Cells, lines_of: dict[int, list[Line]], chosen: set[int]) -> int | None:
    """The cheapest further cell, in or next to a line of a cell that readers can calculate."""
    options = [
        found
        for cell in recoverable(cells, chosen) & cells.small()
        for line in lines_of[cell]
        for near, _ in line.terms
        if near == cell or near in chosen
        for other in lines_of.get(near, ())
        if (found := _cheapest(cells, other, chosen)) is not None
    ]
    return min(options)[-1] if options else None


def recoverable(cells: Cells, chosen: set[int]) -> set[int]:
    """Suppressed or small cells that follow from the shown ones, by linear algebra."""
    unknown = chosen | cells.hidden
    protected = chosen | cells.small()
    equations: Iterable[dict[int, int]] = (
        {cell: sign for cell, sign in line.terms if cell in unknown} for line in cells.lines
    )
    solved: dict[int, dict[int, int]] = {}
    within: dict[int, set[int]] = {}
    for equation in equations:
        row = dict(equation)
        for cell in list(equation):
            if cell in solved:
                _subtract(row, solved[cell], row.get(cell, 0))
        if not row:
            continue
        pivot = min(row, key=lambda cell: len(within.get(cell, ())))
        inverse = pow(row[pivot], -1, PRIME)
        row = {cell: value * inverse % PRIME for cell, value in row.items()}
        for other in list(within.get(pivot, ())):
            before = set(solved[other])
            _subtract(solved[other], row, solved[other][pivot])
            for cell in before - set(solved[other]):
                within[cell].discard(other)
            for cell in set(solved[other]) - before:
                within.setdefault(cell, set()).add(other)
        solved[pivot] = row
        for cell in row:
            within.setdefault(cell, set()).add(pivot)
    return {pivot for pivot, row in solved.items() if len(row) == 1} & protected


def _subtract(row: dict[int, int], other: dict[int, int], factor: int) -> None:
    if not factor:
        return
    for cell, value in other.items():
        left = (row.get(cell, 0) - factor * value) % PRIME
        if left:
            row[cell] = left
        else:
            row.pop(cell, None)


def _weak_spot(cells: Cells, line: Line, chosen: set[int]) -> int | None:
    """A further cell of the line to suppress; None if the line reveals nothing."""
    unknown = [(c, sign) for c, sign in line.terms if c in chosen or c in cells.hidden]
    if not any(c in chosen or cells.is_small(c) for c, _ in unknown):
        return None
    together = abs(sum(sign * cells.values[c] for c, sign in unknown))
    is_total_shown = unknown[-1][0] != line.total
    # several unknown cells that together make a small count need protection too
    if len(unknown) > 1 and not (is_total_shown and 0 < together < cells.threshold):
        return None
    found = _cheapest(cells, line, chosen)
    return None if found is None else found[-1]


def _cheapest(cells: Cells, line: Line, chosen: set[int]) -> tuple[bool, bool, int, int] | None:
    """The smallest part still shown, then zeros, and the total only as a last resort."""
    return min(
        (
            (cell == line.total, cells.values[cell] == 0, abs(cells.values[cell]), cell)
            for cell, _ in line.terms
            if cell not in chosen and cell not in cells.hidden
        ),
        default=None,
    )
