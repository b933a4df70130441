"""The memory of conversations: restarts, killed processes, turns side by side, odd names."""

from __future__ import annotations

import pickle
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from langgraph.graph import END, START, StateGraph

from nadeuri.errors import DataError, QueryError
from nadeuri.guide import memory as module
from nadeuri.guide.answer import Answer
from nadeuri.guide.memory import Memory
from nadeuri.guide.state import State

WRITER = """
import sys, time
from pathlib import Path
sys.path.insert(0, {folder!r})
from guide_memory_double import answer_all
from nadeuri.guide.memory import Memory
memory = Memory(Path({file!r}))
answer_all(memory, {thread!r}, {first}, {last})
print("ready", flush=True)
time.sleep(60)
"""
DOUBLE = """
from langgraph.graph import END, START, StateGraph
from nadeuri.guide.answer import Answer
from nadeuri.guide.state import State

def answer_all(memory, thread, first, last):
    graph = StateGraph(State)
    def say(state):
        said = Answer(kind="chat", text=state["question"].upper())
        return {"answer": said.model_dump(mode="json", exclude_defaults=True)}
    graph.add_node("say", say)
    graph.add_edge(START, "say")
    graph.add_edge("say", END)
    compiled = graph.compile(checkpointer=memory.saver)
    for number in range(first, last):
        with memory.turn(thread) as config:
            compiled.invoke({"question": f"q{number}", "answer": None}, config, durability="exit")
"""


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Memory]:
    with Memory(tmp_path / "chat.sqlite") as opened:
        yield opened


def say(memory: Memory, thread: str, question: str, *, fails: bool = False) -> None:
    """A turn by a graph that repeats what it is told."""

    def repeat(state: State) -> State:
        if fails:
            raise ValueError("boom")
        said = Answer(kind="chat", text=f"{state['question']}!")
        return {"answer": said.model_dump(mode="json", exclude_defaults=True)}

    graph: StateGraph[State] = StateGraph(State)
    graph.add_node("repeat", repeat)
    graph.add_edge(START, "repeat")
    graph.add_edge("repeat", END)
    with memory.turn(thread) as config:
        graph.compile(checkpointer=memory.saver).invoke(
            {"question": question, "answer": None}, config, durability="exit"
        )


def questions(memory: Memory, thread: str) -> list[str]:
    return [turn.question for turn in memory.turns(thread)]


def test_turns_are_kept_in_their_order_and_threads_apart(memory: Memory) -> None:
    for question in ("하나", "둘", "셋"):
        say(memory, "a", question)
    say(memory, "b", "넷")
    assert questions(memory, "a") == ["하나", "둘", "셋"]
    assert [turn.answer.text for turn in memory.turns("b")] == ["넷!"]
    assert memory.turns("c") == []


def test_a_turn_that_failed_is_not_in_the_history(memory: Memory) -> None:
    say(memory, "a", "하나")
    with pytest.raises(ValueError, match="boom"):
        say(memory, "a", "둘", fails=True)
    say(memory, "a", "셋")
    assert questions(memory, "a") == ["하나", "셋"]


def test_forgotten_is_forgotten(memory: Memory) -> None:
    say(memory, "a", "하나")
    say(memory, "b", "둘")
    memory.forget("a")
    assert questions(memory, "a") == []
    assert questions(memory, "b") == ["둘"]


def test_a_long_chat_grows_with_its_length_and_is_cut(
    memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_TURNS", 5)
    for number in range(12):
        say(memory, "a", f"q{number}")
    say(memory, "b", "other")
    assert questions(memory, "a") == [f"q{number}" for number in range(7, 12)]
    with sqlite3.connect(memory.file) as own:
        rows = own.execute("SELECT thread_id, length(checkpoint) FROM checkpoints").fetchall()
    own.close()
    assert sorted(thread for thread, _ in rows) == ["a"] * 5 + ["b"]
    assert max(size for _, size in rows) < 1.5 * min(size for _, size in rows)


def test_history_survives_a_restart(tmp_path: Path) -> None:
    with Memory(tmp_path / "chat.sqlite") as first:
        say(first, "a", "하나")
    with Memory(tmp_path / "chat.sqlite") as second:
        say(second, "a", "둘")
        assert questions(second, "a") == ["하나", "둘"]


def writer(tmp_path: Path, thread: str, first: int, last: int) -> subprocess.Popen[str]:
    (tmp_path / "guide_memory_double.py").write_text(DOUBLE, encoding="utf-8")
    script = WRITER.format(
        folder=str(tmp_path),
        file=str(tmp_path / "chat.sqlite"),
        thread=thread,
        first=first,
        last=last,
    )
    return subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)


def test_history_survives_sigkill_and_several_processes_write_one_file(tmp_path: Path) -> None:
    with Memory(tmp_path / "chat.sqlite") as own:
        processes = [writer(tmp_path, f"t{n}", 0, 15) for n in range(2)]
        for number in range(15):
            say(own, "own", f"q{number}")
        for process in processes:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            process.send_signal(signal.SIGKILL)
            process.communicate()
        assert len(questions(own, "own")) == 15
        for thread in ("t0", "t1"):
            assert questions(own, thread) == [f"q{number}" for number in range(15)]
        say(own, "t0", "after")
        assert questions(own, "t0")[-1] == "after"


def test_two_turns_of_one_thread_wait_for_each_other(memory: Memory) -> None:
    order: list[str] = []
    begun = threading.Event()

    def slow() -> None:
        with memory.turn("a"):
            begun.set()
            time.sleep(0.3)
            order.append("first")

    thread = threading.Thread(target=slow)
    thread.start()
    begun.wait(5)
    with memory.turn("a"):
        order.append("second")
    thread.join()
    assert order == ["first", "second"]


def test_two_threads_do_not_wait_for_each_other(memory: Memory) -> None:
    with memory.turn("a"), memory.turn("b"):
        pass


def test_a_turn_that_never_ends_is_not_waited_for_forever(
    memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_PATIENCE_S", 0.1)
    waiting = pytest.raises(QueryError, match="still being answered")
    with memory.turn("a"), waiting, memory.turn("a"):
        pass


@pytest.mark.parametrize(
    "thread", ["", "a b", "가나다", "x" * 65, "../a", "a\n", "a\x00", "a;DROP TABLE", "😀"]
)
def test_odd_names_of_threads_are_refused(memory: Memory, thread: str) -> None:
    for use in (memory.turns, memory.forget):
        with pytest.raises(QueryError, match="thread"):
            use(thread)


def test_nothing_that_is_read_can_run_code(memory: Memory, tmp_path: Path) -> None:
    class Bomb:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return (Path.touch, (str(tmp_path / "ran"),))

    say(memory, "a", "하나")
    with sqlite3.connect(memory.file) as own:
        own.execute(
            "UPDATE checkpoints SET type = 'pickle', checkpoint = ?", (pickle.dumps(Bomb()),)
        )
    own.close()
    with pytest.raises(DataError, match="pickle"):
        memory.turns("a")
    assert not (tmp_path / "ran").exists()


def test_an_answer_of_another_version_keeps_its_text(memory: Memory) -> None:
    say(memory, "a", "하나")
    say(memory, "a", "둘")
    with sqlite3.connect(memory.file) as own:
        own.execute(
            'UPDATE checkpoints SET checkpoint = replace(checkpoint, \'"kind": "chat"\', '
            '\'"kind": "riddle", "colour": 1\') WHERE checkpoint LIKE \'%하나%\''
        )
    own.close()
    assert [turn.answer.text for turn in memory.turns("a")] == ["하나!", "둘!"]


def test_what_is_no_json_is_never_kept(memory: Memory) -> None:
    with pytest.raises(TypeError, match="set"):
        memory.saver.serde.dumps_typed({"a": {1, 2}})


def test_a_file_that_is_no_memory_is_reported(tmp_path: Path) -> None:
    (tmp_path / "chat.sqlite").write_bytes(b"no database at all, but long enough" * 100)
    with pytest.raises(DataError, match=r"chat\.sqlite"):
        Memory(tmp_path / "chat.sqlite")


def test_without_a_file_nothing_stays(tmp_path: Path) -> None:
    with Memory(None) as opened:
        say(opened, "a", "하나")
        file = opened.file
        assert questions(opened, "a") == ["하나"]
    assert not file.exists()
