// Small pieces of a page. All text from outside goes in as textContent.

/** An element with text in it; of a list of [text, label], what has a label is underlined. */
function element(tag, name = "", text = "") {
  const made = document.createElement(tag);
  if (name) made.className = name;
  if (typeof text === "string") made.textContent = text;
  else made.append(...text.map(marked));
  return made;
}

function marked([words, label]) {
  if (!label) return words;
  const made = element("span", "nd-example");
  made.append(element("u", "", words), element("small", "", label));
  return made;
}

function list(lines) {
  const made = element("ul");
  made.append(...lines.map((line) => element("li", "", line)));
  return made;
}

function group(title, name) {
  const made = element("fieldset", name);
  made.append(element("legend", "", title));
  return made;
}

/** A button, with the key that does the same; `name` finds it again in a page drawn anew. */
function button(words, key, act, name, isDisabled = false) {
  const made = element("button", "nd-button", words);
  Object.assign(made, { type: "button", disabled: isDisabled });
  made.dataset.name = name;
  if (key) made.append(element("kbd", "", key));
  made.addEventListener("mousedown", (event) => event.preventDefault()); // the selection stays
  made.addEventListener("click", act);
  return made;
}

/** Give a part the colour of a label: far apart from its neighbours', however many there are. */
function colour(part, labels, name) {
  const at = labels.findIndex((label) => label.name === name);
  part.style.setProperty("--nd-hue", String(Math.round((at * 137.5) % 360)));
}

const percent = (share) => `${Math.round(share * 100)}%`;
