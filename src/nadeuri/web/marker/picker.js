// Which characters of a text are selected: by mouse, by touch or with the arrow keys.

const PICKED = "nd-picked";

class Picker {
  /** `changed` is called when something else is selected; `taken(n)`: is a character marked? */
  constructor(changed, taken) {
    this.changed = changed;
    this.taken = taken;
    this.range = null; // as it was drawn: [first, behind the last[
    this.picked = null; // without the spaces around it
  }

  /** The text is drawn anew in `node`. */
  draw(node, units) {
    this.node = node;
    this.units = units;
    node.addEventListener("click", (event) => this.click(event));
    this.paint();
  }

  clear() {
    const selection = getSelection();
    if (this.node?.contains(selection.anchorNode)) selection.removeAllRanges();
    this.set(null);
  }

  set(range) {
    let [from, to] = range ?? [0, 0];
    while (from < to && isSpace(this.units[from])) from += 1;
    while (from < to && isSpace(this.units[to - 1])) to -= 1;
    this.range = range;
    this.picked = from < to ? [from, to] : null;
    this.paint();
  }

  /** Take over what the browser has as its selection. */
  read() {
    const selection = getSelection();
    const isOurs = (node) => this.node?.isConnected && this.node.contains(node);
    if (!selection.rangeCount || !isOurs(selection.anchorNode) || !isOurs(selection.focusNode)) {
      return;
    }
    const { startContainer, startOffset, endContainer, endOffset, collapsed } =
      selection.getRangeAt(0);
    const from = unitAt(this.units, "unit", this.offset(startContainer, startOffset), false);
    const to = unitAt(this.units, "unit", this.offset(endContainer, endOffset), true);
    this.set(collapsed ? null : [from, to]);
    this.changed();
  }

  select(from, to) {
    this.set([from, to]);
    const selection = getSelection();
    selection.removeAllRanges();
    selection.addRange(this.rangeOf([from, to]));
    this.changed();
  }

  /** A step selects the character beside; `byWord` a word; `isLonger` moves the end alone. */
  step(step, byWord, isLonger) {
    const last = this.units.length - 1;
    const [from, to] = this.range ?? [last, 0];
    if (isLonger && this.range) {
      const end = this.stop(to, step, byWord);
      if (end > from) this.select(from, end);
    } else if (step > 0) {
      const start = this.beside(Math.min(to, last - 1), step, byWord);
      this.select(start, this.stop(start, step, byWord));
    } else {
      const end = this.beside(Math.max(from, 1), step, byWord);
      this.select(this.stop(end, step, byWord), end);
    }
  }

  /** Past the spaces before a word, if words are looked for. */
  beside(at, step, byWord) {
    const next = (place) => this.units[step > 0 ? place : place - 1];
    let place = at;
    while (byWord && place + step > 0 && place + step < this.units.length - 1) {
      if (!isSpace(next(place))) break;
      place += step;
    }
    return place;
  }

  /** Where a step from `at` ends: behind a character, or at the end of a word. */
  stop(at, step, byWord) {
    const last = this.units.length - 1;
    const isInside = (n) =>
      n > 0 && n < last && isSpace(this.units[n - 1]) === isSpace(this.units[n]);
    let next = at + step;
    while (byWord && isInside(next)) next += step;
    return Math.min(Math.max(next, 0), last);
  }

  /** A click on bare text selects the word there. */
  click(event) {
    if (event.target !== this.node || !getSelection().isCollapsed) return;
    const here = this.under(event.clientX, event.clientY);
    const isWord = (n) => this.units[n] && !isSpace(this.units[n]) && !this.taken(n);
    if (here === null || !isWord(here)) return;
    let [from, to] = [here, here + 1];
    while (isWord(from - 1)) from -= 1;
    while (isWord(to)) to += 1;
    this.select(from, to);
  }

  /** The character at a point of the window. */
  under(x, y) {
    const place = document.caretPositionFromPoint?.(x, y) ?? document.caretRangeFromPoint?.(x, y);
    const node = place?.offsetNode ?? place?.startContainer;
    if (!node || !this.node.contains(node)) return null;
    return unitAt(this.units, "unit", this.offset(node, place.offset ?? place.startOffset), false);
  }

  /** How many UTF-16 units of the text lie before a place in the page. */
  offset(node, at) {
    const range = document.createRange();
    range.setStart(this.node, 0);
    range.setEnd(node, at);
    return range.toString().length;
  }

  rangeOf([from, to]) {
    const range = document.createRange();
    const walker = document.createTreeWalker(this.node, NodeFilter.SHOW_TEXT);
    let before = 0;
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const [start, end] = [this.units[from].unit - before, this.units[to].unit - before];
      if (start >= 0 && start < node.length) range.setStart(node, start);
      if (end > 0 && end <= node.length) range.setEnd(node, end);
      before += node.length;
    }
    return range;
  }

  /** Show what is picked even where a tap has taken the browser's own selection away. */
  paint() {
    if (!globalThis.Highlight) return;
    CSS.highlights.delete(PICKED);
    if (!this.picked || !this.node) return;
    CSS.highlights.set(PICKED, new Highlight(this.rangeOf(this.picked)));
  }
}
