"""nbval, extended: it compares as a careful reader does, instead of character by character.

- A **claim** line: the stored value must keep its own bound, and the new claim must state the same
  and lie within the stated `reruns ±` of the stored one; without it the digits must be the same.
- A cell with metadata `{"tolerance": 1e-3}` or `{"relative_tolerance": 0.1}`: number by number
  within it, the text around the numbers exactly. Every other cell: exactly.
- **Pictures**, which nbval skips: by similarity (see `picture_similarity`); a cell may lower the
  threshold with metadata `{"picture_similarity": 0.8}`.
- **Progress bars** on stderr are left out.

What agrees is replaced by what is stored; nbval itself then compares all the rest.
"""

import base64
import copy
import math
import re
import tempfile
from collections import defaultdict
from itertools import zip_longest
from pathlib import Path

import picture_similarity
import pytest
from nbval.plugin import IPyNbCell, IPyNbFile

from cnnlib.claims import Claim

# Digits inside a word (conv2d, 3x3) or a version (1.2.3) are text.
NUMBER = re.compile(
    r"(?<![\w.])[-+−]?"
    r"(?:(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d*)?(?:[eE][-+]?\d+)?|\.\d+(?:[eE][-+]?\d+)?"
    r"|(?:nan|inf)(?!\w))"
)
# tqdm ends a bar in [elapsed<remaining, rate], or in [elapsed, rate] where the total is unknown.
BAR = re.compile(r"[^\n\r]*\[\d+:\d\d(?::\d\d)?[<,][^\n\r]*\][ \t]*[\n\r]?|[ \t]*\r[ \t]*")


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(file_path, parent):
    """Put our notebook in the place of nbval's."""
    return [
        CourseNotebook.from_parent(parent, path=file_path) if type(made) is IPyNbFile else made
        for made in (yield)
    ]


class CourseNotebook(IPyNbFile):
    """A notebook whose cells are compared as described above."""

    def collect(self):
        for made in super().collect():
            yield CourseCell.from_parent(
                self, name=made.name, cell_num=made.cell_num, cell=made.cell, options=made.options
            )


class CourseCell(IPyNbCell):
    """A code cell, run and compared."""

    def compare_outputs(self, test, ref, skip_compare=None):
        test, ref = _without_bars(test), _without_bars(ref)
        new, stored = _contents(test), _contents(ref)
        faults = self._compare_pictures(stored.pop("image/png", []), new.pop("image/png", []))
        for kind in stored.keys() & new.keys():
            for old_place, new_place in zip(stored[kind], new[kind], strict=False):
                faults += self._reconcile(kind, old_place, new_place)
        if not faults:
            return super().compare_outputs(test, ref, skip_compare)
        self.comparison_traceback = [
            f"{self.colors.FAIL}{text}{self.colors.ENDC}" for text in faults
        ]
        return False

    def _reconcile(self, kind, stored, new):
        """Make the new text the stored one where both agree; say where numbers do not."""
        (stored, key), (new, _) = stored, new
        if not isinstance(stored[key], str) or not isinstance(new[key], str):
            return []
        faults, new[key] = reconcile_claims(stored[key], new[key])
        if faults:
            return faults
        absolute, relative = self._tolerance()
        ours, theirs = self.sanitize(stored[key]), self.sanitize(new[key])
        pairs = paired_numbers(ours, theirs)
        if pairs is None or ours == theirs:
            return []
        stated = f"relative tolerance {relative:g}" if relative else f"tolerance {absolute:g}"
        for a, b in pairs:
            x, y = _value(a), _value(b)
            same = x == y or (math.isnan(x) and math.isnan(y))
            allowed = max(absolute, relative * abs(x)) * (1 + 1e-9)  # 0.3 − 0.2 is within 0.1
            if not same and not abs(x - y) <= allowed:
                faults.append(
                    f"{kind}: stored {a}, new {b}, {stated}{'' if allowed else ' (exact)'}"
                )
        if not faults and (absolute or relative):
            new[key] = stored[key]
        return faults

    def _tolerance(self):
        metadata = self.cell.metadata
        return metadata.get("tolerance", 0), metadata.get("relative_tolerance", 0)

    def _compare_pictures(self, stored, new):
        if len(stored) != len(new):
            return [f"pictures: {len(stored)} stored, {len(new)} new"]
        threshold = self.cell.metadata.get("picture_similarity", picture_similarity.THRESHOLD)
        faults = []
        for number, places in enumerate(zip(stored, new, strict=True), start=1):
            pngs = [base64.b64decode(data[mime]) for data, mime in places]
            fault = _picture_fault(*pngs, threshold)
            if fault:
                folder = Path(tempfile.mkdtemp(prefix="cnnlib-pictures-"))
                for name, png in zip(("stored.png", "new.png"), pngs, strict=True):
                    (folder / name).write_bytes(png)
                faults.append(f"picture {number}: {fault}; both are in {folder}")
        return faults


def reconcile_claims(stored, new):
    """The faults of two texts' claims; the new text with the stored claims where they agree.

    Texts with different numbers of lines are left to the comparison of the whole.
    """
    old_lines, lines, faults = stored.split("\n"), new.split("\n"), []
    for number, (old_line, line) in enumerate(zip_longest(old_lines, lines)):
        before, now = (Claim.parse(text) if text else None for text in (old_line, line))
        if before is not None and not before.holds:
            faults.append(f"claim: the stored value breaks its own bound: {old_line}")
        elif before is None or now is None or not before.states_the_same_as(now):
            continue
        elif before.agrees_with(now):
            lines[number] = old_line
        else:
            faults.append(
                f"claim: stored {before.value:g}, new {now.value:g}, reruns within "
                f"{before.allowed:g}{'' if before.allowed else ' (exact)'}: {line}"
            )
    return faults, "\n".join(lines)


def paired_numbers(stored, new):
    """The numbers of two texts, pair by pair; None where the text around them differs.

    White space next to a number does not count: an array's columns widen with its digits.
    """
    if _words(stored) != _words(new):
        return None
    return list(zip(NUMBER.findall(stored), NUMBER.findall(new), strict=True))


def _words(text):
    return [" ".join(part.split()) for part in NUMBER.split(text)]


def _value(text):
    return float(text.replace(",", "").replace("−", "-"))


def _picture_fault(stored, new, threshold):
    try:
        measured = picture_similarity.similarity(stored, new)
    except ValueError as error:
        return str(error)
    if measured < threshold:
        return f"similarity {measured:.3f}, threshold {threshold:g}"
    return None


def _without_bars(outputs):
    """A copy of the outputs without progress bars, nor the stderr that held nothing else."""
    kept = []
    for output in copy.deepcopy(outputs):
        if output.get("name") == "stderr":
            output.text = BAR.sub("", output.text)
            if not output.text.strip():
                continue
        kept.append(output)
    return kept


def _contents(outputs):
    """Where each content stands, by kind: {"stdout" or MIME type: [(mapping, key), …]}."""
    places = defaultdict(list)
    for output in outputs:
        if output.output_type == "stream":
            places[output.name].append((output, "text"))
        for mime in output.get("data", {}):
            places[mime].append((output.data, mime))
    return places
