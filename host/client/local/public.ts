/** `@portico/local`: what is kept on the device, shared by page and worker. */

export {};
