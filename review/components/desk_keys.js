// The keys of the desk: which key means what, wherever on the screen the focus is.

class DeskKeys {
  constructor(desk) {
    this.desk = desk;
    desk.on(document, 'keydown', event => this.press(event), { capture: true });
  }

  press(event) {
    const { desk } = this, inside = event.composedPath().includes(desk.node), target = event.composedPath()[0];
    if (!desk.data || event.isComposing || event.keyCode === 229 || desk.node.querySelector('dialog[open]')) return;
    if (!inside && target !== document.body && target !== document.documentElement && event.key !== 'F1') return;
    if (target === desk.viewer.stage && desk.viewer.region.box && !event.ctrlKey) return;  // its keys are the box's
    const action = this.shortcut(event, target);
    if (!action) return;
    event.preventDefault();
    event.stopPropagation();
    action();
  }

  shortcut(event, target) {
    const { desk } = this, control = event.ctrlKey || event.metaKey, cell = target.cell, typing = ['INPUT', 'SELECT', 'TEXTAREA'].includes(target.tagName);
    const button = ['BUTTON', 'SUMMARY'].includes(target.tagName);
    if (event.key === 'F1' || (event.key === '?' && !typing)) return () => desk.help.open();
    if (control && event.key === 'Enter') return () => desk.approve();
    if (event.key === 'Enter' && !control && !event.altKey && !button) return () => desk.next(event.shiftKey ? -1 : 1);
    if (control && !event.altKey && ['z', 'y'].includes(event.key.toLowerCase())) return this.history(event, cell);
    if (event.altKey && !control && event.code === 'KeyC') return desk.data.actions.includes('compare') ? () => desk.press('compare') : null;
    if (event.altKey && !control) return this.alternative(event, cell);
    if (!cell) return null;
    if (event.key === 'Escape') return () => { cell.restore(); desk.regions.end(); desk.keepDraft(); target.select?.(); };
    if (['ArrowUp', 'ArrowDown'].includes(event.key) && target.tagName !== 'SELECT') {
      const beside = desk.tables.map(table => table.find(cell.cell.path) && table.beside(cell.cell.path, event.key === 'ArrowUp' ? -1 : 1)).find(Boolean);
      return beside ? () => desk.focus(beside.cell.path) : null;
    }
    return null;
  }

  history(event, cell) {
    const { desk } = this;
    if (cell?.dirty) return null;  // the browser takes back the typing itself
    const name = event.key.toLowerCase() === 'y' || event.shiftKey ? 'redo' : 'undo';
    return () => { if (desk.data.actions.includes(name)) desk.act(name); };
  }

  alternative(event, cell) {
    const { desk } = this;
    const digit = /^(?:Digit|Numpad)(\d)$/.exec(event.code)?.[1];
    if (digit === '0') return cell ? () => { if (desk.data.editable) { cell.input.value = cell.input.tagName === 'SELECT' ? '' : '?'; desk.act('correct', { path: cell.cell.path, text: '?' }); cell.saved = cell.input.value; } } : null;
    if (digit) return () => desk.take(desk.flags.alternatives?.[Number(digit) - 1]);
    if (event.code === 'KeyB') return () => desk.regions.propose();
    if (event.code === 'KeyD') return desk.data.duplicates.length ? () => desk.duplicates.open() : null;
    const [table, row] = (cell?.cell.path || '').split('.'), change = { KeyI: 'insert', Delete: 'delete', KeyS: 'swap' }[event.code];
    const owner = desk.tables.find(each => each.name === table);
    return change && owner && row !== undefined ? () => owner.change(change, Number(row)) : null;
  }
}
