// Header fields in a compact grid; fields that the paper does not show wait behind one button.

class FieldForm {
  constructor(desk, host, name) {
    Object.assign(this, { desk, host, name, inputs: new Map() });
    this.grid = host.querySelector('.fields');
  }

  get fields() { return this.desk.data.forms[this.name]; }

  update() {
    const shape = JSON.stringify([this.desk.data.record.type, this.desk.language, this.fields.map(field => field.path)]);
    if (this.shape !== shape) { this.shape = shape; this.build(); }
    this.host.hidden = !this.fields.length;
    this.hidden = 0;
    for (const field of this.fields) {
      const { cell, label, hint, wrap, problem } = this.inputs.get(field.path);
      cell.update(field, field.label);
      label.textContent = field.label;
      hint.textContent = field.hint || '';
      problem.textContent = field.problem || '';
      problem.hidden = !field.problem;
      for (const level of ['error', 'warning', 'info']) wrap.classList.toggle(level, field.level === level);
      wrap.hidden = !(this.desk.open || field.main || field.level || field.state !== 'blank');
      if (wrap.hidden) this.hidden += 1;
    }
  }

  build() {
    this.inputs.clear();
    this.grid.replaceChildren(...this.fields.map(field => {
      const wrap = element('label', `field ${field.wide ? 'wide' : ''}`), head = element('span', 'field-head');
      const label = element('span', 'field-label'), hint = element('span', 'field-hint'), problem = element('span', 'field-problem');
      const cell = new CellInput(this.desk, field);
      head.append(label, hint);
      wrap.append(head, cell.node, problem);
      this.inputs.set(field.path, { cell, label, hint, wrap, problem });
      return wrap;
    }));
  }

  find(path) { return this.inputs.get(path)?.cell; }
}
