"""How the next question is found: an index has the order, and nothing is sorted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import event

from nadeuri.data.questions import Question
from nadeuri.understand.labelling.assign import next_task
from nadeuri.understand.labelling.database import LabellingStore
from nadeuri.understand.labelling.tasks import add_tasks, rank, task_id


def test_the_next_question_is_found_by_an_index(tmp_path: Path) -> None:
    questions = [Question(f"q{n}", f"{n}번 질문") for n in range(3)]
    asked: list[tuple[str, Any]] = []

    def note(*told: Any) -> None:
        asked.append(told[2:4])

    with LabellingStore(f"sqlite:///{tmp_path / 'labelling.sqlite'}") as store:
        with store.begin() as connection:
            add_tasks(connection, questions, source="test", double=0.0)
            rank(connection, {task_id(questions[2].text): 0.5})
            event.listen(connection, "before_cursor_execute", note)
            offered = [next_task(connection, name, 0.0) for name in ("지민", "하나", "도윤")]
        assert [each and each.question for each in offered] == ["q2", "q0", "q1"]
        plans = []
        with store.reading() as connection:
            for statement, values in asked:
                if statement.startswith("SELECT"):
                    explain = f"EXPLAIN QUERY PLAN {statement}"
                    rows = connection.exec_driver_sql(explain, values).all()
                    plans.append(" / ".join(row[-1] for row in rows))
    assert sum("labelling_task_offer" in plan for plan in plans) == 5, plans  # 1, 2 and 2 of them
    assert not any("TEMP B-TREE" in plan or "SCAN labelling_task" in plan for plan in plans)
