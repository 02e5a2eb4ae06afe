// One field of many documents: a card each. Enter accepts and goes on; a card is accepted only where its picture was seen.

const GRIDS = new WeakMap();
const SIGNS = { error: '✕', warning: '▲', info: 'i' };

function element(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined && text !== null) node.textContent = text;
  return node;
}

class Card {
  constructor(grid) {
    this.grid = grid;
    this.node = element('article', 'snippet');
    this.title = element('span');
    this.name = element('span', 'name');
    this.sign = element('span', 'sign');
    this.picture = element('div', 'picture');
    this.image = element('img');
    this.image.loading = 'lazy';
    this.image.addEventListener('error', () => { this.picture.hidden = true; });
    this.cell = element('div', 'cell');
    this.input = Object.assign(element('input', 'entry'), { type: 'text', autocomplete: 'off', spellcheck: false });
    this.input.card = this;
    this.why = element('p', 'why');
    const head = element('h3');
    head.append(this.title, this.name, this.sign);
    this.picture.append(this.image);
    this.cell.append(this.input);
    this.node.append(head, this.picture, this.cell, this.why);
  }

  get dirty() { return this.input.value !== this.saved; }

  get isRight() { return this.data.level !== 'error' && this.data.state !== 'unreadable' && this.data.state !== 'not_read'; }

  get wasShown() { return this.picture.hidden || (this.image.complete && this.image.naturalWidth > 0); }

  update(data) {
    const { labels } = this.grid.data, typing = this.data?.record === data.record && this.dirty && this.input === this.input.getRootNode().activeElement;
    this.data = data;
    if (!typing) this.input.value = data.value;
    this.saved = data.value;
    this.input.inputMode = data.numeric ? 'decimal' : 'text';
    this.input.placeholder = data.state === 'blank' ? labels.blank : data.state === 'not_read' ? labels.not_read : '';
    this.title.textContent = data.title;
    this.name.textContent = data.name === data.title ? '' : data.name;
    this.title.title = data.title;
    this.name.title = data.name;
    this.sign.textContent = data.seen ? '✓' : '';
    for (const level of ['error', 'warning', 'info']) this.cell.classList.toggle(level, data.level === level);
    for (const state of ['unreadable', 'not_read', 'blank']) this.cell.classList.toggle(`is-${state}`, data.state === state);
    this.cell.classList.toggle('edited', Boolean(data.edited));
    this.cell.classList.toggle('wrong', Boolean(data.problem));
    this.cell.classList.remove('pending');
    this.node.classList.toggle('seen', data.seen);
    this.node.classList.toggle('whole', data.whole);
    this.picture.hidden = !data.snippet;
    if (data.snippet && this.image.getAttribute('src') !== data.snippet) this.image.src = data.snippet;
    this.image.alt = labels[data.whole ? 'whole_page' : 'place'].replace('{field}', data.label);
    const reasons = (data.reasons || []).map(reason => `${SIGNS[data.level] || ''} ${reason}`);
    if (data.others && data.level) reasons.push(labels.with_others);
    this.why.textContent = [data.problem, ...reasons].filter(Boolean).join('\n');
    this.why.classList.toggle('problem', Boolean(data.problem));
    this.why.hidden = !this.why.textContent;
    this.input.setAttribute('aria-label', [data.title, data.label, data.seen ? labels.accepted : '', this.why.textContent].filter(Boolean).join('. '));
    this.input.setAttribute('aria-invalid', String(data.level === 'error' || Boolean(data.problem)));
  }

  // What was typed goes into the record; what stands there was looked at and is right.
  settle() {
    const { record, path } = this.data;
    if (this.dirty) this.grid.act(record, 'correct', { path, text: this.input.value });
    else if (this.isRight && !this.data.seen) this.grid.act(record, 'accept', { path });
    else return;
    this.saved = this.input.value;
    this.cell.classList.add('pending');
  }
}

class FieldGrid {
  constructor(root) {
    this.node = root.querySelector('.fields-page');
    this.host = this.node.querySelector('.cards');
    this.abort = new AbortController();
    this.log = new ActionLog();
    this.cards = [];
    const { signal } = this.abort;
    this.node.querySelector('.bar').addEventListener('click', event => { const name = event.target.closest('[data-act]')?.dataset.act; if (name) this.press(name); }, { signal });
    this.host.addEventListener('focusin', event => { if (event.target.card) { event.target.card.node.scrollIntoView({ block: 'nearest' }); event.target.select(); } }, { signal });
    this.host.addEventListener('focusout', event => { const { card } = event.target; if (card?.dirty) card.settle(); }, { signal });
    this.node.addEventListener('keydown', event => this.key(event), { signal });
  }

  stop() { this.log.stop(); this.abort.abort(); }

  update(data) {
    const busy = this.log.acknowledge(data), isNew = data.choice !== this.data?.choice;
    const focused = this.node.getRootNode().activeElement?.card;
    const at = this.cards.indexOf(focused), record = focused?.data.record, typed = focused?.dirty ? focused.input.value : null;
    const waiting = new Set(this.log.actions.map(action => action.record));
    this.data = data;
    const known = new Map(this.cards.map(card => [card.data.record, card]));
    this.cards = data.cards.map(each => {
      const card = known.get(each.record) ?? new Card(this);
      if (!waiting.has(each.record) || card.data?.path !== each.path) card.update(each);  // else a later answer holds it
      return card;
    });
    const nodes = this.cards.length ? this.cards.map(card => card.node) : [element('p', 'nothing', data.labels.nothing)];
    if (nodes.length !== this.host.children.length || nodes.some((node, place) => node !== this.host.children[place])) {
      this.host.replaceChildren(...nodes);
      const same = this.cards.find(card => card.data.record === record) ?? (focused ? this.cards[Math.min(at, this.cards.length - 1)] : null);
      if (same && !isNew) { same.input.focus(); if (typed !== null && same.data.record === record) same.input.value = typed; }
    }
    this.bar(busy);
    if (isNew) { this.host.scrollTop = 0; (this.cards.find(card => !card.data.seen) ?? this.cards[0])?.input.focus({ preventScroll: true }); }
  }

  bar(busy) {
    const { data } = this, { labels } = data, find = selector => this.node.querySelector(selector);
    const left = this.cards.filter(card => !card.data.seen).length;
    find('.badges').replaceChildren(element('span', 'badge', labels.count.replace('{count}', this.cards.length)),
      element('span', `badge ${left ? '' : 'status-approved'}`, left ? labels.left.replace('{count}', left) : labels.none_left));
    find('[data-act=all]').replaceChildren(element('span', '', labels.accept_all), element('kbd', '', 'Ctrl+Enter'));
    find('[data-act=undo]').setAttribute('aria-label', labels.undo);
    find('[data-act=undo]').title = `${labels.undo} (Ctrl+Z)`;
    find('[data-act=undo]').disabled = !data.undo;
    find('[data-act=back]').textContent = labels.previous_page;
    find('[data-act=back]').hidden = !data.page;
    find('[data-act=forward]').textContent = labels.next_page;
    find('[data-act=forward]').hidden = !data.more;
    const notice = find('.notice');
    if (!busy || data.notice) {
      notice.hidden = !data.notice;
      notice.textContent = data.notice?.text || '';
      notice.className = `notice ${data.notice?.level || ''}`;
    }
    this.saving(busy);
    find('.hints').replaceChildren(...labels.hints.flatMap(([keys, text]) => [element('kbd', '', keys), document.createTextNode(` ${text} `)]));
  }

  saving(busy) {
    const saved = this.node.querySelector('.saved'), { labels } = this.data;
    saved.textContent = busy ? labels.saving : this.log.sequence ? `● ${labels.saved}` : '';
    saved.classList.toggle('busy', busy);
  }

  act(record, kind, detail) { this.log.push(record, kind, detail); this.saving(true); }

  focus(at) {
    const card = this.cards[at];
    if (card) card.input.focus();
    else if (at >= this.cards.length) (this.data.more ? this.node.querySelector('[data-act=forward]') : this.node.querySelector('[data-act=all]')).focus();
  }

  // All that stand whole in sight, and no others: nobody has looked at what is scrolled away or not loaded yet.
  acceptAll() {
    const frame = this.host.getBoundingClientRect();
    const shown = this.cards.filter(card => { const box = card.node.getBoundingClientRect(); return box.top >= frame.top - 2 && box.bottom <= frame.bottom + 2 && card.wasShown; });
    for (const card of shown) card.settle();
    const after = shown.length ? this.cards.indexOf(shown[shown.length - 1]) + 1 : 0;
    const rest = shown.find(card => !card.isRight);
    if (rest) rest.input.focus();
    else if (after < this.cards.length) { this.cards[after].node.scrollIntoView({ block: 'start' }); this.focus(after); } else this.focus(after);
  }

  press(name) {
    if (name === 'all') this.acceptAll();
    else if (name === 'undo') { if (this.data.undo || this.log.actions.length) this.act('', 'undo'); }
    else this.turn('page', { choice: this.data.choice, page: this.data.page + (name === 'forward' ? 1 : -1) });
  }

  key(event) {
    if (!this.data || event.isComposing || event.keyCode === 229) return;
    const action = this.shortcut(event, event.target.card);
    if (!action) return;
    event.preventDefault();
    event.stopPropagation();
    action();
  }

  shortcut(event, card) {
    const control = event.ctrlKey || event.metaKey, name = event.key.toLowerCase(), at = this.cards.indexOf(card);
    if (control && event.key === 'Enter') return () => this.acceptAll();
    if (control && name === 'z') return card?.dirty ? null : () => this.press('undo');
    if (!card) return null;
    if (event.altKey && event.code === 'KeyO') return () => this.open('opened', card.data.record);
    if (event.altKey && /^(?:Digit|Numpad)0$/.test(event.code)) return () => { card.input.value = '?'; card.settle(); this.focus(at + 1); };
    if (control || event.altKey) return null;
    if (event.key === 'Enter') return () => { if (event.shiftKey) { this.focus(Math.max(at - 1, 0)); return; } card.settle(); this.focus(at + 1); };
    if (event.key === 'Escape') return () => { card.input.value = card.saved; card.input.select(); };
    if (event.key === 'ArrowDown') return () => this.focus(Math.min(at + this.columns(), this.cards.length - 1));
    if (event.key === 'ArrowUp') return () => this.focus(Math.max(at - this.columns(), 0));
    return null;
  }

  columns() { return getComputedStyle(this.host).gridTemplateColumns.split(' ').length; }
}

export default function ({ data, parentElement: root, setStateValue, setTriggerValue }) {
  let grid = GRIDS.get(root);
  if (!grid) { grid = new FieldGrid(root); GRIDS.set(root, grid); }
  grid.log.send = setStateValue;
  grid.turn = setStateValue;
  grid.open = setTriggerValue;
  grid.update(data);
  return () => { grid.stop(); GRIDS.delete(root); };
}
