// The review screen: holds the parts together, owns the keys, and keeps one ordered log of what the person did. Every
// action stays in the log until the server says that it is in the database, so a lost or merged message loses nothing.

const DESKS = new WeakMap();
const DRAFT = 'claimsheet.draft';
const LEAVING = ['approve', 'reject', 'next', 'back', 'postpone', 'send_back'];
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
    this.bar = new DeskBar(this);
    this.asking = new AskDialog(this, find('dialog.ask'));
    this.help = new HelpDialog(this, find('dialog.help'));
    this.keys = new DeskKeys(this);
    this.menu = new DeskMenu(this, find('.desk-menu'));
    this.split = new SplitDialog(this, find('dialog.split'));
    this.hand = new HandDialog(this, find('dialog.hand'));
    this.pages = new PagesDialog(this, find('dialog.pages-tool'));
    this.regions = new RegionReader(this);
    this.listen();
  }

  on(target, event, handler, options = {}) { target.addEventListener(event, handler, { signal: this.abort.signal, ...options }); }

  stop() { clearTimeout(this.timer); this.abort.abort(); }

  // -- what the server says

  update(data) {
    this.log = data.ack.nonce === this.nonce ? this.log.filter(action => action.sequence > data.ack.sequence) : this.log;
    this.bar.saving();
    if (this.log.length && data.stalled) {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.send('log', { nonce: this.nonce, actions: this.log, again: Date.now() }), 1000);
    }
    if (this.log.length) return;  // a later answer holds these too; until then the screen is ahead of the server
    const isNew = data.record.id !== this.data?.record.id;
    const held = isNew ? null : this.holding();
    this.data = data;
    this.labels = data.labels;
    this.keys.map.update(data.keys.groups, data.keys.own);
    this.accept();
    this.language = data.language;
    if (isNew) { this.visited = new Set(); this.focused = null; this.open = false; }
    this.render(isNew);
    this.bar.saving();
    clearTimeout(this.timer);
    if (data.poll) this.timer = setTimeout(() => this.send('poll', Date.now()), 2000);
    if (data.tool) this.pages.open(data.tool);
    else if (isNew) this.arrive();
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
    this.bar.update();
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
    this.node.dataset.record = this.data.record.id;
    this.viewer.update(this.data.viewer);
    this.viewerKeys();
    for (const part of [...this.forms, ...this.tables]) part.update();
    this.moreFields();
    this.flags.update();
    this.bar.update();
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

  // -- what the person does

  act(kind, detail = {}) {
    this.sequence += 1;
    this.log.push({ sequence: this.sequence, record: this.data.record.id, kind, ...detail });
    if (kind === 'correct') this.forgetDraft();
    if (LEAVING.includes(kind)) this.node.focus({ preventScroll: true });  // what is typed meanwhile must not land in this document
    this.bar.saving();
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
    this.regions.left(path);
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
    if (suggestion.insert) { this.tables.find(table => table.name === suggestion.insert.table)?.putIn(suggestion.insert); return; }
    const cell = this.cell(suggestion.path);
    if (!cell) return;
    cell.input.value = suggestion.text;
    if (!cell.commit()) this.act('correct', { path: suggestion.path, text: suggestion.text });  // what stands there is right: that settles it too
    this.focus(suggestion.path);
  }

  // A label with its key, as tooltips and screen readers have it.
  hint(action, text) { const key = this.keys.map.label(action); return key ? `${text} (${key})` : text; }

  // The buttons of the picture name their keys as they are now.
  viewerKeys() {
    for (const button of this.node.querySelectorAll('.viewer [data-do]')) {
      const key = this.keys.map.label(button.dataset.do);
      if (!key || button.dataset.words) continue;
      button.title = `${button.title.replace(/ ?[(（][^()（）]{1,3}[)）]$/, '')} (${key})`;
      button.setAttribute('aria-label', button.title);
    }
  }

  // What takes the document away from this person.
  leave(kind, detail) { this.act(kind, detail); }

  // Another key shows everywhere at once.
  redraw() { this.viewerKeys(); for (const part of this.tables) part.update(); this.flags.update(); this.bar.update(); }

  press(name) {
    if (name === 'approve') this.approve();
    else if (name === 'reject') { this.commit(); this.asking.ask('reject'); }
    else if (name === 'more') this.bar.more();
    else if (['comment', 'postpone', 'send_back'].includes(name)) { this.commit(); this.hand.open(name); }
    else { this.commit(); this.act(name); }
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
    this.on(this.node.querySelector('.more-fields'), 'click', () => this.toggleFields());
  }
}

export default function ({ data, parentElement: root, setStateValue }) {
  let desk = DESKS.get(root);
  if (!desk) { desk = new Desk(root); DESKS.set(root, desk); }
  desk.send = setStateValue;
  desk.update(data);
  return () => { desk.stop(); DESKS.delete(root); };
}
