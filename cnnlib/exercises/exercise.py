"""What an exercise is: a judge of answers, a hint and a solution."""

import html
import textwrap
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Exercise:
    """One exercise of a notebook.

    Parameters
    ----------
    number : str
        Week and position in the week, `"1.2"`.
    judge : callable
        Takes the answer. Returns None where it is right; otherwise a sentence that says what came,
        what kind of thing was expected and the likely cause, and never the answer itself.
    hint_text : str
        The idea to look at again.
    solution_text : str
        Python code that computes the answer, its reasons in comments.
    insight : str
        What a right answer has shown; printed with the praise.
    """

    number: str
    judge: Callable
    hint_text: str
    solution_text: str
    insight: str

    def check(self, *answer):
        """Print whether the answer is right and, where it is not, which idea to look at again."""
        if not answer or any(part is None or part is ... for part in answer):
            print(
                f"Exercise {self.number} — no answer yet. "
                "Put yours in place of None and run the cell again."
            )
            return
        try:
            fault = self.judge(*answer)
        except Exception as error:  # the student's own function may raise anything
            what = "your code stopped with" if any(map(callable, answer)) else "it cannot be read,"
            fault = f"{what} {type(error).__name__}: {error}"
        if fault is None:
            print(f"Exercise {self.number} — right. {self.insight}")
        else:
            print(f"Exercise {self.number} — not yet: {fault}")

    def hint(self):
        """Print which idea leads to the answer."""
        print(f"Hint for exercise {self.number}: {self.hint_text}")

    def solution(self):
        """The solution, folded: a notebook shows it at a click."""
        return Folded(f"Solution of exercise {self.number}", textwrap.dedent(self.solution_text))


class Folded:
    """A piece of code under a title that opens at a click."""

    def __init__(self, title, code):
        self.title = title
        self.code = code.strip()

    def __repr__(self):
        return f"{self.title}\n\n{self.code}"

    def _repr_html_(self):
        return (
            f"<details><summary>{html.escape(self.title)}</summary>"
            f"<pre><code>{html.escape(self.code)}</code></pre></details>"
        )
