// All keys of the screen, and the place where a person gives them others.

class HelpDialog {
  constructor(desk, dialog) {
    Object.assign(this, { desk, dialog, waiting: null });
    desk.on(dialog, 'keydown', event => this.listen(event), { capture: true });
    desk.on(dialog, 'close', () => { this.waiting = null; });
    desk.on(dialog, 'click', event => {
      const button = event.target.closest('button[data-key]'), { key, what } = button?.dataset ?? {};
      if (what === 'change') this.ask(key);
      if (what === 'default') this.give(key, null);
      if (what === 'defaults') { this.desk.keys.map.own = {}; this.keep(); this.say(this.desk.labels.keys_reset); this.draw(); }
    });
  }

  open() {
    const { labels } = this.desk;
    this.waiting = null;
    this.dialog.querySelector('h2').textContent = labels.keys;
    this.dialog.querySelector('.primary').textContent = labels.close;
    const reset = this.dialog.querySelector('.plain');
    reset.textContent = labels.keys_defaults;
    Object.assign(reset.dataset, { key: '*', what: 'defaults' });
    this.say(labels.keys_text);
    this.draw();
    this.dialog.showModal();
    this.dialog.querySelector('.primary').focus();
  }

  say(text, isProblem = false) {
    const note = this.dialog.querySelector('.key-note');
    note.textContent = text;
    note.classList.toggle('problem', isProblem);
  }

  draw() {
    const { map } = this.desk.keys, { labels } = this.desk, groups = this.dialog.querySelector('.key-groups');
    const columns = element('div', 'key-columns');
    groups.replaceChildren(columns);
    columns.append(...map.groups.map(group => {
      const part = element('section');
      part.append(element('h3', '', group.label), ...group.keys.map(key => this.row(key)));
      if (group.name === 'cell') part.append(this.fixed('Tab', labels.keys_tab), this.fixed('Esc', labels.keys_escape));
      return part;
    }));
  }

  row({ action, text }) {
    const { map } = this.desk.keys, { labels } = this.desk, row = element('div', 'key-row'), keys = element('span', 'key-names'), isWaiting = this.waiting === action;
    keys.append(...(isWaiting ? [element('em', '', labels.keys_press)] : map.labels(action).map(label => element('kbd', '', label))));
    row.append(keys, element('span', 'key-text', text));
    row.append(this.button(action, 'change', labels.keys_change, fill(labels.keys_change_of, { action: text })));
    if (action in map.own) row.append(this.button(action, 'default', '↺', fill(labels.keys_default_of, { action: text })));
    row.classList.toggle('waiting', isWaiting);
    row.classList.toggle('own', action in map.own);
    return row;
  }

  fixed(key, text) {
    const row = element('div', 'key-row'), keys = element('span', 'key-names');
    keys.append(element('kbd', '', key));
    row.append(keys, element('span', 'key-text', text));
    return row;
  }

  button(key, what, text, label) {
    const button = element('button', 'quiet', text);
    button.type = 'button';
    Object.assign(button.dataset, { key, what });
    button.title = label;
    button.setAttribute('aria-label', label);
    return button;
  }

  ask(action) {
    this.waiting = action;
    this.say(fill(this.desk.labels.keys_ask, { action: this.name(action) }));
    this.draw();
    this.focus(action);
  }

  focus(action) { this.dialog.querySelector(`button[data-key="${action}"][data-what="change"]`)?.focus(); }

  name(action) { return this.desk.keys.map.actions.get(action)?.text ?? action; }

  // The key pressed next is the new one. Esc leaves it as it was; Tab still moves, so that nobody is caught here.
  listen(event) {
    const action = this.waiting, name = KeyMap.nameOf(event);
    if (!action || !name || name === 'Tab' || name === 'Shift+Tab') return;
    event.preventDefault();
    event.stopPropagation();
    if (name === 'Escape') { this.waiting = null; this.say(this.desk.labels.keys_text); this.draw(); this.focus(action); return; }
    const isFamily = this.desk.keys.map.actions.get(action).keys[0].endsWith('#');
    this.give(action, isFamily ? name.replace(/[1-9]$/, '#') : name);
  }

  give(action, key) {
    const { map } = this.desk.keys, { labels } = this.desk, wanted = key === null ? map.actions.get(action).keys : [key];
    const problem = wanted.map(each => map.problem(action, each)).find(Boolean);
    if (problem) { this.say(fill(labels[`keys_refused_${problem.code}`], { key: KeyMap.show(wanted[0]), action: this.name(problem.other) }), true); return; }
    map.assign(action, key);
    this.waiting = null;
    this.keep();
    this.say(fill(labels.keys_given, { key: map.labels(action).join(', '), action: this.name(action) }));
    this.draw();
    this.focus(action);
  }

  keep() { this.desk.act('keys', { own: this.desk.keys.map.own }); this.desk.redraw(); }
}
