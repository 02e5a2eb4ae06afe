// Readings side by side: a grid that is walked by the arrow keys; Enter takes a cell into the record.

const COMPARISONS = new WeakMap();

class ComparisonView {
  constructor(root) {
    this.node = root.querySelector('.compare');
    this.abort = new AbortController();
    this.log = new ActionLog();
    const { signal } = this.abort, find = selector => this.node.querySelector(selector);
    this.viewer = new Viewer(find('.viewer'), signal, path => this.goto(path));
    this.body = find('tbody');
    this.only = find('.only input');
    this.only.checked = true;
    Object.assign(this, { row: 0, column: 1, record: null });
    this.only.addEventListener('change', () => this.draw(), { signal });
    find('.bar').addEventListener('click', event => { const name = event.target.closest('[data-act]')?.dataset.act; if (name) this.press(name); }, { signal });
    find('thead').addEventListener('click', event => { const side = event.target.closest('.take-all')?.dataset.side; if (side) this.takeAll(Number(side)); }, { signal });
    this.body.addEventListener('focusin', event => this.arrived(event.target), { signal });
    this.body.addEventListener('dblclick', () => this.take(), { signal });
    this.node.addEventListener('keydown', event => this.key(event), { signal });
  }

  stop() { this.log.stop(); this.abort.abort(); }

  update(data) {
    const isNew = data.record !== this.record;
    const busy = this.log.acknowledge(data);
    const inside = this.node.contains(this.node.getRootNode().activeElement);
    this.data = data;
    this.record = data.record;
    if (isNew) Object.assign(this, { row: 0, column: 1 });
    this.viewer.update(data.viewer);
    this.bar(busy);
    this.head();
    this.draw();
    if (isNew || inside) this.focus(isNew ? this.rows.findIndex(row => row.differs) : this.row);
  }

  bar(busy) {
    const { data } = this, { labels } = data, find = selector => this.node.querySelector(selector);
    find('.name').textContent = data.title;
    find('.about').textContent = data.about;
    const count = data.rows.filter(row => row.differs).length;
    find('.badges').replaceChildren(element('span', `badge ${count ? 'warning' : 'status-approved'}`, count ? labels.differences.replace('{count}', count) : labels.none_differs));
    if (data.others) find('.badges').append(element('span', 'badge', data.others));
    find('.only span').textContent = labels.only;
    for (const name of ['undo', 'redo']) { const button = find(`[data-act=${name}]`); button.title = labels[name]; button.setAttribute('aria-label', labels[name]); button.disabled = !data[name] || !data.editable; }
    find('[data-act=back]').textContent = labels.back;
    const notice = find('.notice');
    notice.hidden = !data.notice;
    notice.textContent = data.notice?.text || '';
    notice.className = `notice ${data.notice?.level || ''}`;
    const saved = find('.saved');
    saved.textContent = busy ? labels.saving : this.log.sequence ? `● ${labels.saved}` : '';
    saved.classList.toggle('busy', busy);
    find('.hints').replaceChildren(...labels.hints.flatMap(([keys, text]) => [element('kbd', '', keys), document.createTextNode(` ${text} `)]));
  }

  head() {
    const { labels, sides, editable } = this.data, line = element('tr');
    const cell = (name, about) => { const node = element('th'); node.scope = 'col'; node.append(element('b', '', name), about || ''); line.append(node); return node; };
    cell(labels.field);
    cell(labels.now);
    sides.forEach((side, index) => {
      const take = element('button', 'take-all', `${labels.take_all}`);
      Object.assign(take, { type: 'button', disabled: !editable });
      take.dataset.side = index;
      take.title = `Alt+${index + 1}`;
      take.setAttribute('aria-label', `${labels.take_all}: ${side.name}, ${side.about}`);
      cell(side.name, side.about).append(element('br'), take);
    });
    this.node.querySelector('thead').replaceChildren(line);
  }

  draw() {
    const { data } = this, { labels } = data, lines = [];
    let group = '';
    this.rows = data.rows.filter(row => row.differs || !this.only.checked);
    this.rows.forEach((row, at) => {
      if (row.group && row.group !== group) { const line = element('tr', 'group'), head = element('th', '', row.group); head.colSpan = data.sides.length + 2; head.scope = 'rowgroup'; line.append(head); lines.push(line); }
      group = row.group;
      const line = element('tr'), head = element('th', '', row.label);
      head.scope = 'row';
      line.append(head, ...row.cells.map((cell, column) => this.cell(row, cell, at, column)));
      lines.push(line);
    });
    this.body.replaceChildren(...lines);
    const none = this.node.querySelector('.none');
    none.hidden = this.rows.length > 0;
    none.textContent = labels[data.sides.length ? 'none_differs' : 'no_readings'];
  }

  cell(row, cell, at, column) {
    const { labels } = this.data, node = element('td'), unsaid = { absent: labels.absent, not_read: labels.not_read, blank: labels.blank, unreadable: '' }[cell.state];
    node.textContent = cell.text || unsaid || '';
    node.tabIndex = at === this.row && column === this.column ? 0 : -1;
    Object.assign(node.dataset, { at, column });
    node.classList.toggle('now', column === 0);
    node.classList.toggle('differs', Boolean(cell.differs));
    node.classList.toggle('unsaid', !cell.text);
    node.classList.toggle('number', /^[-\d,.]+$/.test(cell.text));
    const head = column ? this.data.sides[column - 1].name : labels.now;
    node.setAttribute('role', 'gridcell');
    node.setAttribute('aria-label', [row.group, row.label, head, node.textContent, cell.differs ? labels.differs : ''].filter(Boolean).join('. '));
    return node;
  }

  focus(row, column = this.column) {
    this.row = Math.max(0, Math.min(row, this.rows.length - 1));
    this.column = Math.max(0, Math.min(column, this.data.sides.length));
    const node = this.body.querySelector(`[data-at="${this.row}"][data-column="${this.column}"]`);
    if (node) node.focus(); else this.node.focus({ preventScroll: true });
  }

  arrived(node) {
    if (!node.dataset.at) return;
    Object.assign(this, { row: Number(node.dataset.at), column: Number(node.dataset.column) });
    for (const each of this.body.querySelectorAll('td[tabindex="0"]')) each.tabIndex = -1;
    node.tabIndex = 0;
    const row = this.rows[this.row], boxes = this.data.viewer.boxes, known = path => path && boxes.some(box => box.path === path);
    const box = [row.cells[this.column], ...row.cells].map(cell => cell.box).find(known);
    this.viewer.reveal(box ?? row.path);
  }

  goto(path) {
    const at = this.rows.findIndex(row => row.cells.some(cell => cell.box === path));
    if (at >= 0) this.focus(at, 1);
  }

  next(step) {
    for (let at = this.row + step; at >= 0 && at < this.rows.length; at += step) if (this.rows[at].differs) { this.focus(at); return; }
  }

  // Enter: this reading's word goes into the record; a row that one of them lacks is taken or dropped as a whole.
  take() {
    const row = this.rows[this.row], cell = row?.cells[this.column];
    if (!cell || !this.column || !this.data.editable || cell.state === 'not_read') return;
    if (row.line && (cell.state === 'absent' || row.cells[0].state === 'absent')) {
      if (cell.state !== row.cells[0].state) this.act('row', { side: this.column - 1, line: row.line, number: row.number });
    } else {
      this.act('cell', { path: row.path, text: cell.put });
      if (!this.only.checked) this.next(1);
    }
  }

  takeAll(side) { if (this.data.editable && this.data.sides[side]) this.act('all', { side }); }

  act(kind, detail) { this.log.push(this.data.record, kind, detail); this.bar(true); }

  press(name) {
    if (name === 'back') this.left('left', true);
    else if (this.data[name] && this.data.editable) this.act(name);
  }

  key(event) {
    if (!this.data || event.isComposing) return;
    const control = event.ctrlKey || event.metaKey, grid = event.target.closest?.('td');
    const action = this.shortcut(event, control, grid);
    if (!action) return;
    event.preventDefault();
    event.stopPropagation();
    action();
  }

  shortcut(event, control, grid) {
    const digit = event.altKey && /^(?:Digit|Numpad)([1-9])$/.exec(event.code)?.[1], name = event.key.toLowerCase();
    if (digit) return () => this.takeAll(Number(digit) - 1);
    if (control && name === 'z') return () => this.press(event.shiftKey ? 'redo' : 'undo');
    if (control && name === 'y') return () => this.press('redo');
    if (control || event.altKey) return null;
    if (event.key === 'Escape') return () => this.press('back');
    if (name === 'd') return () => { this.only.checked = !this.only.checked; this.draw(); this.focus(this.row); };
    if (name === 'n') return () => this.next(1);
    if (name === 'p') return () => this.next(-1);
    if (!grid) return event.key === 'ArrowDown' && event.target === this.node ? () => this.focus(0) : null;
    const moves = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], Home: [-this.rows.length, 0], End: [this.rows.length, 0] };
    if (moves[event.key]) return () => this.focus(this.row + moves[event.key][0], this.column + moves[event.key][1]);
    return event.key === 'Enter' ? () => this.take() : null;
  }
}

export default function ({ data, parentElement: root, setStateValue, setTriggerValue }) {
  let view = COMPARISONS.get(root);
  if (!view) { view = new ComparisonView(root); COMPARISONS.set(root, view); }
  view.log.send = setStateValue;
  view.left = setTriggerValue;
  view.update(data);
  return () => { view.stop(); COMPARISONS.delete(root); };
}
