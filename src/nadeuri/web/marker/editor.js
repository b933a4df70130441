// Marks entities in a question and chooses its intent, by mouse, touch or keyboard.
//
// Streamlit calls the default export with new data whenever Python has some. An editor belongs to
// the element that it is drawn in; what is not saved yet is kept by question and person, so that
// a look at another tab loses nothing and nobody goes on with what another has begun.

const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "0", "Q", "W", "E", "R", "T", "Y"];
const SKIPS = [
  ["unclear", "뜻이 분명하지 않아요"],
  ["broken", "글이 깨졌거나 질문이 아니에요"],
  ["private", "개인정보가 들어 있어요"],
];
const TYPED = "textarea, select, [contenteditable=true], input:not([type=radio], [type=checkbox])";
const PRESSED = "a, button, summary, [role=button], [role=tab], [role=radio]";
const MOST_UNDO = 100;
const MOST_DRAFTS = 50;

const editors = new WeakMap();
const drafts = new Map();

export default function ({ data, parentElement, setTriggerValue }) {
  const editor = editors.get(parentElement) ?? new Editor(parentElement);
  editors.set(parentElement, editor);
  editor.show(data, (said) => setTriggerValue("said", said));
  return () => {
    editor.close();
    editors.delete(parentElement);
  };
}

class Editor {
  constructor(parent) {
    this.root = element("div", "nd-marker");
    parent.appendChild(this.root);
    this.showsKeys = false;
    this.picker = new Picker(
      () => this.picked(),
      (at) => this.draft.spans.some(({ start, end }) => start <= at && at < end),
    );
    this.listeners = {
      keydown: (event) => this.key(event),
      selectionchange: () => this.picker.read(),
    };
    for (const [name, act] of Object.entries(this.listeners)) document.addEventListener(name, act);
  }

  close() {
    for (const [name, act] of Object.entries(this.listeners)) {
      document.removeEventListener(name, act);
    }
    this.picker.clear();
    this.root.remove();
  }

  show(data, say) {
    const isFirst = !this.data;
    const isNew = this.data?.draft !== data.draft;
    Object.assign(this, { data, say, isBusy: false, isSkipping: false, problem: "" });
    this.units = unitsOf(data.text);
    this.suggested = (data.suggestion?.spans ?? []).map((span) => this.inUnits(span));
    if (!drafts.has(data.draft)) {
      const spans = data.spans.map((span) => this.inUnits(span));
      drafts.set(data.draft, { spans, intent: data.intent, undo: [] });
      if (drafts.size > MOST_DRAFTS) drafts.delete(drafts.keys().next().value);
    }
    this.draft = drafts.get(data.draft);
    if (isNew) Object.assign(this, { chosen: null, guide: null });
    if (isNew && this.picker.node) this.picker.clear();
    this.draw();
    // who has just typed a name goes on with keys, which are not meant for that field any more
    if (isFirst && document.activeElement?.matches("input")) this.focusText();
  }

  focusText() {
    this.picker.node.focus({ preventScroll: true });
  }

  inUnits({ start, end, ...more }) {
    const from = unitAt(this.units, "point", start, false);
    return { ...more, start: from, end: unitAt(this.units, "point", end, true) };
  }

  slice(from, to) {
    return this.data.text.slice(this.units[from].unit, this.units[to].unit);
  }

  /** Draw everything anew; what had the focus has it again. */
  draw() {
    const focused = document.activeElement;
    const name = this.root.contains(focused) ? (focused.dataset.name ?? "text") : null;
    drawAll(this);
    if (name === null) return;
    const part = this.root.querySelector(`[data-name="${CSS.escape(name)}"]:not(:disabled)`);
    if (part) part.focus({ preventScroll: true });
    else this.focusText();
  }

  picked() {
    if (this.picker.picked) this.chosen = null;
    this.root.querySelector(".nd-marker-hint").replaceWith(drawHint(this));
  }

  // --- what a person does ---

  change(spans, intent) {
    const { draft } = this;
    draft.undo.push({ spans: draft.spans, intent: draft.intent });
    if (draft.undo.length > MOST_UNDO) draft.undo.shift();
    draft.spans = [...spans].sort((a, b) => a.start - b.start);
    draft.intent = intent;
    this.forget();
  }

  /** Nothing is selected or looked at any more. */
  forget() {
    Object.assign(this, { chosen: null, problem: "", isSkipping: false });
    this.picker.clear();
    this.draw();
  }

  look(name) {
    this.guide = name;
    this.draw();
  }

  label(name) {
    this.guide = name;
    const { spans, intent } = this.draft;
    if (this.chosen !== null) {
      const changed = spans.map((span, at) => (at === this.chosen ? { ...span, label: name } : span));
      this.change(changed, intent);
    } else if (this.picker.picked) {
      const [start, end] = this.picker.picked;
      this.mark({ start, end, label: name });
    } else this.draw();
  }

  /** Mark a stretch; what it overlaps gives way. */
  mark(span) {
    const { spans, intent } = this.draft;
    const apart = spans.filter(({ start, end }) => end <= span.start || span.end <= start);
    this.change([...apart, span], intent);
  }

  choose(at) {
    this.picker.clear();
    this.chosen = this.chosen === at ? null : at;
    if (this.chosen !== null) this.guide = this.draft.spans[at].label;
    this.draw();
  }

  remove() {
    if (this.chosen === null) return;
    this.change(this.draft.spans.filter((_, at) => at !== this.chosen), this.draft.intent);
  }

  undo() {
    const before = this.draft.undo.pop();
    if (before) Object.assign(this.draft, before);
    this.forget();
  }

  setIntent(name) {
    this.guide = name;
    if (name === this.draft.intent) this.draw();
    else this.change(this.draft.spans, name);
  }

  /** Suggestions where nothing is marked yet. */
  open() {
    const { spans } = this.draft;
    return this.suggested
      .filter((hint) => spans.every(({ start, end }) => end <= hint.start || hint.end <= start))
      .map(({ start, end, label }) => ({ start, end, label }));
  }

  acceptAll() {
    const { draft, data } = this;
    if (!data.suggestion) return;
    const free = this.open();
    const intent = draft.intent ?? data.suggestion.intent?.name ?? null;
    if (free.length || intent !== draft.intent) this.change([...draft.spans, ...free], intent);
  }

  toggleSkip() {
    this.isSkipping = !this.isSkipping;
    this.draw();
  }

  save() {
    const { draft, data, units } = this;
    if (data.intents.length && !draft.intent) {
      this.problem = "의도를 먼저 골라 주세요.";
      this.draw();
      return;
    }
    const spans = draft.spans.map(({ start, end, label }) => ({
      start: units[start].point,
      end: units[end].point,
      label,
    }));
    this.tell({ action: "save", spans, intent: draft.intent });
  }

  tell(said) {
    if (this.isBusy) return;
    this.isBusy = true;
    this.say({ ...said, task: this.data.task });
    this.draw();
  }

  // --- keys ---

  key(event) {
    const { target } = event;
    const isTyped = target.closest?.(TYPED);
    if (event.defaultPrevented || event.isComposing || isTyped) return;
    if (this.isBusy || !this.root.offsetParent) return;
    const isCommand = event.ctrlKey || event.metaKey || event.altKey;
    const act = this.arrow(event) ?? (isCommand ? null : this.action(event));
    if (!act) return;
    event.preventDefault();
    act();
  }

  arrow(event) {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step || event.target !== this.picker.node || event.metaKey) return null;
    return () => this.picker.step(step, event.ctrlKey || event.altKey, event.shiftKey);
  }

  /** What a key does: by its place, so that it is the same under a Korean keyboard layout. */
  action({ code, key, shiftKey, target }) {
    const { labels, intents, can_skip, can_go_back } = this.data;
    const at = KEYS.indexOf(code.replace(/^(Digit|Key|Numpad)/, ""));
    if (at >= 0 && this.isSkipping) {
      return SKIPS[at] && (() => this.tell({ action: "skip", reason: SKIPS[at][0] }));
    }
    if (at >= 0 && shiftKey) return intents[at] && (() => this.setIntent(intents[at].name));
    if (at >= 0) return labels[at] && (() => this.label(labels[at].name));
    if (key === "Enter") return target.closest(PRESSED) ? null : () => this.save();
    const actions = {
      KeyA: () => this.acceptAll(),
      KeyZ: () => this.undo(),
      KeyS: can_skip && (() => this.toggleSkip()),
      KeyB: can_go_back && (() => this.tell({ action: "back" })),
      Delete: () => this.remove(),
      Backspace: () => this.remove(),
      Escape: () => this.forget(),
    };
    return actions[code];
  }
}
