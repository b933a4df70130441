"""How far labelling has come: figures, people, agreement, labels, and the files to take away."""

from __future__ import annotations

from functools import partial

import streamlit as st

from nadeuri.web.label_api import LabelApi, Which
from nadeuri.web.label_cards import agreement_html, counts_html, people_html, used_html

_FILES: tuple[tuple[str, str, Which, str], ...] = (
    ("doccano (확정본)", "doccano", "final", "labels.jsonl"),
    ("Label Studio (확정본)", "label-studio", "final", "labels.json"),
    ("doccano (모두의 라벨)", "doccano", "all", "labels-all.jsonl"),
)


def show(api: LabelApi) -> None:
    """The whole view.

    Raises:
        ApiError: no answer.
    """
    with st.spinner("진행 상황을 불러오고 있어요"):
        told = api.progress()
    st.html(counts_html(told.counts))
    if not told.people:
        st.info("아직 아무도 라벨을 붙이지 않았어요.", icon=":material/edit_note:")
        return
    left, right = st.columns(2, gap="large")
    with left:
        st.html(f'<h2 class="nd-label-part">사람</h2>{people_html(told.people)}')
        if told.agreement.pairs:
            st.html(
                '<h2 class="nd-label-part">일치도</h2>'
                '<p class="nd-label-soft">두 사람이 따로 라벨을 붙인 문항에서 쟀어요. '
                "F1은 글자와 라벨이 모두 같은 개체, κ(카파)는 우연을 뺀 일치예요.</p>"
                f"{agreement_html(told.agreement)}"
            )
        else:
            st.html(
                '<h2 class="nd-label-part">일치도</h2>'
                '<p class="nd-label-soft">두 사람이 라벨을 붙인 문항이 아직 없어요.</p>'
            )
        _show_files(api)
    with right:
        st.html(f'<h2 class="nd-label-part">개체 라벨</h2>{used_html(told.labels)}')
        st.html(f'<h2 class="nd-label-part">의도</h2>{used_html(told.intents)}')


def _show_files(api: LabelApi) -> None:
    st.html('<h2 class="nd-label-part">내보내기</h2>')
    with st.container(horizontal=True, key="label-files"):
        for words, format, which, name in _FILES:
            st.download_button(
                words,
                partial(api.export, format, which),
                file_name=name,
                key=f"file-{name}",
                icon=":material/download:",
                on_click="ignore",
            )
    st.caption("Parquet은 nadeuri label export 명령으로 받아요.")
