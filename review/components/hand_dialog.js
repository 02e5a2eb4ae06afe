// What is done with a document besides correcting it: put it off, send it to somebody, say something about it.

class HandDialog {
  constructor(desk, dialog) {
    Object.assign(this, { desk, dialog, kind: null });
    desk.on(dialog, 'close', () => { if (dialog.returnValue === 'ok') this.done(); });
    desk.on(dialog, 'input', () => this.check());
    desk.on(dialog, 'click', event => {
      const { name, when } = event.target.closest('button')?.dataset ?? {};
      if (name) { this.find('.hand-to input').value = name; this.find('textarea').focus(); this.check(); }
      if (when) this.choose(when);
      if (event.target.closest('menu .plain')) dialog.close('cancel');
    });
  }

  find(selector) { return this.dialog.querySelector(selector); }

  open(kind) {
    const { labels, data } = this.desk;
    this.kind = kind;
    this.dialog.dataset.kind = kind;
    this.find('h2').textContent = labels[`${kind}_title`];
    this.find('p').textContent = labels[`${kind}_text`];
    this.find('menu .plain').textContent = labels.cancel;
    this.find('menu .primary').textContent = labels[`${kind}_do`];
    this.find('.hand-reason span').textContent = kind === 'postpone' ? labels.reason_optional : kind === 'comment' ? labels.comment_label : labels.reason;
    this.find('.hand-to').hidden = this.find('.hand-names').hidden = kind !== 'send_back';
    this.find('.hand-times').hidden = this.find('.hand-until').hidden = kind !== 'postpone';
    this.find('textarea').value = this.find('.hand-to input').value = '';
    this.find('.hand-to span').textContent = labels.send_back_to;
    this.find('.hand-until span').textContent = labels.postpone_until;
    this.find('.hand-names').replaceChildren(...data.people.map(({ name, text }) => this.button({ name }, text)));
    this.find('.hand-times').replaceChildren(...this.times().map(([when, text]) => this.button({ when }, text)), ...(data.actions.includes('resume') ? [this.button({ when: 'now' }, labels.postpone_now)] : []));
    if (kind === 'postpone') this.choose(this.times()[0][0]);
    this.dialog.returnValue = '';
    this.check();
    this.dialog.showModal();
    this.find(kind === 'send_back' ? '.hand-to input' : kind === 'postpone' ? '.hand-until input' : 'textarea').focus();
  }

  button(dataset, text) {
    const button = element('button', 'quiet', text);
    button.type = 'button';
    Object.assign(button.dataset, dataset);
    return button;
  }

  // In the person's own time: two hours on while the day lasts, tomorrow and in a week at nine.
  times() {
    const { labels } = this.desk, now = new Date(), at = (days, hour) => new Date(now.getFullYear(), now.getMonth(), now.getDate() + days, hour);
    const local = moment => new Date(moment.getTime() - moment.getTimezoneOffset() * 60000).toISOString().slice(0, 16);
    const later = new Date(now.getTime() + 2 * 3600e3), today = later.getDate() === now.getDate() ? [[local(later), labels.postpone_later]] : [];
    return [...today, [local(at(1, 9)), labels.postpone_tomorrow], [local(at(7, 9)), labels.postpone_week]];
  }

  choose(when) {
    if (when === 'now') { this.dialog.close('cancel'); this.desk.leave('postpone', { until: null }); return; }
    this.find('.hand-until input').value = when;
    this.check();
  }

  check() {
    const { kind } = this, until = this.find('.hand-until input').value, text = this.find('textarea').value.trim(), to = this.find('.hand-to input').value.trim();
    const isReady = kind === 'postpone' ? until && new Date(until) > new Date() : text && (kind === 'comment' || to);
    this.find('menu .primary').disabled = !isReady;
    for (const button of this.find('.hand-times').children) button.setAttribute('aria-pressed', String(button.dataset.when === until));
  }

  done() {
    const { desk, kind } = this, reason = this.find('textarea').value.trim();
    if (kind === 'comment') desk.act('comment', { remark: reason });
    if (kind === 'send_back') desk.leave('send_back', { to: this.find('.hand-to input').value.trim(), reason });
    if (kind === 'postpone') desk.leave('postpone', { until: new Date(this.find('.hand-until input').value).toISOString(), reason });
  }
}
