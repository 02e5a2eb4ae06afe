// The review screen: holds the parts together, owns the keys, and keeps one ordered log of what the person did. Every
// action stays in the log until the server says that it is in the database, so a lost or merged message loses nothing.

const DESKS = new WeakMap();
const DRAFT = 'claimsheet.draft';
const LEAVING = ['approve', 'reject', 'next'];
const REASONS = 'claimsheet.reasons.';

class Desk {
  constructor(root) {
    this.root = root;
    this.node = root.querySelector('.desk');
    this.abort = new AbortController();
    this.nonce = Array.from(crypto.getRandomValues(new Uint32Array(3)), part => part.toString(36)).join('');
    Object.assign(this, { log: [], sequence: 0, focused: null, visited: new Set(), open: false, data: null });
    const { signal } = this.abort, find = selector => this.node.querySelector(selector);
    this.viewer = new Viewer(find('.viewer'), signal, path => this.focus(path, { stay: true }));
    this.forms = [new FieldForm(this, find('.card.form'), 'header'), new FieldForm(this, find('.card.totals'), 'totals')];
    this.tables = [new ItemsTable(this, find('.card.items'), 'items'), new ItemsTable(this, find('.card.copayments'), 'copayments')];
    this.flags = new FlagList(this, find('.flags'));
    this.duplicates = new Duplicates(this, find('dialog.pair'));
    this.listen();
  }

  on(target, event, handler, options = {}) { target.addEventListener(event, handler, { signal: this.abort.signal, ...options }); }

  stop() { clearTimeout(this.timer); this.abort.abort(); }

  // -- what the server says

  update(data) {
    this.log = data.ack.nonce === this.nonce ? this.log.filter(action => action.sequence > data.ack.sequence) : this.log;
    this.saving();
    if (this.log.length && data.stalled) {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.send('log', { nonce: this.nonce, actions: this.log, again: Date.now() }), 1000);
    }
    if (this.log.length) return;  // a later answer holds these too; until then the screen is ahead of the server
    const isNew = data.record.id !== this.data?.record.id;
    const held = isNew ? null : this.holding();
    this.data = data;
    this.labels = data.labels;
    this.accept();
    this.language = data.language;
    if (isNew) { this.visited = new Set(); this.focused = null; this.open = false; }
    this.render(isNew);
    this.saving();
    clearTimeout(this.timer);
    if (data.poll) this.timer = setTimeout(() => this.send('poll', Date.now()), 2000);
    if (isNew) this.arrive();
    else if (held) this.hold(held);
    if (this.focused && !this.cell(this.focused)) this.focused = null;
    if (this.approving) { this.approving = false; if (!isNew && data.editable) this.approve(); }
  }

  // Errors accepted with a reason wait here, and over a reload, until the approval that carries them.
  accept() {
    this.reasons = JSON.parse(sessionStorage.getItem(REASONS + this.data.record.id) || '{}');
    const settled = [];
    for (const flag of this.data.flags) {
      if (!flag.open || !this.reasons[flag.key]) continue;
      Object.assign(flag, { open: false, overridden: true, note: fill(this.labels.accepted, { reason: this.reasons[flag.key] }) });
      settled.push(flag.target);
    }
    const open = path => this.data.flags.some(flag => flag.open && flag.severity !== 'info' && flag.target === path);
    this.data.todo = this.data.todo.filter(path => !settled.includes(path) || open(path));
  }

  override(key, reason) {
    if (reason) this.reasons[key] = reason; else delete this.reasons[key];
    sessionStorage.setItem(REASONS + this.data.record.id, JSON.stringify(this.reasons));
    const flag = this.data.flags.find(each => each.key === key);
    Object.assign(flag, { open: !reason, overridden: false, note: '' });
    this.accept();
    this.flags.update();
    this.bar();
  }

  // Rows that came or went rebuild the table: the focus and a text that is being typed survive it.
  holding() {
    const input = this.node.getRootNode().activeElement, { cell } = input || {};
    return cell ? { input, path: cell.cell.path, typed: cell.dirty ? input.value : null } : null;
  }

  hold({ input, path, typed }) {
    const cell = this.cell(path);
    if (!cell || cell.input === input) return;
    this.focus(path);
    if (typed !== null) cell.input.value = typed;
  }

  render(isNew) {
    this.node.classList.toggle('without-document', !this.data.record.document);
    this.viewer.update(this.data.viewer);
    for (const part of [...this.forms, ...this.tables]) part.update();
    this.moreFields();
    this.flags.update();
    this.bar();
    if (isNew) for (const side of this.node.querySelectorAll('.sheet-side, .flag-cards, .scroll')) side.scrollTop = 0;
  }

  // A new document: the first cell that needs a look has the focus, or the desk itself, where Ctrl+Enter approves.
  arrive() {
    const draft = this.takeDraft();
    if (draft && this.cell(draft.path)) {
      this.focus(draft.path);
      const { input } = this.cell(draft.path);
      input.value = draft.text;
      input.dispatchEvent(new Event('input', { bubbles: true }));
      return;
    }
    const first = this.data.editable ? this.data.todo[0] : null;
    if (first) this.focus(first); else this.node.focus({ preventScroll: true });
  }

  moreFields() {
    const button = this.node.querySelector('.more-fields'), hidden = this.forms.reduce((sum, form) => sum + (form.hidden || 0), 0);
    button.hidden = !hidden && !this.open;
    button.textContent = this.open ? this.labels.fewer_fields : fill(this.labels.more_fields, { count: hidden });
    button.setAttribute('aria-expanded', String(this.open));
  }

  toggleFields(open = !this.open) {
    this.open = open;
    for (const part of [...this.forms, ...this.tables]) part.update();
    this.moreFields();
  }

  bar() {
    const { record, waiting } = this.data, notice = this.data.notice?.level === 'good' ? null : this.data.notice, { labels } = this, find = selector => this.node.querySelector(selector);
    find('.name').textContent = record.title;
    find('.name').title = record.title;
    find('.about').textContent = record.about;
    find('.waiting').textContent = waiting;
    const count = severity => this.data.flags.filter(flag => flag.open && flag.severity === severity).length;
    const badges = [['error', count('error'), labels.count_errors], ['warning', count('warning'), labels.count_warnings]].filter(([, number]) => number);
    find('.badges').replaceChildren(element('span', `badge status-${record.status}`, record.status_label),
      ...badges.map(([level, number, text]) => element('span', `badge ${level}`, `${LEVEL_MARKS[level]} ${fill(text, { count: number })}`)));
    for (const button of find('.bar').querySelectorAll('[data-act]')) {
      const { act } = button.dataset, key = { approve: 'Ctrl+Enter', undo: 'Ctrl+Z', redo: 'Ctrl+Y', compare: 'Alt+C' }[act];
      if (button.classList.contains('icon')) button.setAttribute('aria-label', labels[act]); else button.replaceChildren(element('span', '', labels[act]), ...(key ? [element('kbd', '', key)] : []));
      button.title = key ? `${labels[act]} (${key})` : labels[act];
      button.hidden = !this.data.actions.includes(act) && !['undo', 'redo'].includes(act);
      button.disabled = !this.data.actions.includes(act);
    }
    find('.notice').hidden = !notice;
    find('.notice').textContent = notice ? notice.text : '';
    find('.notice').className = `notice ${notice?.level || ''}`;
    find('.history summary').textContent = labels.history;
    find('.history ol').replaceChildren(...this.data.history.map(entry => { const item = element('li'); item.append(element('time', '', entry.when), element('span', '', entry.text)); return item; }));
    find('.hints').replaceChildren(...labels.hints.flatMap(([keys, text]) => [element('kbd', '', keys), document.createTextNode(` ${text} `)]));
  }

  saving() {
    const saved = this.node.querySelector('.saved');
    const told = this.data?.notice?.level === 'good' ? `✓ ${this.data.notice.text} ` : '';
    saved.textContent = this.log.length ? this.labels?.saving || '…' : told + (this.sequence ? `● ${this.labels.saved}` : '');
    saved.classList.toggle('busy', this.log.length > 0);
  }

  // -- what the person does

  act(kind, detail = {}) {
    this.sequence += 1;
    this.log.push({ sequence: this.sequence, record: this.data.record.id, kind, ...detail });
    if (kind === 'correct') this.forgetDraft();
    if (LEAVING.includes(kind)) this.node.focus({ preventScroll: true });  // what is typed meanwhile must not land in this document
    this.saving();
    this.send('log', { nonce: this.nonce, actions: this.log });
  }

  cell(path) {
    for (const part of [...this.forms, ...this.tables]) { const found = path && part.find(path); if (found) return found; }
    return undefined;
  }

  commit() { return this.focused ? this.cell(this.focused)?.commit() : false; }

  focus(path, { stay = false } = {}) {
    let cell = this.cell(path);
    if (!cell) { if (path) this.viewer.reveal(path); return; }
    if (!cell.node.offsetParent && !this.open) { this.toggleFields(true); cell = this.cell(path); }
    cell.input.focus({ preventScroll: true });
    this.bringIntoView(cell.input);
    if (!stay) cell.input.select?.();
  }

  // Scroll our own frames only: the page itself never moves.
  bringIntoView(input) {
    for (let frame = input.parentElement; frame && frame !== this.node; frame = frame.parentElement) {
      if (frame.scrollHeight <= frame.clientHeight + 1 || getComputedStyle(frame).overflowY === 'visible') continue;
      const outer = frame.getBoundingClientRect(), inner = input.getBoundingClientRect(), head = frame.querySelector('thead')?.offsetHeight || 0, foot = frame.querySelector('tfoot')?.offsetHeight || 0;
      if (inner.top < outer.top + head) frame.scrollTop -= outer.top + head + 6 - inner.top;
      else if (inner.bottom > outer.bottom - foot) frame.scrollTop += inner.bottom - outer.bottom + foot + 6;
    }
  }

  arrived(path) {
    this.focused = path;
    this.visited.add(path);
    for (const row of this.node.querySelectorAll('tr.on')) row.classList.remove('on');
    this.cell(path).input.closest('tbody tr')?.classList.add('on');
    this.viewer.reveal(path);
    this.flags.focus(path);
  }

  // Enter: what stands here was looked at; on to the next cell that needs it, then to the next document.
  next(step = 1) {
    const changed = this.commit(), here = this.focused, { order, todo } = this.data;
    if (here && !changed && step > 0 && this.data.editable && todo.includes(here)) {
      const seen = this.data.flags.filter(flag => flag.open && flag.severity === 'warning' && flag.target === here).map(flag => flag.key);
      if (seen.length) this.act('confirm', { flags: seen });
    }
    const position = here ? order.indexOf(here) : -1, at = path => order.indexOf(path);
    const waiting = todo.filter(path => path !== here && (step < 0 || !this.visited.has(path)));
    const ahead = step > 0 ? waiting.find(path => at(path) > position) ?? waiting[0] : waiting.filter(path => at(path) < position).pop();
    if (ahead) this.focus(ahead);
    else if (step > 0 && this.data.actions.includes('next')) this.act('next');
  }

  // Approve where nothing is open, else go to the first open flag. After a change the server is heard first.
  approve() {
    if (!this.data.actions.includes('approve')) return;
    if (this.commit() || this.log.length) { this.approving = true; return; }
    const seen = flag => this.visited.has(flag.target ?? flag.key);
    const open = this.data.flags.find(flag => flag.open && flag.severity === 'error')
      ?? this.data.flags.find(flag => flag.open && flag.severity === 'warning' && !seen(flag));
    if (!open) {
      const reasons = Object.fromEntries(this.data.flags.filter(flag => flag.overridden).map(flag => [flag.key, this.reasons[flag.key]]));
      sessionStorage.removeItem(REASONS + this.data.record.id);
      this.act('approve', { overrides: reasons });
    } else if (open.target) {
      this.focus(open.target);
    } else {
      this.visited.add(open.key);
      this.node.querySelector(`[data-flag="${this.data.flags.indexOf(open)}"] .flag-title`)?.focus();
    }
  }

  take(suggestion) {
    if (!suggestion || !this.data.editable) return;
    const cell = this.cell(suggestion.path);
    if (!cell) return;
    cell.input.value = suggestion.text;
    if (!cell.commit()) this.act('correct', { path: suggestion.path, text: suggestion.text });  // what stands there is right: that settles it too
    this.focus(suggestion.path);
  }

  press(name) {
    if (name === 'approve') this.approve();
    else if (name === 'reject') this.ask('reject');
    else { this.commit(); this.act(name); }
  }

  ask(kind, flag) {
    const dialog = this.node.querySelector('dialog.ask'), { labels } = this;
    dialog.querySelector('h2').textContent = labels[`${kind}_title`];
    dialog.querySelector('p').textContent = kind === 'override' && flag ? `${flag.title} — ${labels.override_text}` : labels[`${kind}_text`];
    dialog.querySelector('label span').textContent = labels.reason;
    dialog.querySelector('.reasons').replaceChildren(...labels[`${kind}_reasons`].map(text => { const button = element('button', 'quiet', text); button.type = 'button'; return button; }));
    const [cancel, okay] = dialog.querySelectorAll('menu button'), reason = dialog.querySelector('textarea');
    cancel.textContent = labels.cancel;
    okay.textContent = labels[`${kind}_do`];
    reason.value = '';
    okay.disabled = true;
    this.asking = { kind, flag };
    dialog.returnValue = '';
    dialog.showModal();
    reason.focus();
  }

  answer(dialog) {
    const reason = dialog.querySelector('textarea').value.trim(), { kind, flag } = this.asking || {};
    if (dialog.returnValue !== 'ok' || !reason || !kind) return;
    if (kind === 'override') this.override(flag.key, reason); else this.act(kind, { reason });
  }

  help() {
    const dialog = this.node.querySelector('dialog.help');
    dialog.querySelector('h2').textContent = this.labels.keys;
    dialog.querySelector('dl').replaceChildren(...this.labels.all_keys.flatMap(([keys, text]) => [element('dt', '', keys), element('dd', '', text)]));
    dialog.querySelector('button').textContent = this.labels.close;
    dialog.showModal();
  }

  // -- a text that was typed and not yet committed outlives a reload, in this tab only

  keepDraft() {
    const cell = this.focused && this.cell(this.focused);
    if (cell?.dirty) sessionStorage.setItem(DRAFT, JSON.stringify({ record: this.data.record.id, path: this.focused, text: cell.input.value }));
    else this.forgetDraft();
  }

  forgetDraft() { sessionStorage.removeItem(DRAFT); }

  takeDraft() {
    const draft = JSON.parse(sessionStorage.getItem(DRAFT) || 'null');
    return draft?.record === this.data.record.id ? draft : null;
  }

  // -- events

  listen() {
    this.on(this.node, 'focusin', event => { const path = event.target.dataset?.path; if (path && event.target.cell) { this.arrived(path); if (!this.pointer) event.target.select?.(); } });
    this.on(this.node, 'focusout', event => { if (event.target.cell) event.target.cell.commit(); });
    this.on(this.node, 'pointerdown', () => { this.pointer = true; }, { capture: true });
    this.on(this.node, 'pointerup', () => { this.pointer = false; }, { capture: true });
    this.on(this.node, 'change', event => { if (event.target.cell && event.target.tagName === 'SELECT') event.target.cell.commit(); });
    this.on(this.node, 'input', () => this.keepDraft());
    this.on(this.node.querySelector('.bar'), 'click', event => { const name = event.target.closest('[data-act]')?.dataset.act; if (name) this.press(name); });
    this.on(this.node.querySelector('.more-fields'), 'click', () => this.toggleFields());
    const ask = this.node.querySelector('dialog.ask');
    this.on(ask, 'close', () => this.answer(ask));
    this.on(ask, 'input', () => { ask.querySelector('.primary').disabled = !ask.querySelector('textarea').value.trim(); });
    this.on(ask.querySelector('.reasons'), 'click', event => { if (event.target.tagName !== 'BUTTON') return; ask.querySelector('textarea').value = event.target.textContent; ask.querySelector('.primary').disabled = false; ask.querySelector('.primary').focus(); });
    this.on(ask.querySelector('menu .plain'), 'click', () => ask.close('cancel'));
    this.on(document, 'keydown', event => this.key(event), { capture: true });
  }

  key(event) {
    const inside = event.composedPath().includes(this.node), target = event.composedPath()[0];
    if (!this.data || event.isComposing || event.keyCode === 229 || this.node.querySelector('dialog[open]')) return;
    if (!inside && target !== document.body && target !== document.documentElement && event.key !== 'F1') return;
    const action = this.shortcut(event, target);
    if (!action) return;
    event.preventDefault();
    event.stopPropagation();
    action();
  }

  shortcut(event, target) {
    const control = event.ctrlKey || event.metaKey, cell = target.cell, typing = ['INPUT', 'SELECT', 'TEXTAREA'].includes(target.tagName);
    const button = ['BUTTON', 'SUMMARY'].includes(target.tagName);
    if (event.key === 'F1' || (event.key === '?' && !typing)) return () => this.help();
    if (control && event.key === 'Enter') return () => this.approve();
    if (event.key === 'Enter' && !control && !event.altKey && !button) return () => this.next(event.shiftKey ? -1 : 1);
    if (control && !event.altKey && ['z', 'y'].includes(event.key.toLowerCase())) return this.history(event, cell);
    if (event.altKey && !control && event.code === 'KeyC') return this.data.actions.includes('compare') ? () => this.press('compare') : null;
    if (event.altKey && !control) return this.alternative(event, cell);
    if (!cell) return null;
    if (event.key === 'Escape') return () => { cell.restore(); this.keepDraft(); target.select?.(); };
    if (['ArrowUp', 'ArrowDown'].includes(event.key) && target.tagName !== 'SELECT') {
      const beside = this.tables.map(table => table.find(cell.cell.path) && table.beside(cell.cell.path, event.key === 'ArrowUp' ? -1 : 1)).find(Boolean);
      return beside ? () => this.focus(beside.cell.path) : null;
    }
    return null;
  }

  history(event, cell) {
    if (cell?.dirty) return null;  // the browser takes back the typing itself
    const name = event.key.toLowerCase() === 'y' || event.shiftKey ? 'redo' : 'undo';
    return () => { if (this.data.actions.includes(name)) this.act(name); };
  }

  alternative(event, cell) {
    const digit = /^(?:Digit|Numpad)(\d)$/.exec(event.code)?.[1];
    if (digit === '0') return cell ? () => { if (this.data.editable) { cell.input.value = cell.input.tagName === 'SELECT' ? '' : '?'; this.act('correct', { path: cell.cell.path, text: '?' }); cell.saved = cell.input.value; } } : null;
    if (digit) return () => this.take(this.flags.alternatives?.[Number(digit) - 1]);
    if (event.code === 'KeyD') return this.data.duplicates.length ? () => this.duplicates.open() : null;
    const [table, row] = (cell?.cell.path || '').split('.'), change = { KeyI: 'insert', Delete: 'delete', KeyS: 'swap' }[event.code];
    const owner = this.tables.find(each => each.name === table);
    return change && owner && row !== undefined ? () => owner.change(change, Number(row)) : null;
  }
}

export default function ({ data, parentElement: root, setStateValue }) {
  let desk = DESKS.get(root);
  if (!desk) { desk = new Desk(root); DESKS.set(root, desk); }
  desk.send = setStateValue;
  desk.update(data);
  return () => { desk.stop(); DESKS.delete(root); };
}
