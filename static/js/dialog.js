// <form data-confirm="id"> asks in <dialog id> before it posts; [data-dialog-open="id"] and [data-dialog-close] for other dialogs.
export function watchConfirms(root) {
  root.addEventListener("submit", (event) => {
    const id = event.target.dataset?.confirm;
    const dialog = id && root.getElementById(id);
    if (!dialog || event.submitter?.hasAttribute("data-confirm-yes")) return;
    event.preventDefault();
    dialog.showModal();
  });

  root.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-dialog-open]");
    if (opener) root.getElementById(opener.dataset.dialogOpen)?.showModal();
    if (event.target.closest("[data-dialog-close]")) event.target.closest("dialog").close();
    // A click on the backdrop hits the dialog itself, outside its box.
    if (event.target instanceof HTMLDialogElement && outside(event, event.target)) event.target.close();
  });
}

function outside(event, dialog) {
  const box = dialog.getBoundingClientRect();
  const within = event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
  return !within && event.clientX + event.clientY > 0; // Enter on a button reports 0, 0
}
