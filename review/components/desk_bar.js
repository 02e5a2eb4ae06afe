// The bar above a document and the line below: its name, what is open, what can be done, its history, the keys.

const BAR_KEYS = { next: 'skip', more: 'none' };

class DeskBar {
  constructor(desk) {
    Object.assign(this, { desk, node: desk.node });
    desk.on(this.node.querySelector('.bar'), 'click', event => { const name = event.target.closest('[data-act]')?.dataset.act; if (name) desk.press(name); });
  }

  update() {
    const { data, labels } = this.desk, { record, waiting } = data, notice = data.notice?.level === 'good' ? null : data.notice, find = selector => this.node.querySelector(selector);
    find('.name').textContent = record.title;
    find('.name').title = record.title;
    find('.about').textContent = record.about;
    find('.waiting').textContent = waiting;
    find('.waiting').title = data.order_label ?? '';
    const count = severity => data.flags.filter(flag => flag.open && flag.severity === severity).length;
    const badges = [['error', count('error'), labels.count_errors], ['warning', count('warning'), labels.count_warnings]].filter(([, number]) => number);
    find('.badges').replaceChildren(element('span', `badge status-${record.status}`, record.status_label),
      ...data.record.marks.map(text => element('span', 'badge mark', text)), ...badges.map(([level, number, text]) => element('span', `badge ${level}`, `${LEVEL_MARKS[level]} ${fill(text, { count: number })}`)));
    for (const button of find('.bar').querySelectorAll('[data-act]')) {
      const { act } = button.dataset, key = this.desk.keys.map.label(BAR_KEYS[act] ?? act), shown = act === 'approve' && key;
      if (button.classList.contains('icon')) button.setAttribute('aria-label', labels[act]); else button.replaceChildren(element('span', '', labels[act]), ...(shown ? [element('kbd', '', key)] : []));
      button.title = key ? `${labels[act]} (${key})` : labels[act];
      if (act === 'more') continue;
      button.hidden = !data.actions.includes(act) && !['undo', 'redo'].includes(act);
      button.disabled = !data.actions.includes(act);
    }
    find('.notice').hidden = !notice;
    find('.notice').textContent = notice ? notice.text : '';
    find('.notice').className = `notice ${notice?.level || ''}`;
    find('.history summary').textContent = labels.history;
    find('.history ol').replaceChildren(...data.history.map(entry => { const item = element('li'); item.append(element('time', '', entry.when), element('span', '', entry.text)); return item; }));
    this.remarks();
    find('.hints').replaceChildren(...labels.hints.flatMap(([action, text]) => [element('kbd', '', this.desk.keys.map.label(action)), document.createTextNode(` ${text} `)]));
  }

  // What people said about the document, in their own words, oldest first as one reads a talk.
  remarks() {
    const { data, labels } = this.desk, box = this.node.querySelector('.remarks');
    box.hidden = !data.remarks.length;
    box.querySelector('summary').textContent = fill(labels.remarks, { count: data.remarks.length });
    box.querySelector('ol').replaceChildren(...data.remarks.map(({ when, who, text }) => {
      const item = element('li');
      item.append(element('strong', '', who), element('time', '', when), element('p', '', text));
      return item;
    }));
  }

  more() {
    const { desk } = this, { labels, data } = desk, { map } = desk.keys;
    const items = ['comment', 'postpone', 'send_back', 'reject', 'pages', 'back'].map(name => ({
      name, text: labels[name], key: map.label(name), run: data.actions.includes(name) ? () => desk.press(name) : null }));
    const keys = { name: 'keys', text: labels.keys, key: map.label('help'), run: () => desk.help.open() };
    desk.menu.open(this.node.querySelector('[data-act=more]'), labels.more, [...items, keys]);
  }

  saving() {
    const { data, labels, log, sequence } = this.desk, saved = this.node.querySelector('.saved');
    const told = data?.notice?.level === 'good' ? `✓ ${data.notice.text} ` : '';
    saved.textContent = log.length ? labels?.saving || '…' : told + (sequence ? `● ${labels.saved}` : '');
    saved.classList.toggle('busy', log.length > 0);
  }
}
