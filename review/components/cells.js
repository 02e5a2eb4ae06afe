// One editable cell: what it shows for each state, when it is dirty, and how its edit reaches the log.

const STATE_CLASSES = ['value', 'zero', 'blank', 'unreadable', 'not_read'];

function fill(text, holes) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in holes ? holes[name] : whole));
}

function plainNumber(text) {
  const bare = String(text ?? '').normalize('NFKC').replace(/[,\s元$]|NT/g, '');
  return /^-?\d+(\.\d+)?$/.test(bare) ? Number(bare) : null;
}

class CellInput {
  constructor(desk, column) {
    this.desk = desk;
    this.column = column;
    this.node = element('div', 'cell');
    this.input = column.choices ? element('select') : element('input');
    if (column.choices) {
      this.input.append(...[['', '—'], ...column.choices].map(([code, label]) => {
        const option = element('option', '', label);
        option.value = code;
        return option;
      }));
    } else {
      Object.assign(this.input, { type: 'text', autocomplete: 'off', spellcheck: false });
      if (column.numeric) this.input.inputMode = 'decimal';
    }
    this.input.classList.add('entry');
    this.input.cell = this;
    this.node.append(this.input);
  }

  get dirty() { return this.input.value !== this.saved; }

  // Take what the server says; a text that is being typed stays.
  update(cell, label) {
    const { labels, data } = this.desk;
    const typing = this.cell && this.cell.path === cell.path && this.cell.record === data.record.id && this.dirty
      && this.input === this.input.getRootNode().activeElement;
    const told = JSON.stringify([cell, label, data.editable, data.language]), isSettled = this.input.value === cell.value && this.saved === cell.value;
    this.cell = { ...cell, record: data.record.id };
    if (told === this.told && isSettled && !this.node.classList.contains('pending')) return;  // most cells, at most edits
    this.told = told;
    this.input.dataset.path = cell.path;
    if (!typing) this.input.value = cell.value;
    this.saved = cell.value;
    if (this.column.choices) this.input.disabled = !data.editable; else this.input.readOnly = !data.editable;
    if (!this.column.choices) this.input.placeholder = cell.state === 'blank' ? labels.blank : cell.state === 'not_read' ? labels.not_read : '';
    for (const state of STATE_CLASSES) this.node.classList.toggle(`is-${state}`, cell.state === state);
    for (const level of ['error', 'warning', 'info']) this.node.classList.toggle(level, cell.level === level);
    for (const judgement of ['confirmed', 'doubtful', 'wrong']) this.node.classList.toggle(`judged-${judgement}`, cell.judgement === judgement);
    this.node.classList.toggle('edited', Boolean(cell.edited));
    this.node.classList.toggle('wrong', Boolean(cell.problem));
    this.node.classList.remove('pending');
    this.node.title = [cell.problem, ...(cell.reasons || []), cell.judged].filter(Boolean).join('\n');
    const state = ['blank', 'unreadable', 'not_read'].includes(cell.state) ? labels[cell.state] : '';
    this.input.setAttribute('aria-label', [label, state, this.node.title].filter(Boolean).join('. '));
    this.input.setAttribute('aria-invalid', String(cell.level === 'error' || Boolean(cell.problem)));
  }

  // Send what was typed; the log keeps it until the server has it in the database.
  commit() {
    if (!this.dirty || !this.desk.data.editable) return false;
    this.saved = this.input.value;
    this.node.classList.add('pending');
    this.desk.act('correct', { path: this.cell.path, text: this.input.value, ...this.desk.regions.used(this.cell.path, this.input.value) });
    return true;
  }

  restore() { this.input.value = this.saved; }
}
