// The bar above a document and the line below: its name, what is open, what can be done, its history, the keys.

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
    const count = severity => data.flags.filter(flag => flag.open && flag.severity === severity).length;
    const badges = [['error', count('error'), labels.count_errors], ['warning', count('warning'), labels.count_warnings]].filter(([, number]) => number);
    find('.badges').replaceChildren(element('span', `badge status-${record.status}`, record.status_label),
      ...badges.map(([level, number, text]) => element('span', `badge ${level}`, `${LEVEL_MARKS[level]} ${fill(text, { count: number })}`)));
    for (const button of find('.bar').querySelectorAll('[data-act]')) {
      const { act } = button.dataset, key = { approve: 'Ctrl+Enter', undo: 'Ctrl+Z', redo: 'Ctrl+Y', compare: 'Alt+C' }[act];
      if (button.classList.contains('icon')) button.setAttribute('aria-label', labels[act]); else button.replaceChildren(element('span', '', labels[act]), ...(key ? [element('kbd', '', key)] : []));
      button.title = key ? `${labels[act]} (${key})` : labels[act];
      button.hidden = !data.actions.includes(act) && !['undo', 'redo'].includes(act);
      button.disabled = !data.actions.includes(act);
    }
    find('.notice').hidden = !notice;
    find('.notice').textContent = notice ? notice.text : '';
    find('.notice').className = `notice ${notice?.level || ''}`;
    find('.history summary').textContent = labels.history;
    find('.history ol').replaceChildren(...data.history.map(entry => { const item = element('li'); item.append(element('time', '', entry.when), element('span', '', entry.text)); return item; }));
    find('.hints').replaceChildren(...labels.hints.flatMap(([keys, text]) => [element('kbd', '', keys), document.createTextNode(` ${text} `)]));
  }

  saving() {
    const { data, labels, log, sequence } = this.desk, saved = this.node.querySelector('.saved');
    const told = data?.notice?.level === 'good' ? `✓ ${data.notice.text} ` : '';
    saved.textContent = log.length ? labels?.saving || '…' : told + (sequence ? `● ${labels.saved}` : '');
    saved.classList.toggle('busy', log.length > 0);
  }
}
