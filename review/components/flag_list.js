// Why a person is needed: the focused cell's own card first, then every flag with its reason and what would settle it.

class FlagList {
  constructor(desk, host) {
    Object.assign(this, { desk, host });
    this.own = host.querySelector('.this-cell');
    this.list = host.querySelector('.flag-cards');
    desk.on(this.list, 'click', event => {
      const flag = desk.data.flags[Number(event.target.closest('[data-flag]')?.dataset.flag)];
      const action = event.target.closest('[data-action]')?.dataset;
      if (!flag || !action) return;
      if (action.action === 'show') desk.focus(flag.target, { stay: true });
      if (action.action === 'take') desk.take(flag.suggestions[Number(action.index)]);
      if (action.action === 'dismiss') desk.act('dismiss', { flag: flag.key });
      if (action.action === 'compare') desk.duplicates.open(flag.other);
      if (action.action === 'override') desk.asking.ask('override', flag);
      if (action.action === 'withdraw') desk.override(flag.key, null);
    });
    desk.on(this.own, 'click', event => {
      const index = event.target.closest('[data-index]')?.dataset.index;
      if (index !== undefined) desk.take(this.alternatives[Number(index)]);
    });
  }

  update() {
    const { flags, checks } = this.desk.data, { labels } = this.desk;
    this.host.querySelector('.flags-title').textContent = labels.flags;
    this.host.querySelector('.checks').textContent = checks ? fill(labels.checks_passed, checks) : '';
    const skipped = checks?.skipped || [], folded = this.host.querySelector('.skipped');
    folded.hidden = !skipped.length;
    folded.querySelector('summary').textContent = fill(labels.checks_skipped, { count: skipped.length });
    folded.querySelector('ul').replaceChildren(...skipped.map(([rule, reason]) => element('li', '', `${rule}: ${reason}`)));
    this.list.replaceChildren(...flags.map((flag, index) => this.card(flag, index)));
    if (!flags.some(flag => flag.open)) this.list.prepend(element('p', 'all-clear', this.desk.data.record.document ? `✓ ${labels.all_clear}` : ''));
    this.focus(this.desk.focused);
  }

  card(flag, index) {
    const { labels } = this.desk, card = element('article', `flag ${flag.severity} ${flag.open ? '' : 'settled'}`);
    card.dataset.flag = index;
    const title = element('button', 'flag-title');
    title.type = 'button';
    title.dataset.action = 'show';
    title.append(element('span', 'sign', LEVEL_MARKS[flag.severity]), element('span', 'sr', `${labels[flag.severity]}: `), element('span', '', flag.title));
    card.append(title);
    if (flag.where) card.append(element('p', 'where', flag.where));
    if (flag.open || flag.note) card.append(element('p', 'why', flag.open ? flag.text : flag.note));
    const actions = element('div', 'flag-actions');
    if (this.desk.data.editable && flag.open) {
      if (flag.other && this.desk.duplicates.has(flag.other)) actions.append(this.button('compare', `${labels.duplicate_compare} (${this.desk.keys.map.label('duplicates')})`, null, 'take'));
      flag.suggestions.forEach((suggestion, at) => actions.append(this.button('take', suggestion.label, at, 'take')));
      actions.append(flag.severity === 'error' ? this.button('override', labels.override_, null, 'quiet') : this.button('dismiss', labels.dismiss, null, 'quiet'));
    } else if (this.desk.data.editable && flag.overridden) {
      actions.append(this.button('withdraw', labels.withdraw, null, 'quiet'));
    }
    if (actions.children.length) card.append(actions);
    return card;
  }

  button(action, text, index, className) {
    const button = element('button', className, text);
    button.type = 'button';
    button.dataset.action = action;
    if (index !== null) button.dataset.index = index;
    return button;
  }

  // Mark the flags of the focused cell and number what would settle them.
  focus(path) {
    const { flags } = this.desk.data, { labels } = this.desk, cell = path ? this.desk.cell(path)?.cell : null;
    this.alternatives = [];
    let first = null;
    flags.forEach((flag, index) => {
      const mine = Boolean(path) && flag.open && flag.cells.includes(path);
      const card = this.list.querySelector(`[data-flag="${index}"]`);
      card.classList.toggle('mine', mine);
      if (mine) first ??= card;
      if (mine || (path && flag.open && flag.suggestions.some(each => each.path === path))) this.alternatives.push(...flag.suggestions.filter(each => mine || each.path === path));
    });
    this.alternatives = this.alternatives.filter((each, at, all) => all.findIndex(other => other.path === each.path && other.value === each.value) === at);
    this.alternatives.sort((one, other) => Boolean(one.insert) - Boolean(other.insert));  // values of this cell first
    this.own.hidden = !cell;
    if (!cell) return;
    const lines = [element('h3', '', this.desk.cell(path).column.path ? this.desk.cell(path).column.label : fill(labels.cell_name, { row: Number(path.split('.')[1]) + 1, column: this.desk.cell(path).column.label }))];
    if (cell.problem) lines.push(element('p', 'problem', cell.problem));
    for (const reason of cell.reasons || []) lines.push(element('p', 'reason', reason));
    if (cell.judged) lines.push(element('p', `judged ${cell.judgement}`, cell.judged));
    lines.push(element('p', 'source', cell.source || labels[cell.state] || ''));
    const buttons = element('div', 'flag-actions');
    this.alternatives.slice(0, 9).forEach((each, index) => {
      const button = this.button('take', each.path === path ? each.short : each.label, index, 'take');
      button.append(element('kbd', '', this.desk.keys.map.label('alternative', index + 1)));
      buttons.append(button);
    });
    if (buttons.children.length && this.desk.data.editable) lines.push(buttons);
    this.own.replaceChildren(...lines);
    if (first) {  // by hand: scrollIntoView would also move the page
      const frame = this.list.getBoundingClientRect(), box = first.getBoundingClientRect();
      if (box.top < frame.top || box.bottom > frame.bottom) this.list.scrollTop += box.top - frame.top - 8;
    }
  }
}
