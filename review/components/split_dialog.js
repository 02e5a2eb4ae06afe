// One row becomes two: the person types what belongs to the first and to the second; the rest of an amount is worked out beside it.

class SplitDialog {
  constructor(desk, dialog) {
    Object.assign(this, { desk, dialog });
    desk.on(dialog, 'input', event => { this.share(event.target); this.compare(); });
    desk.on(dialog, 'close', () => { if (dialog.returnValue === 'ok') this.done(); else desk.focus(this.path); });
    desk.on(dialog.querySelector('menu .plain'), 'click', () => dialog.close('cancel'));
  }

  open(table, row, path) {
    const { labels } = this.desk, { columns } = table.data, texts = table.rows[row].map(cell => cell.input.value), find = selector => this.dialog.querySelector(selector);
    Object.assign(this, { table, row, texts, path });
    find('h2').textContent = fill(labels.split_title, { row: row + 1 });
    find('p').textContent = labels.split_text;
    find('menu .plain').textContent = labels.cancel;
    find('menu .primary').textContent = labels.split_do;
    const head = element('tr');
    head.append(element('td'), ...columns.map(column => { const cell = element('th', column.numeric ? 'right' : '', column.label); cell.scope = 'col'; return cell; }));
    find('thead').replaceChildren(head);
    this.inputs = [0, 1].map(part => columns.map((column, index) => this.input(column, part, part === 0 || column.choices ? texts[index] : '')));
    find('tbody').replaceChildren(...this.inputs.map((inputs, part) => {
      const line = element('tr'), label = element('th', '', fill(labels.split_part, { number: part + 1 }));
      label.scope = 'row';
      line.append(label, ...inputs.map(input => { const cell = element('td'); cell.append(input); return cell; }));
      return line;
    }));
    this.compare();
    this.dialog.returnValue = '';
    this.dialog.showModal();
    this.inputs[0][0].focus();
    this.inputs[0][0].select?.();
  }

  input(column, part, text) {
    const input = element(column.choices ? 'select' : 'input', 'entry');
    if (column.choices) input.append(...[['', '—'], ...column.choices].map(([code, label]) => { const option = element('option', '', label); option.value = code; return option; }));
    else Object.assign(input, { type: 'text', autocomplete: 'off', spellcheck: false });
    if (column.numeric) { input.classList.add('right'); input.inputMode = 'decimal'; }
    input.value = text;
    input.setAttribute('aria-label', `${fill(this.desk.labels.split_part, { number: part + 1 })} · ${column.label}`);
    return input;
  }

  // What is typed in one half of an amount leaves the rest to the other, until that was typed too.
  share(input) {
    input.typed = true;
    const part = this.inputs.findIndex(inputs => inputs.includes(input)), index = this.inputs[part]?.indexOf(input), other = this.inputs[1 - part]?.[index];
    const column = this.table.data.columns[index], whole = plainNumber(this.texts[index]), here = plainNumber(input.value);
    if (!other || other.typed || !column.numeric || !column.summed || whole === null) return;
    other.value = input.value.trim() === '' ? this.texts[index] : here === null ? '' : String(Math.round((whole - here) * 1000) / 1000);
  }

  compare() {
    const { labels } = this.desk, line = element('tr'), label = element('th', '', labels.split_sum);
    label.scope = 'row';
    line.append(label, ...this.table.data.columns.map((column, index) => {
      const whole = plainNumber(this.texts[index]), parts = this.inputs.map(inputs => inputs[index].value), known = parts.map(plainNumber), cell = element('td', 'right');
      if (!column.numeric || !column.summed || whole === null) return cell;
      if (parts.some((text, part) => text.trim() && known[part] === null)) { cell.append(element('span', 'against bad', '✕ ?')); return cell; }
      const off = Math.round(((known[0] ?? 0) + (known[1] ?? 0) - whole) * 1000) / 1000;
      cell.append(element('span', `against ${off ? 'bad' : 'good'}`, off ? `✕ ${off > 0 ? '+' : '−'}${Math.abs(off).toLocaleString('en-US')}` : `✓ ${whole.toLocaleString('en-US')}`));
      return cell;
    }));
    this.dialog.querySelector('tfoot').replaceChildren(line);
  }

  done() {
    const { columns } = this.table.data, parts = this.inputs.map(inputs => inputs.map(input => input.value));
    this.table.split(this.row, parts, parts.map(texts => Object.fromEntries(columns.map((column, index) => [column.name, texts[index]]))));
  }
}
