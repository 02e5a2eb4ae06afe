// The line items: real inputs, a colour for each money column, and the sums against the printed totals always in sight.

class ItemsTable {
  constructor(desk, host, name) {
    Object.assign(this, { desk, host, name, rows: [] });
    host.innerHTML = '<div class="scroll"><table><thead></thead><tbody></tbody><tfoot></tfoot></table></div>';
    [this.head, this.body, this.foot] = ['thead', 'tbody', 'tfoot'].map(tag => host.querySelector(tag));
    desk.on(host, 'click', event => this.click(event));
    desk.on(host, 'input', () => this.sums());
  }

  get data() { return this.desk.data.tables.find(table => table.name === this.name); }

  update() {
    const data = this.data;
    this.host.hidden = !data || (data.optional && !data.rows.length && !this.desk.open);
    if (!data) return;
    const shape = JSON.stringify([this.desk.data.record.type, this.desk.language, data.rows.length, this.desk.data.editable, this.desk.keys.map.own]);
    if (this.shape !== shape) { this.shape = shape; this.build(data); }
    data.rows.forEach((row, index) => row.forEach((cell, column) => {
      this.rows[index][column].update(cell, fill(this.desk.labels.cell_name, { row: index + 1, column: data.columns[column].label }));
    }));
    this.sums();
  }

  build(data) {
    const { labels } = this.desk, head = element('tr');
    head.append(element('th', 'number', '#'));
    for (const column of data.columns) head.append(element('th', `${column.numeric ? 'right' : ''} ${column.tone || ''}`, column.label));
    head.append(element('th', 'actions'));
    if (this.desk.data.editable && data.swappable) head.lastChild.append(this.button('swap_all', '⇄', this.desk.hint('swap_all', labels.swap_all)));
    for (const cell of head.children) cell.scope = 'col';
    this.head.replaceChildren(head);
    this.rows = data.rows.map(() => data.columns.map(column => new CellInput(this.desk, column)));
    this.body.replaceChildren(...this.rows.map((cells, index) => {
      const row = element('tr');
      row.dataset.row = index;
      row.append(element('td', 'number', index + 1));
      cells.forEach((cell, column) => {
        const { numeric, tone } = data.columns[column], td = element('td', `${numeric ? 'right' : ''} ${tone || ''}`);
        td.append(cell.node);
        row.append(td);
      });
      const actions = element('td', 'actions');
      if (this.desk.data.editable) {
        if (data.swappable) actions.append(this.button('swap', '⇄', this.desk.hint('swap', labels.swap_row)));
        actions.append(this.button('insert', '+', this.desk.hint('insert', labels.insert_row)), this.button('delete', '×', this.desk.hint('delete', labels.delete_row)));
        const more = this.button('row_menu', '⋯', this.desk.hint('row_menu', fill(labels.row_menu, { row: index + 1 })));
        more.setAttribute('aria-haspopup', 'menu');
        actions.append(more);
      }
      row.append(actions);
      return row;
    }));
  }

  button(action, sign, label) {
    const button = element('button', 'tool', sign);
    Object.assign(button, { type: 'button', title: label, tabIndex: -1 });
    button.dataset.action = action;
    button.setAttribute('aria-label', label);
    return button;
  }

  // Sums follow the typing itself; what is no plain number waits for the server.
  sums() {
    const data = this.data, { labels } = this.desk, row = element('tr'), first = element('td');
    first.colSpan = 2;
    if (this.desk.data.editable) {
      const add = element('button', 'add-row', `+ ${labels.add_row}`);
      add.type = 'button';
      add.dataset.action = 'add';
      first.append(add);
    }
    row.append(first);
    data.columns.slice(1).forEach((column, index) => {
      const td = element('td', `${column.numeric ? 'right' : ''} ${column.tone || ''}`);
      if (column.summed) td.append(...this.sum(column, index + 1));
      row.append(td);
    });
    row.append(element('td', 'actions'));
    this.foot.replaceChildren(row);
  }

  sum(column, index) {
    const { labels } = this.desk, texts = this.rows.map(cells => cells[index].input.value), format = number => number.toLocaleString('en-US');
    const known = texts.map(plainNumber), total = known.reduce((sum, value) => sum + Math.round((value ?? 0) * 1000), 0) / 1000;
    const isBlank = texts.every(text => !text.trim()), isUnclear = texts.some((text, row) => text.trim() && known[row] === null);
    const parts = [element('div', 'sum', isBlank ? '–' : `${isUnclear ? '≈ ' : ''}${format(total)}`)];
    const printed = column.total ? plainNumber(this.desk.cell(column.total)?.input.value) : null;
    if (!column.total || (printed === null && isBlank)) return parts;
    if (printed === null) return [...parts, element('div', 'against none', labels.no_total)];
    const difference = Math.round((total - printed) * 1000) / 1000, note = `${labels.printed} ${format(printed)}`;
    // a paper that prints no copayment by line has its total all the same
    if (isBlank || (!total && !isUnclear && column.tone === 'copayment')) return [...parts, element('div', 'against none', note)];
    if (!difference && !isUnclear) return [...parts, element('div', 'against good', `✓ ${note}`)];
    return [...parts, element('div', 'against none', note), element('div', 'against bad', `✕ ${isUnclear ? '?' : (difference > 0 ? '+' : '−') + format(Math.abs(difference))}`)];
  }

  click(event) {
    const action = event.target.closest('[data-action]')?.dataset.action;
    if (!action) return;
    const row = Number(event.target.closest('tr').dataset.row);
    if (action === 'row_menu') this.menu(row); else this.change(action, row);
  }

  // All that can be done with a row, beside it; the cell that had the focus has it again.
  menu(row) {
    const { labels, keys } = this.desk, here = this.desk.focused?.startsWith(`${this.name}.${row}.`) ? this.desk.focused : null;
    if (!this.desk.data.editable || !this.rows[row]) return;
    const names = ['insert', 'delete', 'move_up', 'move_down', 'split', 'merge_above', 'merge_below', ...(this.data.swappable ? ['swap', 'swap_all'] : [])];
    const items = names.map(name => ({ name, text: labels[`${name}_row`] ?? labels[name], key: keys.map.label(name), run: this.can(name, row) ? () => this.change(name, row) : null }));
    const anchor = this.body.children[row].querySelector('[data-action=row_menu]');
    this.desk.menu.open(anchor, fill(labels.row_menu, { row: row + 1 }), items, here ? this.desk.cell(here).input : anchor);
  }

  can(action, row) {
    const last = this.data.rows.length - 1;
    if (['move_up', 'merge_above'].includes(action)) return row > 0 && row <= last;
    if (['move_down', 'merge_below'].includes(action)) return row < last;
    if (['swap', 'swap_all'].includes(action)) return Boolean(this.data.swappable);
    return action === 'add' || row <= last;
  }

  // Rows change here at once, in the order of the log, so that a digit typed next already meets its own row.
  change(action, row) {
    if (!this.desk.data.editable || !this.can(action, row)) return;
    this.desk.commit();
    if (action === 'split') { this.desk.split.open(this, row, this.desk.focused?.startsWith(`${this.name}.${row}.`) ? this.desk.focused : this.path(row)); return; }
    if (action === 'swap' || action === 'swap_all') {
      this.desk.act('swap', { table: this.name, row: action === 'swap' ? row : null, columns: this.data.swappable });
      return;
    }
    const { rows } = this.data, here = this.desk.focused?.startsWith(`${this.name}.`) ? this.desk.focused.split('.')[2] : null;
    const next = this[`row_${action.replace(/^move_.*/, 'move').replace(/^merge_.*/, 'merge')}`](rows, row, action);
    this.settle(next, action.startsWith('m') ? here : null);
  }

  row_delete(rows, row) { this.desk.act('delete', { table: this.name, row }); rows.splice(row, 1); return row; }

  row_insert(rows, row) { return this.put(rows, row + 1, this.data.columns.map(() => '')); }

  row_add(rows) { return this.put(rows, rows.length, this.data.columns.map(() => '')); }

  // The row that a flag says is missing.
  putIn({ flag, row, texts }) {
    if (!this.desk.data.editable) return;
    this.desk.commit();
    this.desk.act('put_in', { flag });
    this.put(this.data.rows, row, this.data.columns.map(column => texts[column.name] ?? ''), false);
    this.settle(row, null);
  }

  put(rows, row, texts, isTold = true) {
    if (isTold) this.desk.act('insert', { table: this.name, row });
    rows.splice(row, 0, texts.map(value => ({ path: '', value, state: value ? 'value' : 'blank' })));
    return row;
  }

  row_move(rows, row, action) {
    const to = row + (action === 'move_up' ? -1 : 1);
    this.desk.act('move', { table: this.name, row, to });
    rows.splice(to, 0, ...rows.splice(row, 1));
    return to;
  }

  // Until the server says what the cells are, names are joined and plain amounts added.
  row_merge(rows, row, action) {
    const upper = action === 'merge_above' ? row - 1 : row, [first, second] = [rows[upper], rows[upper + 1]];
    this.desk.act('merge', { table: this.name, row: upper, other: upper + 1 });
    first.forEach((cell, index) => {
      const [here, there] = [cell.value, second[index].value], { numeric, summed, kind } = this.data.columns[index], known = [here, there].map(plainNumber);
      if (!here || !there) cell.value = here || there;
      else if (numeric && summed) cell.value = known.includes(null) ? `${here} + ${there}` : (known[0] + known[1]).toLocaleString('en-US');
      else if (kind === 'text' && here !== there) cell.value = here + there;
      cell.state = cell.value ? 'value' : cell.state;
    });
    rows.splice(upper + 1, 1);
    return upper;
  }

  // What the dialog asked for: `texts` of both rows by column, `parts` the same by name.
  split(row, texts, parts) {
    const { rows } = this.data;
    this.desk.act('split', { table: this.name, row, parts });
    rows[row].forEach((cell, index) => { cell.value = texts[0][index]; });
    this.put(rows, row + 1, texts[1], false);
    this.settle(row + 1, null);
  }

  path(row, column = this.data.columns[0].name) { return `${this.name}.${row}.${column}`; }

  // Name the cells anew and go to the row that was worked on.
  settle(row, column) {
    const { rows, columns } = this.data, next = Math.min(row, rows.length - 1);
    rows.forEach((cells, index) => cells.forEach((cell, at) => { cell.path = this.path(index, columns[at].name); }));
    this.update();
    if (next >= 0) this.desk.focus(this.path(next, column ?? undefined));
  }

  find(path) {
    const [name, row, column] = path.split('.');
    if (name !== this.name || !this.rows[row]) return undefined;
    return this.rows[row][this.data.columns.findIndex(each => each.name === column)];
  }

  // The cell above or below.
  beside(path, step) {
    const [, row, column] = path.split('.');
    return this.find(`${this.name}.${Number(row) + step}.${column}`);
  }
}
