/** Has the browser save a file, as if its link had been clicked. */
export function save(document_: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(document_);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000); // the browser reads it after the click has returned
}
