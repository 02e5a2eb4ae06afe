// Two records that may be one document, side by side: keep both, this one, or the other one. Nothing goes by itself.

const DECISIONS = ['both', 'this', 'other'];

class Duplicates {
  constructor(desk, dialog) {
    Object.assign(this, { desk, dialog, pair: null });
    desk.on(dialog.querySelector('menu'), 'click', event => {
      const { decision } = event.target.closest('[data-decision]')?.dataset || {};
      if (decision) this.decide(decision);
    });
    desk.on(dialog, 'keydown', event => {
      const decision = DECISIONS[Number(event.key) - 1];
      if (!decision || event.ctrlKey || event.altKey || event.metaKey) return;
      event.preventDefault();
      this.decide(decision);
    });
  }

  has(other) { return this.desk.data.duplicates.some(pair => pair.other === other); }

  open(other) {
    const pairs = this.desk.data.duplicates, { labels } = this.desk;
    this.pair = pairs.find(pair => pair.other === other) ?? pairs[0];
    if (!this.pair || !this.desk.data.editable) return;
    const find = selector => this.dialog.querySelector(selector);
    find('h2').textContent = labels.duplicate_title;
    find('.pair-note').textContent = labels.duplicate_text;
    find('.pages').replaceChildren(...this.pair.images.map((source, at) => this.page(source, at)));
    find('tbody').replaceChildren(...this.pair.rows.map(row => this.row(row)));
    find('thead').replaceChildren(this.row({ label: '', values: this.names(), differs: false }, 'th'));
    find('menu').replaceChildren(...DECISIONS.map((decision, at) => {
      const button = element('button', decision === 'both' ? 'primary' : 'plain');
      button.type = 'button';
      button.dataset.decision = decision;
      button.append(element('span', '', labels[`duplicate_${decision}`]), element('kbd', '', String(at + 1)));
      return button;
    }), this.cancel());
    this.dialog.showModal();
    find('menu button').focus();
  }

  names() {
    const { labels, data } = this.desk;
    return [`${labels.duplicate_here} · ${data.record.name}`, `${this.pair.status} · ${this.pair.name}`];
  }

  page(source, at) {
    const figure = element('figure'), image = element('img');
    image.alt = this.names()[at];
    if (source) image.src = source;
    figure.append(image, element('figcaption', '', this.names()[at]));
    return figure;
  }

  row({ label, values, differs }, kind = 'td') {
    const row = element('tr', differs ? 'differs' : '');
    row.append(element('th', '', label), ...values.map(value => element(kind, '', value || '–')));
    if (differs) row.firstChild.append(element('span', 'mark', ` ≠`));
    return row;
  }

  cancel() {
    const button = element('button', 'plain', this.desk.labels.cancel);
    button.type = 'button';
    this.desk.on(button, 'click', () => this.dialog.close());
    return button;
  }

  decide(decision) {
    const { other } = this.pair;
    this.dialog.close();
    this.desk.act('duplicate', { other, decision });
  }
}
