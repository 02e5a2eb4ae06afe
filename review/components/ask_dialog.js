// Questions that need an answer before something is done.

class AskDialog {
  constructor(desk, dialog) {
    Object.assign(this, { desk, dialog });
    const reason = dialog.querySelector('textarea'), okay = dialog.querySelector('.primary');
    desk.on(dialog, 'close', () => this.answer());
    desk.on(dialog, 'input', () => { okay.disabled = !reason.value.trim(); });
    desk.on(dialog.querySelector('.reasons'), 'click', event => {
      if (event.target.tagName !== 'BUTTON') return;
      reason.value = event.target.textContent;
      okay.disabled = false;
      okay.focus();
    });
    desk.on(dialog.querySelector('menu .plain'), 'click', () => dialog.close('cancel'));
  }

  ask(kind, flag) {
    const { dialog } = this, { labels } = this.desk;
    dialog.querySelector('h2').textContent = labels[`${kind}_title`];
    dialog.querySelector('p').textContent = kind === 'override' && flag ? `${flag.title} — ${labels.override_text}` : labels[`${kind}_text`];
    dialog.querySelector('label span').textContent = labels.reason;
    dialog.querySelector('.reasons').replaceChildren(...labels[`${kind}_reasons`].map(text => { const button = element('button', 'quiet', text); button.type = 'button'; return button; }));
    const [cancel, okay] = dialog.querySelectorAll('menu button'), reason = dialog.querySelector('textarea');
    cancel.textContent = labels.cancel;
    okay.textContent = labels[`${kind}_do`];
    reason.value = '';
    okay.disabled = true;
    this.asking = { kind, flag };
    dialog.returnValue = '';
    dialog.showModal();
    reason.focus();
  }

  answer() {
    const { desk, dialog } = this, reason = dialog.querySelector('textarea').value.trim(), { kind, flag } = this.asking || {};
    if (dialog.returnValue !== 'ok' || !reason || !kind) return;
    if (kind === 'override') desk.override(flag.key, reason); else desk.act(kind, { reason });
  }
}
