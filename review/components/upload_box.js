// Many files, four at a time, each streamed to disk on the server. The page submits them once all have arrived.

const BOXES = new WeakMap();
const AT_ONCE = 4;

class UploadBox {
  constructor(root) {
    this.root = root.querySelector('.drop');
    this.abort = new AbortController();
    const on = (target, event, handler) => target.addEventListener(event, handler, { signal: this.abort.signal });
    const input = this.root.querySelector('input');
    this.chosen = () => { const files = [...input.files]; input.value = ''; this.take(files); };
    on(input, 'change', this.chosen);
    for (const event of ['dragenter', 'dragover']) on(this.root, event, drag => { drag.preventDefault(); this.root.classList.add('over'); });
    on(this.root, 'dragleave', () => this.root.classList.remove('over'));
    on(this.root, 'drop', drag => { drag.preventDefault(); this.root.classList.remove('over'); this.take([...drag.dataTransfer.files]); });
    on(window, 'beforeunload', event => { if (this.busy) event.preventDefault(); });
  }

  update(data) {
    const isFirst = !this.data;
    if (!this.busy) this.data = data;  // the address of the upload under way stays
    this.labels = data.labels;
    if (isFirst) this.chosen();  // who was quicker than this code has chosen files already
    this.root.querySelector('.lead').textContent = data.labels.drop;
    this.root.querySelector('.choose span').textContent = data.labels.choose;
    this.root.querySelector('.formats').textContent = data.labels.formats;
  }

  async take(files) {
    if (this.busy || !files.length) return;
    this.busy = true;
    const note = this.root.querySelector('.note'), list = this.root.querySelector('.refused');
    note.hidden = files.length <= this.data.most;
    note.textContent = this.labels.too_many;
    list.replaceChildren();
    const queue = files.slice(0, this.data.most).map((file, number) => ({ file, number })), total = queue.length;
    let done = 0, taken = 0;
    const lane = async () => {
      for (let next = queue.shift(); next; next = queue.shift()) {
        const refusal = await this.send(next.file, next.number);
        done += 1;
        if (refusal) this.refuse(list, next.file.name, refusal); else taken += 1;
        this.progress(done, total);
      }
    };
    this.progress(0, total);
    await Promise.all(Array.from({ length: AT_ONCE }, lane));
    this.busy = false;
    this.root.querySelector('.sending').hidden = true;
    if (taken) this.report('arrived', { upload: this.data.upload, count: taken });
  }

  // Returns why the file was refused, or nothing.
  async send(file, number) {
    if (file.size > this.data.bytes) return this.data.refusals.too_many_bytes;
    try {
      const answer = await fetch(this.data.address, { method: 'PUT', body: file, headers: { 'X-File-Number': String(number), 'X-File-Name': encodeURIComponent(file.name) } });
      if (answer.ok) return null;
      const { code } = await answer.json();
      return this.data.refusals[code] || code;
    } catch {
      return this.labels.lost;
    }
  }

  refuse(list, name, why) {
    const item = document.createElement('li'), bold = document.createElement('b');
    bold.textContent = name;
    item.append(bold, document.createTextNode(` · ${why}`));
    list.append(item);
  }

  progress(done, total) {
    const box = this.root.querySelector('.sending');
    box.hidden = false;
    box.querySelector('progress').value = done / total;
    box.querySelector('span').textContent = this.labels.sent.replace('{done}', done).replace('{total}', total);
  }
}

export default function ({ data, parentElement: root, setStateValue }) {
  let box = BOXES.get(root);
  if (!box) { box = new UploadBox(root); BOXES.set(root, box); }
  box.report = setStateValue;
  box.update(data);
  return () => { box.abort.abort(); BOXES.delete(root); };
}
