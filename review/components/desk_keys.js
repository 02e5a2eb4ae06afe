// The keys of the desk, wherever on the screen the focus is: from a key to its action, from an action to what is done.

const ROW_ACTIONS = ['insert', 'delete', 'swap', 'swap_all', 'move_up', 'move_down', 'merge_above', 'merge_below', 'split', 'row_menu'];
const DOCUMENT_ACTIONS = { skip: 'next', back: 'back', reject: 'reject', postpone: 'postpone', send_back: 'send_back', comment: 'comment', compare: 'compare', pages: 'pages' };

class DeskKeys {
  constructor(desk) {
    this.desk = desk;
    this.map = new KeyMap();
    desk.on(document, 'keydown', event => this.press(event), { capture: true });
  }

  press(event) {
    const { desk } = this, inside = event.composedPath().includes(desk.node), target = event.composedPath()[0], name = KeyMap.nameOf(event);
    if (!name || !desk.data || event.isComposing || event.keyCode === 229 || desk.node.querySelector('dialog[open]') || desk.menu.isOpen) return;
    if (!inside && target !== document.body && target !== document.documentElement && !(name.length > 1 && this.map.actionsOf(name).includes('help'))) return;
    if (target === desk.viewer.stage && desk.viewer.region?.box && !event.ctrlKey) return;  // its keys are the box's
    const action = this.shortcut(name, target);
    if (!action) return;
    event.preventDefault();
    event.stopPropagation();
    action();
  }

  shortcut(name, target) {
    const { desk, map } = this, { cell } = target, typing = ['INPUT', 'SELECT', 'TEXTAREA'].includes(target.tagName), button = ['BUTTON', 'SUMMARY'].includes(target.tagName);
    if (name === 'Escape' && cell) return () => { cell.restore(); desk.regions?.end(); desk.keepDraft(); target.select?.(); };
    for (const action of map.actionsOf(name)) {
      if ((name.length === 1 && typing) || (button && ['Enter', 'Space'].includes(name))) continue;
      if (map.isImage(action)) {
        if (target === desk.viewer.stage && desk.viewer.data?.pages.length) return () => desk.viewer.actions[action]?.();
        continue;
      }
      const run = this.run(action, name, cell, target);
      if (run) return run;
    }
    return target === desk.viewer.stage && map.isFormer(name) ? () => {} : null;
  }

  run(action, name, cell, target) {
    const { desk } = this;
    if (ROW_ACTIONS.includes(action)) return this.row(action, cell);
    if (action in DOCUMENT_ACTIONS) return desk.data.actions.includes(DOCUMENT_ACTIONS[action]) ? () => desk.press(DOCUMENT_ACTIONS[action]) : null;
    const simple = {
      help: () => desk.help.open(), approve: () => desk.approve(), next: () => desk.next(1), previous: () => desk.next(-1),
      alternative: () => desk.take(desk.flags.alternatives?.[Number(name.slice(-1)) - 1]), reread_box: () => desk.regions?.propose(),
    };
    if (simple[action]) return simple[action];
    if (action === 'undo' || action === 'redo') return cell?.dirty ? null : () => { if (desk.data.actions.includes(action)) desk.act(action); };  // the browser takes back the typing itself
    if (action === 'duplicates') return desk.data.duplicates.length ? () => desk.duplicates.open() : null;
    if (!cell) return null;
    return action === 'unreadable' ? () => this.unreadable(cell) : this.beside(cell, action === 'up' ? -1 : 1, target);
  }

  unreadable(cell) {
    const { desk } = this;
    if (!desk.data.editable) return;
    cell.input.value = cell.input.tagName === 'SELECT' ? '' : '?';
    desk.act('correct', { path: cell.cell.path, text: '?' });
    cell.saved = cell.input.value;
  }

  beside(cell, step, target) {
    const { desk } = this;
    if (target.tagName === 'SELECT') return null;
    const beside = desk.tables.map(table => table.find(cell.cell.path) && table.beside(cell.cell.path, step)).find(Boolean);
    return beside ? () => desk.focus(beside.cell.path) : null;
  }

  row(action, cell) {
    const [table, row] = (cell?.cell.path || '').split('.'), owner = this.desk.tables.find(each => each.name === table);
    if (!owner || row === undefined) return null;
    return action === 'row_menu' ? () => owner.menu(Number(row)) : () => owner.change(action, Number(row));
  }
}
