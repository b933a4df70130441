"""Questions to the judge at once, over the synchronous API: for few questions, or a first try."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, as_completed

from nadeuri.llm import LanguageModel, LanguageModelError
from nadeuri.match.judge.questions import Question
from nadeuri.progress import progress

THREADS = 8
"""Questions that are asked side by side."""


def ask_now(
    questions: Iterable[Question],
    model: LanguageModel,
    keep: Callable[[Question, str], object],
    *,
    threads: int = THREADS,
) -> dict[str, str]:
    """Ask, and keep each answer as soon as it is there; equal questions are asked once.

    Args:
        keep: called in this thread with the question and the text of its answer.

    Returns:
        What went wrong, by ``custom_id``: questions without a usable answer after all retries.
    """
    asked = {question.request.custom_id: question for question in questions}
    failed: dict[str, str] = {}
    pool = ThreadPoolExecutor(threads)
    try:
        running = {
            pool.submit(model.parse, question.messages, question.answer): question
            for question in asked.values()
        }
        for done in progress(as_completed(running), "places judged", len(running)):
            question = running[done]
            try:
                keep(question, done.result().model_dump_json())
            except LanguageModelError as error:
                failed[question.request.custom_id] = str(error)
    finally:  # whatever stops us, questions that were not sent yet never will be
        pool.shutdown(cancel_futures=True)
    return failed
