"""What is exported answers as what was trained."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from nadeuri.artifact import Artifact, open_artifact
from nadeuri.data.questions import Question
from nadeuri.errors import ArtifactError
from nadeuri.onnx import open_session
from nadeuri.understand import bundle, export
from nadeuri.understand.bio import Floats
from nadeuri.understand.config import ExperimentConfig
from nadeuri.understand.encoding import Ints
from nadeuri.understand.export import export_onnx, export_questions
from nadeuri.understand.gazetteer import Entry, Gazetteer
from nadeuri.understand.model import QuestionModel, build_model
from nadeuri.understand.parse import Parse
from nadeuri.understand.predict import QuestionParser, onnx_scorer

N_TEXTS = 100


def test_the_artefact_answers_as_the_trained_model(
    question_model: QuestionModel,
    question_config: ExperimentConfig,
    travel_questions: list[Question],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(export, "MOST_LOST", -1)  # in fp32, so that it is the same model
    artifact = export_questions(question_model, question_config, travel_questions[:9], tmp_path)
    texts = [question.text for question in travel_questions[:N_TEXTS]]
    expected = question_model.parse(texts)
    found = QuestionParser(artifact.path).parse(texts)
    assert [parse.spans for parse in found] == [parse.spans for parse in expected]
    assert [parse.intent for parse in found] == [parse.intent for parse in expected]
    assert _confidences(found) == pytest.approx(_confidences(expected), abs=1e-3)
    assert sum(len(parse.spans) for parse in found) > N_TEXTS


def test_int8_answers_nearly_as_well(
    question_model: QuestionModel, question_artifact: Artifact, travel_questions: list[Question]
) -> None:
    judged = question_artifact.metadata["valid_quality"]
    assert judged[bundle.FP32] > 0.9, "the tiny model has learned its questions"
    assert question_artifact.metadata["precision"] == bundle.INT8
    assert judged[bundle.FP32] - judged[bundle.INT8] <= export.MOST_LOST
    texts = [question.text for question in travel_questions[:N_TEXTS]]
    found = QuestionParser(question_artifact.path).parse(texts)
    same = [
        one.spans == other.spans
        for one, other in zip(found, question_model.parse(texts), strict=True)
    ]
    assert np.mean(same) >= 0.95


def test_fp32_is_shipped_where_int8_is_worse(
    question_model: QuestionModel,
    question_config: ExperimentConfig,
    question_artifact: Artifact,
    travel_questions: list[Question],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(export, "MOST_LOST", -1)
    artifact = export_questions(question_model, question_config, travel_questions[:9], tmp_path)
    assert artifact.metadata["precision"] == bundle.FP32
    full, small = (each.file(bundle.MODEL_FILE).stat() for each in (artifact, question_artifact))
    assert full.st_size > small.st_size


def test_what_an_artefact_holds(
    question_artifact: Artifact, question_config: ExperimentConfig, question_model: QuestionModel
) -> None:
    artifact = open_artifact(question_artifact.path, bundle.KIND)
    assert set(artifact.manifest.files) == {
        bundle.MODEL_FILE,
        bundle.HEAD_FILE,
        bundle.GAZETTEER_FILE,
        bundle.WEIGHTS_FILE,
        bundle.CONFIG_FILE,
        bundle.METRICS_FILE,
    }, "and nothing that was made on the way"
    config = ExperimentConfig.model_validate(artifact.read_json(bundle.CONFIG_FILE))
    assert config == question_config
    head = bundle.read_head(artifact.file(bundle.HEAD_FILE))
    expected = question_model.head
    np.testing.assert_array_equal(head.start, expected.start)
    np.testing.assert_array_equal(head.after, expected.after)
    assert (head.labels, head.intents) == (expected.labels, expected.intents)
    assert (head.span_temperature, head.intent_temperature) == (
        expected.span_temperature,
        expected.intent_temperature,
    )


def test_the_weights_give_the_same_network_again(
    question_artifact: Artifact, question_config: ExperimentConfig, question_model: QuestionModel
) -> None:
    again = build_model(
        question_config,
        question_model.labels,
        question_model.intents,
        seed=9,
        gazetteer=question_model.gazetteer,
    )
    inputs = _inputs(3, 12)
    assert not _agree(again.score(*inputs), question_model.score(*inputs))
    again.network.load_state_dict(load_file(question_artifact.file(bundle.WEIGHTS_FILE)))
    assert _agree(again.score(*inputs), question_model.score(*inputs))


@pytest.mark.parametrize("joint", [True, False])
def test_encoders_of_hugging_face(
    encoder_folder: Path,
    travel_questions: list[Question],
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    joint: bool,
) -> None:
    monkeypatch.setattr(export, "MOST_LOST", -1)
    config = ExperimentConfig.model_validate(
        {
            "name": "small",
            "encoder": {"kind": "hugging-face", "path": str(encoder_folder), "segments": "words"},
            "heads": {"dim_tags": 4, "dim_lstm": 8, "joint": joint},
        }
    )
    gazetteer = Gazetteer([Entry("일본", "국가", code="JP")])
    model = build_model(config, ["국가", "날짜"], ["날씨", "잡담"], seed=0, gazetteer=gazetteer)
    _shake(model)
    artifact = export_questions(
        model,
        config,
        travel_questions[:5],
        tmp_path_factory.mktemp("exported") / "small",
    )
    texts = [question.text for question in travel_questions[:20]]
    parser = QuestionParser(artifact.path)
    expected = model.parse(texts)
    found = parser.parse(texts)
    assert [parse.spans for parse in found] == [parse.spans for parse in expected]
    assert any(parse.spans for parse in found)
    assert _confidences(found) == pytest.approx(_confidences(expected), abs=1e-3)
    assert parser.gazetteer is not None
    assert parser.gazetteer.entries == gazetteer.entries


def test_one_label_and_no_intent(
    question_config: ExperimentConfig, travel_questions: list[Question], tmp_path: Path
) -> None:
    model = build_model(question_config, ["국가"], [], seed=0)
    only_spans = [
        Question(q.id, q.text, tuple(span for span in q.spans if span.label == "국가"))
        for q in travel_questions[:5]
    ]
    artifact = export_questions(model, question_config, only_spans, tmp_path / "spans")
    assert bundle.GAZETTEER_FILE not in artifact.manifest.files, "the model has none"
    (parse,) = QuestionParser(artifact.path).parse(["일본 날씨는?"])
    assert (parse.intent, parse.intent_confidence) == (None, 0.0)


def test_a_network_without_tags_leaves_their_input_out(
    question_config: ExperimentConfig, tmp_path: Path
) -> None:
    heads = question_config.heads.model_copy(update={"dim_tags": 0})
    model = build_model(
        question_config.model_copy(update={"heads": heads}), ["국가"], ["날씨"], seed=0
    )
    export_onnx(model.network, tmp_path / "model.onnx")
    session = open_session(tmp_path / "model.onnx")
    assert [each.name for each in session.get_inputs()] == [bundle.IDS]
    inputs = _inputs(2, 7)
    assert _agree(onnx_scorer(session)(*inputs), model.score(*inputs))


@pytest.mark.parametrize(("rows", "length"), [(1, 1), (1, 300), (7, 3), (16, 60)])
def test_any_shape_and_padding(
    question_model: QuestionModel, tmp_path: Path, rows: int, length: int
) -> None:
    export_onnx(question_model.network, tmp_path / "model.onnx")
    score = onnx_scorer(open_session(tmp_path / "model.onnx"))
    ids, tags = _inputs(rows, length)
    for row in range(rows):
        ids[row, length - row % length :] = question_model.encoder.pad
    assert _agree(score(ids, tags), question_model.score(ids, tags))


def test_an_export_whose_scores_differ_is_refused(
    question_model: QuestionModel,
    question_config: ExperimentConfig,
    travel_questions: list[Question],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def shifted(session: object) -> object:
        score = onnx_scorer(session)  # type: ignore[arg-type]
        return lambda ids, tags: tuple(array + 0.1 for array in score(ids, tags))

    monkeypatch.setattr(export, "onnx_scorer", shifted)
    with pytest.raises(ArtifactError, match="scores differ"):
        export_questions(
            question_model, question_config, travel_questions[:5], tmp_path / "questions"
        )
    assert list(tmp_path.iterdir()) == [], "nothing is left behind"


def test_metrics_are_kept(
    question_model: QuestionModel,
    question_config: ExperimentConfig,
    travel_questions: list[Question],
    tmp_path: Path,
) -> None:
    artifact = export_questions(
        question_model,
        question_config,
        travel_questions[:5],
        tmp_path / "questions",
        metrics={"f1": 0.875},
        data_fingerprint="abc",
    )
    content = artifact.file(bundle.METRICS_FILE).read_text(encoding="utf-8")
    assert json.loads(content) == {"f1": 0.875}
    assert artifact.manifest.data_fingerprint == "abc"


def _confidences(parses: list[Parse]) -> list[float]:
    return [sure for parse in parses for sure in (*parse.confidences, parse.intent_confidence)]


def _inputs(rows: int, length: int) -> tuple[Ints, Ints]:
    random = np.random.default_rng(0)
    return random.integers(1, 0xFFFF, (rows, length)), random.integers(0, 9, (rows, length))


def _agree(found: tuple[Floats, Floats], expected: tuple[Floats, Floats]) -> bool:
    return all(
        np.allclose(one, other, atol=1e-4) for one, other in zip(found, expected, strict=True)
    )


def _shake(model: QuestionModel) -> None:
    """Weights that find something: new ones tag everything alike."""
    torch.manual_seed(0)
    with torch.no_grad():
        for name, parameter in model.network.named_parameters():
            parameter.add_(torch.randn_like(parameter) * 0.3)
            if name.endswith("emit.bias"):
                parameter[0] -= 2  # of O
