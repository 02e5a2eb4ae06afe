// The pages of a document: read again by another reader, split into documents of their own, joined with others, taken back.

class PagesDialog {
  constructor(desk, dialog) {
    Object.assign(this, { desk, dialog });
    desk.on(dialog, 'click', event => { const { run } = event.target.closest('[data-run]')?.dataset ?? {}; if (run) this.run(run, event.target.closest('[data-run]').dataset); });
    desk.on(dialog, 'input', event => { if (event.target.closest('.pages-cut')) this.line(); });
  }

  find(selector) { return this.dialog.querySelector(selector); }

  open(tool) {
    const { labels, viewer, data } = this.desk;
    Object.assign(this, { tool, starts: new Set(), chosen: [data.record.id] });
    this.find('h2').textContent = labels.pages_title;
    this.find('menu button').textContent = labels.close;
    this.section('again', tool.readers.length > 0);
    this.section('split', tool.pages.length > 1);
    this.section('cut', tool.pages.length > 0);
    this.section('join', tool.others.length > 0);
    this.section('back', Boolean(tool.regrouped));
    this.again(viewer.page ?? 0);
    this.split();
    this.cut();
    this.join();
    this.back();
    this.dialog.showModal();
    (this.find('section:not([hidden]) select, section:not([hidden]) button') ?? this.find('menu button')).focus();
  }

  section(name, isShown) {
    const section = this.find(`.pages-${name}`), { labels } = this.desk;
    section.hidden = !isShown;
    section.querySelector('h3').textContent = labels[`pages_${name}`];
    section.querySelector('.pages-note').textContent = labels[`pages_${name}_text`];
  }

  button(run, text, dataset = {}, kind = 'plain') {
    const button = element('button', kind, text);
    button.type = 'button';
    Object.assign(button.dataset, { run, ...dataset });
    return button;
  }

  select(label, options, value) {
    const outer = element('label'), select = element('select', 'entry');
    select.append(...options.map(([code, text]) => { const option = element('option', '', text); option.value = code; return option; }));
    select.value = value;
    outer.append(element('span', '', label), select);
    return outer;
  }

  numbers() { return this.tool.pages.map((_, page) => [String(page), fill(this.desk.labels.pages_page, { page: page + 1 })]); }

  picture(source, text) {
    const figure = element('figure'), image = element('img');
    image.alt = text;
    image.loading = 'lazy';
    if (source) image.src = source;
    figure.append(image, element('figcaption', '', text));
    return figure;
  }

  again(page) {
    const { labels } = this.desk, { tool } = this, row = this.find('.pages-again .pages-row');
    const parts = [this.select(labels.pages_reader, tool.readers, tool.readers[0]?.[0])];
    if (tool.can_read_page) parts.push(this.select(labels.pages_which, this.numbers(), String(page)), this.button('page', labels.pages_read_page));
    row.replaceChildren(...parts, this.button('whole', labels.pages_read_whole));
  }

  split() {
    const { labels } = this.desk, strip = this.find('.pages-split .pages-strip'), count = this.starts.size + 1;
    strip.replaceChildren(...this.tool.pages.flatMap((source, page) => {
      const parts = [this.picture(source, fill(labels.pages_page, { page: page + 1 }))];
      if (page) {
        const mark = this.button('start', this.starts.has(page) ? '✂' : '┊', { page }, 'quiet pages-mark');
        mark.setAttribute('aria-pressed', String(this.starts.has(page)));
        mark.setAttribute('aria-label', fill(labels.pages_start, { page: page + 1 }));
        mark.title = fill(labels.pages_start, { page: page + 1 });
        parts.unshift(mark);
      }
      return parts;
    }));
    const done = this.button('split', fill(labels.pages_split_do, { count: count < 2 ? '…' : count }), {}, 'primary');
    done.disabled = count < 2;
    this.find('.pages-split .pages-row').replaceChildren(done);
  }

  cut() {
    const { labels } = this.desk, row = this.find('.pages-cut .pages-row'), range = element('input');
    Object.assign(range, { type: 'range', min: 5, max: 95, value: 50 });
    const place = element('label');
    place.append(element('span', '', labels.pages_at), range);
    const axis = this.select(labels.pages_axis, [['across', labels.pages_across], ['down', labels.pages_down]], 'across');
    const page = this.select(labels.pages_which, this.numbers(), '0');
    page.hidden = this.tool.pages.length < 2;
    row.replaceChildren(page, axis, place, this.button('cut', labels.pages_cut_do));
    this.line();
  }

  line() {
    const [page, axis] = this.find('.pages-cut .pages-row').querySelectorAll('select'), at = this.find('.pages-cut input').value, strip = this.find('.pages-cut .pages-strip');
    const source = this.tool.pages[Number(page.value)] ?? '', shown = strip.querySelector('img');
    if (!shown || shown.getAttribute('src') !== source) {
      const figure = this.picture(source, fill(this.desk.labels.pages_page, { page: Number(page.value) + 1 })), frame = element('span', 'pages-frame');
      frame.append(figure.firstChild, element('i', 'pages-line'));
      figure.prepend(frame);
      strip.replaceChildren(figure);
    }
    const line = strip.querySelector('.pages-line');
    line.dataset.axis = axis.value;
    line.style.inset = axis.value === 'across' ? `${at}% 0 auto 0` : `0 auto 0 ${at}%`;
  }

  join() {
    const { labels, data } = this.desk, { chosen } = this;
    const all = [{ id: data.record.id, name: data.record.name, about: labels.duplicate_here, image: this.tool.pages[0] }, ...this.tool.others];
    this.find('.pages-join .pages-strip').replaceChildren(...all.map(({ id, name, about, image, locked }) => {
      const place = chosen.indexOf(id) + 1, card = this.button('choose', '', { record: id }, 'quiet pages-card');
      card.disabled = Boolean(locked);
      card.setAttribute('aria-pressed', String(place > 0));
      card.append(this.picture(image, name), element('small', '', about), element('b', 'pages-place', place ? String(place) : ''));
      return card;
    }));
    const done = this.button('join', fill(labels.pages_join_do, { count: chosen.length < 2 ? '…' : chosen.length }), {}, 'primary');
    done.disabled = chosen.length < 2 || !chosen.includes(data.record.id);
    this.find('.pages-join .pages-row').replaceChildren(done);
  }

  back() {
    const { regrouped } = this.tool, { labels } = this.desk;
    if (!regrouped) return;
    this.find('.pages-back .pages-note').textContent = regrouped.text;
    this.find('.pages-back .pages-row').replaceChildren(...regrouped.records.map(([record, text]) => this.button('goto', text, { record }, 'quiet')),
      this.button('back', labels.pages_back_do));
  }

  run(name, { page, record }) {
    const { desk } = this, selects = selector => [...this.find(selector).querySelectorAll('select')].map(select => select.value);
    const [reader, number] = selects('.pages-again .pages-row'), [cutPage, axis] = selects('.pages-cut .pages-row');
    if (name === 'start') { const at = Number(page); if (!this.starts.delete(at)) this.starts.add(at); this.split(); this.find(`.pages-mark[data-page="${page}"]`).focus(); return; }
    if (name === 'choose') { this.chosen = this.chosen.includes(record) ? this.chosen.filter(id => id !== record) : [...this.chosen, record]; this.join(); this.find(`.pages-card[data-record="${record}"]`).focus(); return; }
    this.dialog.close();
    if (name === 'whole') desk.leave('read_again', { reader, page: null });
    if (name === 'page') desk.leave('read_again', { reader, page: Number(number) });
    if (name === 'split') desk.leave('split_document', { starts: [...this.starts].sort((a, b) => a - b) });
    if (name === 'cut') desk.leave('cut_page', { page: Number(cutPage), axis, at: Number(this.find('.pages-cut input').value) / 100 });
    if (name === 'join') desk.leave('join', { records: this.chosen });
    if (name === 'back') desk.leave('undo_regrouping');
    if (name === 'goto') desk.leave('goto', { other: record });
  }
}
