// How an editor is drawn: the question, what can be done with it, and the guideline beside it.

function drawAll(editor) {
  const main = element("div", "nd-marker-main");
  main.append(
    drawText(editor),
    drawHint(editor),
    ...drawSuggestion(editor),
    drawLabels(editor),
    drawIntents(editor),
    drawActions(editor),
    ...(editor.isSkipping ? [drawReasons(editor)] : []),
  );
  editor.root.replaceChildren(main, drawGuide(editor));
}

function drawText(editor) {
  const node = element("div", "nd-marker-text");
  node.tabIndex = 0;
  node.dataset.name = "text";
  node.setAttribute("role", "group");
  node.setAttribute("aria-label", "질문: 화살표 키로 글자를 골라요");
  const own = editor.draft.spans.map((span, at) => ({ ...span, at }));
  let last = 0;
  for (const piece of [...own, ...editor.open()].sort((a, b) => a.start - b.start)) {
    node.append(editor.slice(last, piece.start), drawSpan(editor, piece));
    last = piece.end;
  }
  node.append(editor.slice(last, editor.units.length - 1));
  editor.picker.draw(node, editor.units);
  return node;
}

function drawSpan(editor, { start, end, label, at }) {
  const isOwn = at !== undefined;
  const words = editor.slice(start, end);
  const span = element(isOwn ? "mark" : "span", isOwn ? "nd-span" : "nd-span nd-span-hint", words);
  span.tabIndex = 0;
  span.dataset.label = isOwn ? label : `${label}?`;
  span.dataset.name = `span-${start}`;
  colour(span, editor.data.labels, label);
  span.setAttribute("role", "button");
  const hint = `제안 ${words}: ${label}, 누르면 받아요`;
  span.setAttribute("aria-label", isOwn ? `${words}: ${label}` : hint);
  if (isOwn) span.setAttribute("aria-pressed", String(at === editor.chosen));
  const act = () => (isOwn ? editor.choose(at) : editor.mark({ start, end, label }));
  span.addEventListener("click", () => getSelection().isCollapsed && act());
  span.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    act();
  });
  return span;
}

/** What to do next, in a line that is read out when it changes. */
function drawHint(editor) {
  const line = element("div", "nd-marker-hint");
  line.setAttribute("role", "status");
  const chosen = editor.draft.spans[editor.chosen ?? -1];
  if (editor.problem) line.append(element("b", "nd-marker-problem", editor.problem));
  else if (chosen) {
    const words = editor.slice(chosen.start, chosen.end);
    line.append(
      `고른 표시: ‘${words}’ ${chosen.label}. 다른 라벨을 누르면 바뀌어요.`,
      button("지우기", "Del", () => editor.remove(), "remove"),
    );
  } else if (editor.picker.picked) {
    line.append(`고른 글자: ‘${editor.slice(...editor.picker.picked)}’. 이제 라벨을 누르세요.`);
  } else line.append("글자를 끌어서 고르거나 낱말을 누른 다음, 라벨을 누르세요.");
  return line;
}

function drawSuggestion(editor) {
  const { suggestion } = editor.data;
  if (!suggestion) return [];
  const bar = element("div", "nd-marker-suggestion");
  bar.append(element("strong", "", "모델의 제안"));
  for (const { start, end, label, confidence } of editor.suggested) {
    const part = element("span", "", `${label} ${percent(confidence)}`);
    part.prepend(element("b", "", editor.slice(start, end)), " ");
    bar.append(part);
  }
  if (suggestion.intent) {
    const { name, confidence } = suggestion.intent;
    const part = element("span", "", percent(confidence));
    part.prepend("의도 ", element("b", "", name), " ");
    bar.append(part);
  }
  bar.append(
    button("모두 받기", "A", () => editor.acceptAll(), "accept", editor.isBusy),
    element("small", "", "받은 것만 저장해요."),
  );
  return [bar];
}

function drawLabels(editor) {
  const { labels } = editor.data;
  const made = group("라벨", "nd-marker-labels");
  labels.forEach(({ name }, at) => {
    const chip = button(name, KEYS[at], () => editor.label(name), `label-${name}`, editor.isBusy);
    chip.classList.add("nd-chip");
    colour(chip, labels, name);
    made.append(chip);
  });
  return made;
}

function drawIntents(editor) {
  const made = group("의도", "nd-marker-intents");
  editor.data.intents.forEach(({ name }, at) => {
    const line = element("label", "nd-choice");
    const radio = element("input");
    Object.assign(radio, { type: "radio", name: "nd-intent", disabled: editor.isBusy });
    radio.checked = name === editor.draft.intent;
    radio.dataset.name = `intent-${name}`;
    radio.addEventListener("change", () => editor.setIntent(name));
    line.append(radio, name, ...(KEYS[at] ? [element("kbd", "", `⇧${KEYS[at]}`)] : []));
    made.append(line);
  });
  return made;
}

function drawActions(editor) {
  const { data, draft, isBusy } = editor;
  const row = element("div", "nd-marker-actions");
  const words = isBusy ? "저장하고 있어요" : data.save;
  const save = button(words, "Enter", () => editor.save(), "save", isBusy);
  save.classList.add("nd-primary");
  const isFirst = isBusy || !draft.undo.length;
  row.append(save, button("되돌리기", "Z", () => editor.undo(), "undo", isFirst));
  if (data.can_skip) {
    const skip = button("건너뛰기", "S", () => editor.toggleSkip(), "skip", isBusy);
    skip.setAttribute("aria-expanded", String(editor.isSkipping));
    row.append(skip);
  }
  if (data.can_go_back) {
    row.append(button("이전 질문", "B", () => editor.tell({ action: "back" }), "back", isBusy));
  }
  return row;
}

function drawReasons(editor) {
  const made = group("왜 건너뛰나요?", "nd-marker-reasons");
  SKIPS.forEach(([reason, words], at) => {
    const act = () => editor.tell({ action: "skip", reason });
    made.append(button(words, KEYS[at], act, `skip-${reason}`, editor.isBusy));
  });
  return made;
}

function drawGuide(editor) {
  const { rules, labels, intents } = editor.data;
  const aside = element("aside", "nd-marker-guide");
  aside.setAttribute("aria-label", "라벨링 지침");
  const entry = [...labels, ...intents].find(({ name }) => name === editor.guide);
  aside.append(element("h2", "", entry ? entry.name : "공통 규칙"));
  if (entry) {
    aside.append(element("p", "", entry.definition), list(entry.boundaries));
    for (const [title, lines] of [["맞는 예", entry.positive], ["아닌 예", entry.negative]]) {
      if (lines.length) aside.append(element("h3", "", title), list(lines));
    }
    aside.append(button("공통 규칙 보기", "", () => editor.look(null), "rules"));
  } else {
    aside.append(list(rules), element("p", "", "라벨이나 의도를 누르면 그 지침이 여기에 나와요."));
  }
  aside.append(drawKeys(editor));
  return aside;
}

function drawKeys(editor) {
  const made = element("details", "nd-marker-keys");
  made.open = editor.showsKeys;
  made.addEventListener("toggle", () => {
    editor.showsKeys = made.open;
  });
  const table = element("dl");
  for (const [key, words] of editor.data.help) {
    table.append(element("dt", "", key), element("dd", "", words));
  }
  const summary = element("summary", "", "키보드로 하기");
  summary.dataset.name = "keys";
  made.append(summary, table);
  return made;
}
