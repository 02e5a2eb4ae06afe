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
    const shape = JSON.stringify([this.desk.data.record.type, this.desk.language, data.rows.length, this.desk.data.editable]);
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
    if (this.desk.data.editable && data.swappable) head.lastChild.append(this.button('swap_all', '⇄', labels.swap_all));
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
        if (data.swappable) actions.append(this.button('swap', '⇄', labels.swap_row));
        actions.append(this.button('insert', '+', labels.insert_row), this.button('delete', '×', labels.delete_row));
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
    this.change(action, row);
  }

  // Rows change here at once, in the order of the log, so that a digit typed next already meets its own row.
  change(action, row) {
    const data = this.data;
    if (!this.desk.data.editable || (action === 'delete' && !(row < data.rows.length))) return;
    this.desk.commit();
    if (action === 'swap' || action === 'swap_all') {
      if (data.swappable) this.desk.act('swap', { table: this.name, row: action === 'swap' ? row : null, columns: data.swappable });
      return;
    }
    if (action === 'delete') {
      this.desk.act('delete', { table: this.name, row });
      data.rows.splice(row, 1);
    } else {
      row = action === 'add' ? data.rows.length : row + 1;
      this.desk.act('insert', { table: this.name, row });
      data.rows.splice(row, 0, data.columns.map(column => ({ path: '', value: '', state: 'blank' })));
    }
    data.rows.forEach((cells, index) => cells.forEach((cell, column) => { cell.path = `${this.name}.${index}.${data.columns[column].name}`; }));
    this.update();
    const next = Math.min(row, data.rows.length - 1);
    if (next >= 0) this.desk.focus(`${this.name}.${next}.${data.columns[0].name}`);
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
