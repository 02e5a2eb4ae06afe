// A box on the page read again into the focused cell. What was read stands in the cell like something typed: Enter or
// leaving the cell takes it, Esc takes it back. Whoever goes on meanwhile has given it up.

const PRECISION = 10000;

class RegionReader {
  constructor(desk) {
    Object.assign(this, { desk, found: null, asked: null });
    this.marker = desk.viewer.region;
    this.marker.read = (page, box) => this.read(page, box);
    this.marker.drop = () => this.drop();
    this.marker.forget = () => this.forget();
  }

  // By key: the box of the focused cell is proposed, Enter reads it.
  propose() {
    const path = this.desk.focused, box = path && this.desk.viewer.whereabouts(path);
    if (!this.marker.isAble || !this.desk.data.editable) return;
    if (!box) { this.marker.tell(this.desk.labels[path ? 'region_nowhere' : 'region_no_cell'], 'warning'); return; }
    this.path = path;
    this.marker.propose(box);
    this.marker.tell(this.desk.labels.region_keys);
  }

  async read(page, box) {
    const { desk, marker } = this, path = desk.focused, { data, labels } = desk;
    if (!data.editable) { marker.clear(); return; }
    if (!path) { marker.clear(); marker.tell(labels.region_no_cell, 'warning'); return; }
    this.asked?.abort();
    const asked = new AbortController();
    Object.assign(this, { asked, path, found: null });
    desk.focus(path, { stay: true });
    marker.show(box);
    marker.tell(fill(labels.region_reading, { cell: this.name(path) }), 'busy');
    const query = new URLSearchParams({ page, box: box.map(edge => Math.round(edge * PRECISION)).join('-'), path, type: data.record.type });
    try {
      const answer = await fetch(`${data.viewer.reading}&${query}`, { signal: asked.signal });
      if (this.asked !== asked) return;
      this.asked = null;
      this.take(path, page, box, answer.ok ? await answer.json() : { problem: 'failed' });
    } catch {
      if (this.asked !== asked) return;
      this.asked = null;
      marker.tell(labels.region_failed, 'error');
    }
  }

  take(path, page, box, answer) {
    const { desk, marker } = this, { labels } = desk, cell = desk.cell(path);
    if (!cell || desk.focused !== path) { this.drop(); return; }
    if (answer.problem || !answer.text) {
      marker.tell(fill(labels[`region_${answer.problem || 'empty'}`], { text: answer.seen, cell: this.name(path) }), 'error');
      return;
    }
    this.found = { path, text: answer.text, region: { page, box, text: answer.seen } };
    cell.input.value = answer.text;
    cell.input.dispatchEvent(new Event('input', { bubbles: true }));
    cell.input.select?.();
    const same = !cell.dirty;
    marker.tell(fill(labels[same ? 'region_same' : answer.is_sure ? 'region_found' : 'region_unsure'], { text: answer.text }), answer.is_sure ? '' : 'warning');
  }

  name(path) { return this.desk.data.viewer.boxes.find(each => each.path === path)?.label ?? this.desk.cell(path)?.input.getAttribute('aria-label')?.split('.')[0] ?? path; }

  // What goes with a text that is about to be saved: the box that it was read from.
  used(path, text) {
    const { found } = this;
    if (found?.path !== path) return {};
    this.end();
    return found.text === text ? { region: found.region } : {};
  }

  // Another cell has the focus: what was asked for this one is not wanted any more.
  left(path) { if (this.path && path !== this.path) this.drop(); }

  // Another document is shown: the same cell of it must not get what was asked for this one.
  forget() {
    this.asked?.abort();
    this.asked = null;
    this.end();
  }

  drop() {
    const { path } = this;
    this.forget();
    if (path && this.desk.focused === path && this.desk.node.getRootNode().activeElement !== this.desk.cell(path)?.input) this.desk.focus(path);
  }

  end() {
    Object.assign(this, { found: null, path: null });
    this.marker.clear();
    this.marker.tell('');
  }
}
