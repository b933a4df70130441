// Text in whole characters: what a reader sees as one is one, however many code units it takes.

/** Characters, each with its offset in UTF-16 units and in code points; behind them the end. */
function unitsOf(text) {
  const units = [];
  let unit = 0;
  let point = 0;
  for (const { segment } of new Intl.Segmenter("ko", { granularity: "grapheme" }).segment(text)) {
    units.push({ text: segment, unit, point });
    unit += segment.length;
    point += [...segment].length;
  }
  units.push({ text: "", unit, point });
  return units;
}

/** The number of the character that holds an offset; with `up`, of the first from there on. */
function unitAt(units, name, offset, up) {
  let at = 0;
  while (at + 1 < units.length && units[at + 1][name] <= offset) at += 1;
  return up && units[at][name] < offset ? at + 1 : at;
}

const isSpace = (unit) => /^\s*$/u.test(unit.text);
