// A page of records: the name is the button that opens one; the whole row takes a click.

const TABLES = new WeakMap();

function node(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined && text !== null) made.textContent = text;
  return made;
}

function row(record, data) {
  const line = node('tr'), name = node('td'), open = node('button', 'open', record.name);
  line.dataset.id = record.id;
  open.type = 'button';
  open.setAttribute('aria-label', record.open);
  name.append(open);
  name.title = record.name;
  if (record.note) name.append(node('span', 'sub', ` ${record.note}`));
  const status = node('td');
  status.append(node('span', `status ${record.status}`, record.status_label));
  for (const mark of record.marks) status.append(node('span', 'aside', mark));
  if (record.reopen) {
    const again = node('button', 'reopen', data.labels.reopen);
    again.type = 'button';
    status.append(again);
  }
  const flags = node('td');
  for (const [level, sign, count] of record.flags) flags.append(node('span', `mark ${level}`, `${sign} ${count}`));
  line.append(name, status, flags);
  for (const text of [record.party, record.patient, record.date, record.number]) {
    const cell = node('td', '', text);
    cell.title = text;
    line.append(cell);
  }
  const total = node('td', 'right', record.total);
  if (record.risk) total.append(node('span', 'sub risk', record.risk));
  line.append(total);
  return line;
}

export default function ({ data, parentElement: root, setTriggerValue }) {
  let abort = TABLES.get(root);
  if (!abort) { abort = new AbortController(); TABLES.set(root, abort); }
  const head = node('tr');
  for (const [label, className] of data.columns) { const cell = node('th', className, label); cell.scope = 'col'; head.append(cell); }
  root.querySelector('thead').replaceChildren(head);
  const body = root.querySelector('tbody');
  body.replaceChildren(...data.records.map(record => row(record, data)));
  body.onclick = event => {
    const id = event.target.closest('tr')?.dataset.id;
    if (id) setTriggerValue(event.target.closest('.reopen') ? 'reopened' : 'opened', id);
  };
  return () => { abort.abort(); TABLES.delete(root); };
}
