if (!globalThis.mended) throw new Error('help: not mended');
export const helped = 'It works again';
