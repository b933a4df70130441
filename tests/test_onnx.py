"""The one door to ONNX Runtime: no reporting thread, and no damage from a fork."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from nadeuri.errors import ArtifactError
from nadeuri.onnx import open_session


@pytest.fixture
def doubling(tmp_path: Path) -> Path:
    """A model that doubles its input."""
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [None]) for name in "xy"]
    graph = helper.make_graph([helper.make_node("Add", ["x", "x"], ["y"])], "g", ends[:1], ends[1:])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)
    onnx.save(model, tmp_path / "model.onnx")
    return tmp_path / "model.onnx"


def test_a_model_runs(doubling: Path) -> None:
    (result,) = open_session(doubling).run(None, {"x": np.array([1.5], np.float32)})
    assert result.tolist() == [3.0]


def test_a_damaged_model_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(b"not a model")
    with pytest.raises(ArtifactError, match=r"model\.onnx: ONNX Runtime cannot load it") as error:
        open_session(tmp_path / "model.onnx")
    assert "\n" not in str(error.value)


def test_no_thread_is_started_and_a_forked_child_exits(doubling: Path) -> None:
    program = (
        "import os, sys\n"
        "from pathlib import Path\n"
        "import numpy as np\n"
        "from nadeuri.onnx import open_session\n"
        "before = len(os.listdir('/proc/self/task'))\n"
        "session = open_session(Path(sys.argv[1]))\n"
        "assert len(os.listdir('/proc/self/task')) == before\n"
        "child = os.fork()\n"
        "result = session.run(None, {'x': np.ones(1, np.float32)})[0]\n"
        "assert result.tolist() == [2.0]\n"
        "if child:\n"
        "    assert os.waitpid(child, 0)[1] == 0\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(doubling)],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert done.returncode == 0, done.stderr
